/**
 * Durable acknowledgements through the whole service, against what the
 * database commits by itself: on one cluster, in turns, everybody on the same
 * cores. And at the mission's rate, what the way through the service adds to
 * a bare commit.
 *
 *     npm run bench -- durable [--rounds 3] [--seconds 8] [--users 2000] [--json]
 *
 * Exit 0: at least as many acknowledgements a second as `pgbench` with 32
 * clients inserts rows, one a transaction.
 *
 * The service has more messages under way than pgbench has clients: that is
 * what it is for, it gathers them into one commit. Users go to the chat
 * servers directly; what the edges and TLS take is not in it. Each message
 * is also delivered to two users and announced to the other servers.
 */
import { cpus } from 'node:os';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { primaryOf, withDatabase } from '../chaos/sabotage/database.ts';
import { HoldfastError } from '../cluster/errors.ts';
import { measureAdded, type Added } from './durable/added-latency.ts';
import { BARE_TABLE, CLIENTS, pgbench } from './durable/pgbench.ts';
import { gatherSenders, pairsOf } from './durable/senders.ts';
import { runClusterBench } from './run-bench.ts';
import { median, spreadOf } from './spread.ts';
import { grouped, tableOf } from './table.ts';

const RATIO_MIN = 1;
const RATIO_GOAL = 3;

interface Result {
  readonly serviceHz: readonly number[];
  readonly pgbenchHz: readonly number[];
  readonly added: Added;
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly users: number;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const countRows = (cluster: Cluster, primary: string): Promise<number> =>
  withDatabase(cluster, primary, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'select coalesce(sum(head), 0)::float8 as count from channels',
    );
    return rows[0]?.count ?? 0;
  });

async function measure({ rounds, seconds, users }: Options, signal: AbortSignal): Promise<Result> {
  const id = `bench-${randomBytes(3).toString('hex')}`;
  await using cluster = await startCluster({ id, users, keep: false, log: say, signal });
  await cluster.prepareChat(pairsOf(users));
  const primary = await primaryOf(cluster);
  await withDatabase(cluster, primary, (client) => client.query(BARE_TABLE));
  using senders = await gatherSenders(cluster, users);
  await senders.atFullSpeed(2);

  const [serviceHz, pgbenchHz]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    signal.throwIfAborted();
    pgbenchHz.push(await pgbench(cluster, primary, seconds));
    const before = await countRows(cluster, primary);
    const hz = await senders.atFullSpeed(seconds);
    serviceHz.push(hz);
    const stored = (await countRows(cluster, primary)) - before;
    if (stored < hz * seconds) {
      throw new HoldfastError({
        code: 'bench-lost',
        message: `${Math.round(hz * seconds)} messages were acknowledged and ${stored} stored`,
        remedy: 'that is a loss, and no bench: run a gate and look at its report',
      });
    }
    say(`${round}: service ${grouped(hz)}/s, pgbench ${grouped(pgbenchHz.at(-1) ?? 0)}/s`);
  }
  const added = await measureAdded(cluster, primary, senders);
  return { serviceHz, pgbenchHz, added };
}

function print({ serviceHz, pgbenchHz, added }: Result, ratio: number, met: boolean): void {
  const row = (name: string, hz: readonly number[]): readonly string[] => [
    name,
    grouped(median(hz)),
    spreadOf(hz, grouped),
    `${(median(hz) / median(pgbenchHz)).toFixed(2)}`,
  ];
  const ms = (value: number): string => value.toFixed(1);
  const times = (name: string, of: Added['service']): readonly string[] => [
    name,
    ...[of.p50Ms, of.p95Ms, of.p99Ms].map(ms),
  ];
  process.stdout.write(
    `${tableOf(
      ['durable', 'a second', 'spread', 'ratio'],
      [
        row('acknowledged by the service', serviceHz),
        row(`pgbench, ${CLIENTS} clients`, pgbenchHz),
      ],
    )}\n${tableOf(
      [`at ${added.rateHz} messages/s`, 'p50 ms', 'p95', 'p99'],
      [times('acknowledged', added.service), times('a bare commit', added.bare)],
    )}\n` +
      `added at ${added.rateHz}/s: ${ms(added.service.p50Ms - added.bare.p50Ms)} ms (p50), ${ms(added.service.p99Ms - added.bare.p99Ms)} ms (p99)\n` +
      `durable: ${ratio.toFixed(2)} times pgbench (bar ${RATIO_MIN}, goal ${RATIO_GOAL}) ${met ? 'met' : 'not met'}\n`,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    users: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
});

await runClusterBench(async (signal) => {
  const options = {
    rounds: Math.max(1, Number(values.rounds)),
    seconds: Math.max(1, Number(values.seconds)),
    users: Math.max(6, Number(values.users)),
  };
  const result = await measure(options, signal);
  const ratio = median(result.serviceHz) / median(result.pgbenchHz);
  const met = ratio >= RATIO_MIN;
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ machine, options, ...result, ratio, met }, null, 2)}\n`,
    );
  } else print(result, ratio, met);
  return met;
});
