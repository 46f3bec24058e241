/** What the two foreign generators are told: who logs in with what, where, and how often they send. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { signToken } from '../../reference-server/token.ts';
import type { Population } from '../../scenarios/population.ts';

const TOKEN_SEC = 3_600;

export interface Logins {
  readonly users: number;
  readonly edges: readonly string[];
  readonly intervalMs: number;
  readonly connectMs: number;
  /** On the host; the containers see it as `/load`. It goes with the cluster. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function writeLogins(
  cluster: Cluster,
  population: Population,
  { intervalMs, connectMs }: { readonly intervalMs: number; readonly connectMs: number },
): Promise<Logins> {
  const directory = await mkdtemp(join(cluster.stateDirectory, 'bench-'));
  const logins = await Promise.all(
    population.channelsOfUser.map(async (channels, user) => ({
      user,
      token: await signToken(cluster.secrets.tokenSecret, user, TOKEN_SEC),
      channels,
    })),
  );
  await writeFile(join(directory, 'logins.json'), JSON.stringify(logins), { mode: 0o600 });
  const { users } = population;
  return {
    ...{ users, edges: cluster.edges, intervalMs, connectMs, directory },
    environment: {
      HOLDFAST_USERS: '/load/logins.json',
      HOLDFAST_EDGES: cluster.edges.join(','),
      HOLDFAST_INTERVAL_MS: String(intervalMs),
      HOLDFAST_CONNECT_MS: String(connectMs),
      HOLDFAST_COUNT: String(users),
      HOLDFAST_NONCE: randomBytes(4).toString('hex'),
    },
  };
}
