/**
 * Everything the server is told, read once from the environment. What has a
 * default may be left out; what has none must be there, or the server says
 * which one is missing and does not start.
 */
import { z } from 'zod';
import { rolesSchema } from './roles.ts';
import { SECRET_LENGTH_MIN } from './token-keys.ts';

const count = (standard: number) => z.coerce.number().int().min(1).default(standard);
const rate = (standard: number) => z.coerce.number().positive().default(standard);
const urlOf = (...protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
/** Comma-separated; the database's number is its place in the list (`placement.ts`). */
const postgresUrls = z
  .string()
  .transform((list) => list.split(',').map((url) => url.trim()))
  .pipe(z.array(urlOf('postgres:', 'postgresql:')).min(1));

const environmentSchema = z
  .object({
    /** What it does for the service, comma-separated; by default all of it. */
    ROLES: rolesSchema,
    /** Users at /chat; GET /healthz, /readyz and /metrics on the same port. */
    PORT: z.coerce.number().int().min(0).max(65_535).default(9001),
    /** Name in logs and at the peers. */
    SERVER_ID: z.string().min(1).default('app1'),
    /** Each database's: leads to its primary, whichever member that is. */
    WRITE_URLS: postgresUrls,
    /** Each database's, in the same order: leads to any of its replicas. */
    READ_URLS: postgresUrls,
    /** Comma-separated `host:port` or `nats://host:port`. */
    NATS_URLS: z
      .string()
      .transform((list) => list.split(',').map((server) => server.trim()))
      .pipe(z.array(z.string().min(1)).min(1)),
    /** HS256 key of the users' tokens that name none; a gateway needs it, or a file of keys. */
    TOKEN_SECRET: z.string().min(SECRET_LENGTH_MIN).optional(),
    /** Keys by their id (`token-keys.ts`); read again when the file changes, and on SIGHUP. */
    TOKEN_KEYS_FILE: z.string().min(1).optional(),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info'),

    /**
     * Writing connections to each database; a channel always uses the same one. One is enough for
     * 50,000 messages/s; more of them make smaller batches and so more commits.
     */
    LANES: count(1),
    /**
     * Requests to ingests under way at once, in the place of lanes, where this server only passes
     * messages on; a channel always uses the same one. So many that a message seldom finds its own
     * in use: with 333 messages/s over three gateways half were stored within 24 ms with one of
     * them, 15 ms with four, and 13 ms with 16 or more.
     */
    INGEST_LANES: count(32),
    /**
     * For an ingest's answer; then another is asked with the same keys. Longer than nearly every
     * commit takes, short enough for who waits for an ingest that died.
     */
    INGEST_TIMEOUT_MS: count(2_000),
    /** For a history server's answer: it asks a replica, and then the primary. */
    HISTORY_TIMEOUT_MS: count(3_500),
    /**
     * Of one commit. More than a server gathers at its limit, so that nothing is left over; and no
     * more than a reader's socket takes at once, were all of them for one channel.
     */
    BATCH_MESSAGES_MAX: count(1_000),
    /**
     * From the beginning of a batch to that of the next, at least: a commit costs the same for one
     * message as for ten. A message that comes after a rest is stored at once.
     */
    GATHER_MS: z.coerce.number().int().min(0).max(1_000).default(15),
    /** The same while the server is at its limit (`gathering.ts`). */
    GATHER_MS_AT_LIMIT: z.coerce.number().int().min(0).max(1_000).default(60),
    /** Messages waiting for their commit in a database, all its lanes together; beyond it: `busy`. */
    QUEUE_MESSAGES_MAX: count(20_000),
    /** From the taking of a message to an answer, at most: stored, busy, or unconfirmed. */
    SEND_DEADLINE_MS: count(10_000),
    /**
     * What waits was not confirmed for so long: new messages are answered `busy` until it is. Longer
     * than a failover takes, so that one is waited out and not answered.
     */
    CIRCUIT_OPEN_AFTER_MS: count(6_000),
    /** How often a batch that waits is tried while the circuit is open. */
    CIRCUIT_PROBE_EVERY_MS: count(250),
    /** What a client that was answered `busy` is told to wait at least. */
    RETRY_AFTER_MS: count(1_000),
    /** A statement that took longer is given up and sent again on a new connection. */
    STATEMENT_TIMEOUT_MS: count(3_000),
    /**
     * A connection that is not there by then is tried again. Short: during a failover the way may
     * lead to a server that is gone, and the next try finds the new primary.
     */
    CONNECT_TIMEOUT_MS: count(1_000),
    READ_TIMEOUT_MS: count(1_500),
    READ_CONNECTIONS: count(4),
    /** How long a missing sequence may still come by NATS before the database is asked. */
    GAP_PATIENCE_MS: count(100),
    /** How often the heads of all channels in use are compared with the database. */
    CATCH_UP_INTERVAL_MS: count(5_000),
    /** Recent messages kept to serve reconnecting users without a query; about 0.5 KB each. */
    RECENT_MESSAGES_MAX: count(50_000),
    /** Messages kept so that readers of a channel's newest page need no query; 0: none. */
    HISTORY_CACHE_MESSAGES_MAX: z.coerce.number().int().min(0).default(20_000),

    /** Frames a user may send, all its sockets on this server together: a fast typist sends one a second. */
    USER_REQUESTS_HZ: rate(50),
    USER_REQUESTS_BURST: count(200),
    /**
     * Frames and logins from one address. Generous: behind one address there may be a whole company,
     * or, where balancers do not say whom they pass on, all users of an edge who come back at once.
     */
    ADDRESS_REQUESTS_HZ: rate(10_000),
    ADDRESS_REQUESTS_BURST: count(40_000),
    ADDRESS_LOGINS_HZ: rate(2_000),
    ADDRESS_LOGINS_BURST: count(20_000),
    /** The balancers say whom they pass on (PROXY protocol v2). Only where nobody else reaches the port. */
    PROXY_PROTOCOL: z.stringbool().default(false),

    /** A socket that lets this much pile up is closed; its user resumes after reconnecting. */
    BACKPRESSURE_BYTES_MAX: count(1 << 20),
    /** Behind all the time for so long (more than 64 KB not read): closed, and may resume. */
    SLOW_READER_PATIENCE_MS: count(30_000),
    /** Silence after which a socket counts as dead; pings are sent in time to prevent it. */
    IDLE_TIMEOUT_SEC: z.coerce.number().int().min(8).max(960).default(120),
    /** From SIGTERM to exit, at most. */
    DRAIN_TIMEOUT_MS: count(10_000),
  })
  .refine(
    ({ ROLES, TOKEN_SECRET, TOKEN_KEYS_FILE }) =>
      !ROLES.includes('gateway') || (TOKEN_SECRET ?? TOKEN_KEYS_FILE),
    { path: ['TOKEN_SECRET'], error: 'there must be a TOKEN_SECRET or a TOKEN_KEYS_FILE' },
  )
  .refine(({ WRITE_URLS, READ_URLS }) => WRITE_URLS.length === READ_URLS.length, {
    path: ['READ_URLS'],
    error: 'there must be as many READ_URLS as WRITE_URLS',
  });

export type Config = Readonly<z.infer<typeof environmentSchema>>;

/** Throws with one line for each variable that is missing or wrong; values are not repeated. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment does not describe a chat server:\n${lines.join('\n')}`);
}
