/**
 * What only this cluster knows, made when it is started: the key of the users'
 * tokens and the passwords of the database. Kept in its state directory,
 * readable by its owner alone, so that later runs can use the cluster.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';

export const secretsSchema = z.strictObject({
  /** HS256 key of the users' tokens. */
  tokenSecret: z.string().min(32),
  superuserPassword: z.string(),
  replicationPassword: z.string(),
  rewindPassword: z.string(),
  /** The chat service's own login. */
  chatPassword: z.string(),
  /** The harness's login. */
  harnessPassword: z.string(),
});
export type Secrets = Readonly<z.infer<typeof secretsSchema>>;

/** 192 bits, in letters that need no quoting in a URL, a shell or SQL. */
const createPassword = (): string => randomBytes(24).toString('base64url');

/** HAProxy seals new tickets with the last but one of at least three, and opens those of all. */
const TICKET_KEYS = 3;
/** Of AES-256 and HMAC-SHA-256, and the name of 16 bytes by which it is found. */
const TICKET_KEY_BYTES = 80;

/** For the edges, which keep them as they do their certificate's key: nobody else needs them. */
export const createTicketKeys = (): string =>
  Array.from(
    { length: TICKET_KEYS },
    () => `${randomBytes(TICKET_KEY_BYTES).toString('base64')}\n`,
  ).join('');

export const createSecrets = (): Secrets => ({
  tokenSecret: randomBytes(48).toString('base64url'),
  superuserPassword: createPassword(),
  replicationPassword: createPassword(),
  rewindPassword: createPassword(),
  chatPassword: createPassword(),
  harnessPassword: createPassword(),
});
