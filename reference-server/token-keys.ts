/**
 * The keys that users' tokens are signed with, by their id (`kid`). Several
 * may be valid at once, so that a key can be changed without anybody being
 * thrown out: add the new one everywhere, sign with it, take the old one away
 * when the last token signed with it has expired.
 *
 * The file is JSON: `{ "2026-11": "a secret", "2026-12": "another" }`. It is
 * read again when it changes and on demand; one that cannot be read, or has no
 * keys, changes nothing. A token without a `kid` is held against the one secret
 * of the environment, if there is one.
 *
 * Limits: a socket that is open stays open when its key goes. Whoever writes the file in place twice
 * within a tick of the kernel's clock (4 ms), both times at the same length, may see the second missed.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Metrics } from './metrics.ts';

/** 16 characters: less is guessable. */
export const SECRET_LENGTH_MIN = 16;
/** Looked at, not listened to: a file that is mounted or replaced as a whole tells nobody. */
const LOOK_EVERY_MS = 1_000;

/** Key id → key; '' for tokens that name none. */
export type TokenKeys = ReadonlyMap<string, KeyObject>;

const fileSchema = z
  .record(z.string().min(1), z.string().min(SECRET_LENGTH_MIN))
  .refine((keys) => Object.keys(keys).length > 0, 'a file of keys holds at least one');

export const tokenKey = (secret: string): KeyObject => createSecretKey(Buffer.from(secret, 'utf8'));

export const oneTokenKey = (secret: string): TokenKeys => new Map([['', tokenKey(secret)]]);

export interface TokenKeysOptions {
  /** Of tokens that name no key. */
  readonly secret: string | undefined;
  readonly file: string | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface WatchedTokenKeys extends Disposable {
  readonly current: TokenKeys;
  /** Reads the file now. */
  reload(): void;
}

function readKeys(file: string | undefined, secret: string | undefined): TokenKeys {
  const keys = new Map(secret === undefined ? [] : oneTokenKey(secret));
  if (file === undefined) return keys;
  const secrets = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const [id, each] of Object.entries(secrets)) keys.set(id, tokenKey(each));
  return keys;
}

/** Changes when the file is written, replaced, lost or found. */
function stateOf(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch (error) {
    return nameOf(error);
  }
}

/** Throws when the file cannot be read now; later that is only logged and counted. */
export function watchTokenKeys({ secret, file, metrics, log }: TokenKeysOptions): WatchedTokenKeys {
  // As it was before it was read: what is written meanwhile is a change.
  let seen = stateOf(file);
  let current = readKeys(file, secret);

  function reload(): void {
    seen = stateOf(file);
    try {
      current = readKeys(file, secret);
      metrics.tokenKeyReloads.inc({ outcome: 'ok' });
      log.info({ keys: [...current.keys()] }, 'token keys read');
    } catch (error) {
      metrics.tokenKeyReloads.inc({ outcome: 'failed' });
      // A message of the parser may quote what it read.
      const reason = error instanceof SyntaxError ? 'not JSON' : nameOf(error);
      log.error({ file, reason }, 'token keys not read; the old ones stay');
    }
  }

  const looking = setInterval(() => {
    if (stateOf(file) !== seen) reload();
  }, LOOK_EVERY_MS).unref();
  return {
    get current() {
      return current;
    },
    reload,
    [Symbol.dispose]: () => clearInterval(looking),
  };
}

/** `ENOENT`, or the places in the file that are wrong: never what stands there. */
function nameOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', ');
  }
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
