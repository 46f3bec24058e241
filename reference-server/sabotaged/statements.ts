/**
 * A writing connection whose statements are the sabotage's own: opens it,
 * gives it up after an error or a time-out, as the real one does.
 */
import pg from 'pg';
import type { AppendConnection, AppendConnectionOptions, AppendOutcome } from '../append.ts';
import type { Draft } from '../message.ts';

export interface Place {
  readonly sequence: number;
  readonly conflict: boolean;
}

/** Stores the drafts and returns the place of each, in their order. */
export type Store = (client: pg.Client, drafts: readonly Draft[]) => Promise<readonly Place[]>;

export async function openStatements(
  { url, connectTimeoutMs, timeoutMs, applicationName }: AppendConnectionOptions,
  store: Store,
): Promise<AppendConnection> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: timeoutMs,
  });
  let isSpent = false;
  const spend = () => {
    if (isSpent) return;
    isSpent = true;
    client.end().catch(() => undefined);
  };
  client.on('error', spend);
  await client.connect();
  return {
    async append(drafts): Promise<AppendOutcome> {
      try {
        return { kind: 'stored', places: await store(client, drafts) };
      } catch (error) {
        spend();
        return { kind: 'unconfirmed', reason: 'connection', detail: String(error) };
      }
    },
    get isSpent() {
      return isSpent;
    },
    [Symbol.dispose]: spend,
  };
}
