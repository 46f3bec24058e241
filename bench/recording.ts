/**
 * What recording costs the generator: one k6 shard under the same load on a
 * real small cluster, with its client ledger and without, in turns (A/B/B/A, so
 * that a drift of the machine falls on both), and its CPU time for each message
 * that the database then holds. A first turn, on a cluster where nothing was
 * done yet, counts for nothing: it took a fifth more than those after it.
 *
 *     node bench/recording.ts [--rounds N] [--json]
 *
 * Exit 0: under 5 % of the generator's CPU; 1: not.
 *
 * Limits: without a ledger the lines are still put together, and not written:
 * the numbers in them are known anyway, and turning them into text is the
 * smaller part. A thousand users, who send and receive as often in proportion
 * as the mission's twenty thousand: what a message costs does not hang on how
 * many users there are. Nothing is judged here; what is not recorded cannot be.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openEventLog } from '../chaos/event-log.ts';
import { startLoad } from '../chaos/load.ts';
import { planSchema } from '../chaos/plan.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { primaryOf, withDatabase } from '../chaos/sabotage/database.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { HoldfastError } from '../cluster/errors.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import { createPopulation } from '../scenarios/population.ts';
import { runClusterBench } from './run-bench.ts';
import { grouped, tableOf } from './table.ts';

/** 100 messages/s with some 20 receivers each: a third of the mission's load on one generator. */
const PLAN = planSchema.parse({ users: 1_000, intervalSec: 10, connectSec: 10, faults: [] });
const SETTLE_MS = 5_000;
/** Long enough for some collections of the engine: one more or less is a tenth of 30 s. */
const MEASURE_MS = 60_000;
const SHARE_MAX = 0.05;
/** A turn in which less was sent than this share of another's is not the same load. */
const SAME_LOAD = 0.98;

interface Turn {
  readonly recording: boolean;
  readonly messages: number;
  readonly cpuSec: number;
  /** CPU time a message, milliseconds. */
  readonly cpuMs: number;
}

async function countMessages(cluster: Cluster): Promise<number> {
  return withDatabase(cluster, await primaryOf(cluster), async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'select coalesce(sum(head), 0)::float8 as count from channels',
    );
    return rows[0]?.count ?? 0;
  });
}

async function cpuOfGenerator(cluster: Cluster): Promise<number> {
  const usage = await cluster.usage();
  const generator = usage.find(({ id }) => id === 'load/shard-0');
  if (generator !== undefined) return generator.cpuSec;
  throw new HoldfastError({
    code: 'bench-recording',
    message: `the CPU time of load/shard-0 is not among ${usage.map(({ id }) => id).join(', ')}`,
    remedy: 'the generator may have ended: try again with nothing else running',
  });
}

async function takeTurn(cluster: Cluster, recording: boolean): Promise<Turn> {
  const run = await mkdtemp(join(tmpdir(), 'holdfast-recording-'));
  try {
    await mkdir(inRun(run, runFiles.ledger), { recursive: true });
    const population = createPopulation(PLAN.seed, PLAN.users);
    await cluster.prepareChat(population.channels);
    using log = openEventLog(run, () => undefined);
    await using load = await startLoad({
      ...{ run, runName: 'recording', nonce: randomBytes(4).toString('hex') },
      ...{ plan: PLAN, population, shards: 1, cluster, log, recording },
    });
    await pause(load.sendFromMs + SETTLE_MS - Date.now());
    const before = { messages: await countMessages(cluster), cpu: await cpuOfGenerator(cluster) };
    await pause(MEASURE_MS);
    const messages = (await countMessages(cluster)) - before.messages;
    const cpuSec = (await cpuOfGenerator(cluster)) - before.cpu;
    return { recording, messages, cpuSec, cpuMs: (cpuSec * 1_000) / messages };
  } finally {
    await rm(run, { recursive: true, force: true });
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const turnsOfRound = (_: unknown, round: number): readonly boolean[] =>
  round % 2 === 0 ? [true, false] : [false, true];

async function measure(rounds: number, signal: AbortSignal): Promise<readonly Turn[]> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await setUp({ log, signal, need: ['build-k6'] });
  const id = `bench-${randomBytes(3).toString('hex')}`;
  await using cluster = await startCluster({ id, users: PLAN.users, keep: false, log, signal });
  const turns: Turn[] = [];
  for (const recording of [true, ...Array.from({ length: rounds }, turnsOfRound).flat()]) {
    signal.throwIfAborted();
    const turn = await takeTurn(cluster, recording);
    log(`recording ${recording ? 'on' : 'off'}: ${turn.cpuMs.toFixed(3)} CPU ms a message`);
    turns.push(turn);
  }
  return turns.slice(1);
}

async function bench(rounds: number, json: boolean, signal: AbortSignal): Promise<boolean> {
  const turns = await measure(rounds, signal);
  const of = (recording: boolean): readonly number[] =>
    turns.filter((turn) => turn.recording === recording).map(({ cpuMs }) => cpuMs);
  const [on, off] = [mean(of(true)), mean(of(false))];
  const share = (on - off) / on;
  const counts = turns.map(({ messages }) => messages);
  const isSameLoad = Math.min(...counts) >= SAME_LOAD * Math.max(...counts);
  const met = isSameLoad && share < SHARE_MAX;
  if (json) {
    const result = { turns, cpuMs: { on, off }, share, shareMax: SHARE_MAX, isSameLoad, met };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return met;
  }
  const rows = turns.map(({ recording, messages, cpuSec, cpuMs }) => [
    recording ? 'on' : 'off',
    grouped(messages),
    cpuSec.toFixed(2),
    cpuMs.toFixed(3),
  ]);
  process.stdout.write(
    `${tableOf(['recording', 'messages', 'CPU s', 'CPU ms a message'], rows)}\n` +
      (isSameLoad ? '' : 'The turns did not have the same load: they cannot be compared.\n') +
      `recording: ${(share * 100).toFixed(1)} % of the generator's CPU (bar ${SHARE_MAX * 100} %) ${met ? 'met' : 'not met'}\n`,
  );
  return met;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});
await runClusterBench((signal) => bench(Math.max(1, Number(values.rounds)), values.json, signal));
