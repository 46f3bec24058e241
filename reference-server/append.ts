/**
 * One attempt to store a batch: one autocommit statement on one connection.
 *
 * The outcome is `stored` only if the statement returned, and the server said
 * nothing else meanwhile. PostgreSQL tells of a commit that is not replicated
 * by a warning only ("canceling wait for synchronous replication"), so any
 * notice during the statement makes its outcome `unconfirmed`, and so do a
 * lost connection and a time-out: the batch may be stored or not, and is sent
 * again with the same keys. A statement is never cancelled on the server:
 * cancelling is just what turns a wait for replication into a local commit.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import type { Draft } from './message.ts';

export const RETRY_REASONS = [
  'connection',
  'timeout',
  'not-replicated',
  'read-only',
  'conflict',
  'database',
  // Of an ingest that was asked (`remote-append.ts`).
  'busy',
] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

export type AppendOutcome =
  /** Committed and replicated: each draft's sequence in order; `conflict`: the key is another message's. */
  | {
      readonly kind: 'stored';
      readonly places: readonly { readonly sequence: number; readonly conflict: boolean }[];
    }
  /** May be stored or not: send it again, on a new connection. */
  | { readonly kind: 'unconfirmed'; readonly reason: RetryReason; readonly detail: string }
  /** Something in this batch can never be stored; nothing of it was. */
  | { readonly kind: 'refused'; readonly sqlState: string; readonly detail: string };

export interface AppendConnection extends Disposable {
  append(drafts: readonly Draft[]): Promise<AppendOutcome>;
  /** True once the connection broke or an outcome was not confirmed: open another. */
  readonly isSpent: boolean;
}

export interface AppendConnectionOptions {
  readonly url: string;
  readonly connectTimeoutMs: number;
  /** For a statement's answer. */
  readonly timeoutMs: number;
  readonly applicationName: string;
}

const APPEND = {
  name: 'append_messages',
  text: 'select sequence::float8 as sequence, conflict from append_messages($1, $2, $3, $4)',
};

class StatementTimeout extends Error {}

/** Data and constraints that no retry mends; everything else heals with time or a new primary. */
function isHopeless(sqlState: string, constraint: string | undefined): boolean {
  // Another server stored one of the keys meanwhile: the next attempt finds it.
  if (sqlState === '23505' && constraint === 'messages_pkey') return false;
  return /^(?:22|23|54)/.test(sqlState);
}

function reasonOf(sqlState: string): RetryReason {
  if (/^(?:08|57P0)/.test(sqlState)) return 'connection';
  if (sqlState === '25006') return 'read-only';
  if (/^40|^23505$|^55P03$/.test(sqlState)) return 'conflict';
  return 'database';
}

function outcomeOf(error: unknown): AppendOutcome {
  if (error instanceof StatementTimeout) {
    return { kind: 'unconfirmed', reason: 'timeout', detail: error.message };
  }
  if (error instanceof pg.DatabaseError && error.code !== undefined) {
    const detail = `${error.code} ${error.message}`;
    return isHopeless(error.code, error.constraint)
      ? { kind: 'refused', sqlState: error.code, detail }
      : { kind: 'unconfirmed', reason: reasonOf(error.code), detail };
  }
  return { kind: 'unconfirmed', reason: 'connection', detail: String(error) };
}

/** Opens a connection to the primary; rejects when there is none within the time. */
export async function openAppendConnection(
  options: AppendConnectionOptions,
): Promise<AppendConnection> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: options.url,
    stream: () => socket,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs,
    // A statement given up here must not wait for a row lock there for ever: after a
    // stall every retry would leave one more backend behind.
    lock_timeout: Math.ceil(options.timeoutMs * 0.8),
    // The promise of an acknowledgement rests on it, so it is not left to a default.
    options: '-c synchronous_commit=on',
  });
  let isSpent = false;
  let notice: string | undefined;
  const spend = () => {
    isSpent = true;
    socket.destroy();
  };
  client.on('error', spend);
  client.on('notice', (message) => {
    notice ??= `${message.code ?? ''} ${message.message ?? ''}`.trim();
  });
  await client.connect();

  async function run(drafts: readonly Draft[]): Promise<AppendOutcome> {
    notice = undefined;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new StatementTimeout(`no answer after ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    try {
      const answered = client.query<{ sequence: number; conflict: boolean }>({
        ...APPEND,
        values: [
          drafts.map((draft) => draft.key),
          drafts.map((draft) => draft.channel),
          drafts.map((draft) => draft.author),
          drafts.map((draft) => draft.body),
        ],
      });
      // After a time-out nobody else waits for it.
      answered.catch(() => undefined);
      const { rows } = await Promise.race([answered, late]);
      if (notice !== undefined) {
        return { kind: 'unconfirmed', reason: 'not-replicated', detail: notice };
      }
      if (rows.length !== drafts.length) {
        const detail = `${rows.length} places for ${drafts.length} messages`;
        return { kind: 'unconfirmed', reason: 'database', detail };
      }
      return { kind: 'stored', places: rows };
    } catch (error) {
      return outcomeOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async append(drafts) {
      const outcome = await run(drafts);
      if (outcome.kind === 'unconfirmed') spend();
      return outcome;
    },
    get isSpent() {
      return isSpent;
    },
    [Symbol.dispose]: spend,
  };
}
