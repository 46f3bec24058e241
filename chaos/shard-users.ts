/** The users of a shard before they begin: their tokens, and their ledger's header. */
import { writeFile } from 'node:fs/promises';
import { signToken } from '../reference-server/token.ts';
import { CLIENT_LEDGER_SCHEMA, type ClientLedgerHeader } from '../scenarios/client-ledger.ts';
import type { Schedule } from '../scenarios/schedule.ts';
import type { SessionUser } from '../scenarios/session.ts';
import type { LoadOptions } from './load.ts';
import { clientLedgerFile, inRun } from './run-directory.ts';

/** Longer than any run; a token that expires under way would look like an outage. */
const TOKEN_SEC = 49 * 3_600;

/** Some users in a ledger of their own. */
export type ShardUsers = Schedule &
  Pick<ClientLedgerHeader, 'shard' | 'epochMs' | 'firstUser' | 'users' | 'virtualUsers'>;

/** Begins the ledger of a shard: all else is added by whoever runs its users. */
export async function beginLedger(
  { run, runName, nonce }: LoadOptions,
  { seed, sendFromMs, intervalMs, rates, ...shard }: ShardUsers,
  readers: number,
): Promise<string> {
  const header: ClientLedgerHeader = {
    ...{ schema: CLIENT_LEDGER_SCHEMA, run: runName, runNonce: nonce },
    ...{ shard: shard.shard, epochMs: shard.epochMs },
    ...{ seed, sendFromMs, intervalMs, rates },
    ...{
      firstUser: shard.firstUser,
      users: shard.users,
      virtualUsers: shard.virtualUsers,
      readers,
    },
  };
  const path = inRun(run, clientLedgerFile(shard.shard));
  await writeFile(path, `${JSON.stringify(header)}\n`, { flag: 'wx' });
  return path;
}

export const loginsOf = (
  { cluster, population }: LoadOptions,
  { firstUser, users }: ShardUsers,
): Promise<readonly SessionUser[]> =>
  Promise.all(
    numbersFrom(firstUser, users).map(async (user) => {
      const token = await signToken(cluster.secrets.tokenSecret, user, TOKEN_SEC);
      return { user, token, channels: population.channelsOfUser[user] ?? [0, 0, 0] };
    }),
  );

const numbersFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);
