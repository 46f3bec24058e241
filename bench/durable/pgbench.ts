/**
 * What the database does by itself: `pgbench` on the primary's own socket,
 * each transaction one row inserted and committed, which waits for the
 * synchronous quorum as every commit of the cluster does. Prepared statements,
 * and rows like messages: a unique key and a body of the mission's length.
 */
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';

export const CLIENTS = 32;

export const BARE_TABLE = `
  create table if not exists bench_rows (
    key text primary key, channel integer not null, author integer not null,
    body text not null, created_at timestamptz not null default clock_timestamp()
  )`;
export const BARE_INSERT =
  'insert into bench_rows (key, channel, author, body) values ($1, $2, $3, $4)';

const SCRIPT = `\\set author random(1, 1000000000)
insert into bench_rows (key, channel, author, body)
  values (gen_random_uuid()::text, :author % 1000, :author, repeat('so the tide came in ', 4));
`;
const SCRIPT_FILE = '/tmp/one-row.sql';

/** One-row inserts a second. */
export async function pgbench(
  cluster: Cluster,
  primary: ServerId,
  seconds: number,
): Promise<number> {
  const { user, database } = cluster.secrets.database;
  const command = [
    `printf '%s' "$SCRIPT" > ${SCRIPT_FILE}`,
    `pgbench --no-vacuum --protocol=prepared --client=${CLIENTS} --jobs=2 --time=${seconds}` +
      ` --file=${SCRIPT_FILE} --host=/tmp --username=${user} ${database}`,
  ].join(' && ');
  const { exitCode, stdout, stderr } = await cluster.execInProcess(`${primary}/patroni`, [
    'env',
    `SCRIPT=${SCRIPT}`,
    ...['sh', '-c', command],
  ]);
  const hz = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1] ?? Number.NaN);
  if (exitCode === 0 && hz > 0) return hz;
  throw new HoldfastError({
    code: 'bench-pgbench',
    message: `pgbench ended with ${exitCode}: ${(stderr || stdout).trim().slice(-400)}`,
    remedy: 'it runs in the primary’s container; see holdfast cluster status',
  });
}
