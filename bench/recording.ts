/**
 * What recording costs the generator: one k6 shard under a steady load on a
 * real small cluster, that writes its client ledger in every second spell of
 * seven seconds and not in those between, and its CPU time for each message
 * that the database then holds.
 *
 *     npm run bench -- recording [--pairs 21] [--json]
 *
 * Exit 0: under 5 % of the generator's CPU, by the median of the pairs; 1: not.
 *
 * In spells of one process and not in runs beside one another, because the same
 * load took up to a quarter more or less CPU from one run to the next, whichever
 * of the two it was. Seven seconds, because the generator collects its memory
 * every thirty: that falls now on the one kind and now on the other.
 *
 * Limits: in the spells without, the lines are still put together, and not
 * written: the numbers in them are known anyway, and turning them into text is
 * the smaller part. A thousand users, who send and receive as often in proportion
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
import { median } from './spread.ts';
import { tableOf } from './table.ts';

/** 100 messages/s with some 20 receivers each: a third of the mission's load on one generator. */
const PLAN = planSchema.parse({ users: 1_000, intervalSec: 10, connectSec: 10, faults: [] });
const SETTLE_MS = 10_000;
const SPELL_MS = 7_000;
const SHARE_MAX = 0.05;

interface Reading {
  readonly messages: number;
  readonly cpuSec: number;
}

/** CPU time of the generator for a message, milliseconds, in two spells that follow one another. */
interface Pair {
  readonly onMs: number;
  readonly offMs: number;
  /** Of `onMs`. */
  readonly share: number;
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

const perMessageMs = (from: Reading, to: Reading): number =>
  ((to.cpuSec - from.cpuSec) * 1_000) / (to.messages - from.messages);

function pairOf(readings: readonly [Reading, Reading, Reading]): Pair {
  const onMs = perMessageMs(readings[0], readings[1]);
  const offMs = perMessageMs(readings[1], readings[2]);
  return { onMs, offMs, share: (onMs - offMs) / onMs };
}

async function takePairs(
  cluster: Cluster,
  run: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly Pair[]> {
  await mkdir(inRun(run, runFiles.ledger), { recursive: true });
  const population = createPopulation(PLAN.seed, PLAN.users);
  await cluster.prepareChat(population.channels);
  using log = openEventLog(run, () => undefined);
  await using load = await startLoad({
    ...{ run, runName: 'recording', nonce: randomBytes(4).toString('hex') },
    ...{ plan: PLAN, population, shards: 1, cluster, log, unrecordedSpellMs: SPELL_MS },
  });
  const twoSpellsMs = 2 * SPELL_MS;
  const settledMs = load.sendFromMs + SETTLE_MS - load.epochMs;
  const first = 2 * Math.ceil(settledMs / twoSpellsMs);
  async function readAt(spell: number): Promise<Reading> {
    await pause(load.epochMs + spell * SPELL_MS - Date.now(), undefined, { signal });
    const [messages, cpuSec] = await Promise.all([countMessages(cluster), cpuOfGenerator(cluster)]);
    return { messages, cpuSec };
  }
  const pairs: Pair[] = [];
  let began = await readAt(first);
  while (pairs.length < count) {
    const spell = first + 2 * pairs.length;
    const between = await readAt(spell + 1);
    const ended = await readAt(spell + 2);
    pairs.push(pairOf([began, between, ended]));
    began = ended;
  }
  return pairs;
}

async function measure(count: number, signal: AbortSignal): Promise<readonly Pair[]> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await setUp({ log, signal, need: ['build-k6'] });
  const id = `bench-${randomBytes(3).toString('hex')}`;
  await using cluster = await startCluster({ id, users: PLAN.users, keep: false, log, signal });
  const run = await mkdtemp(join(tmpdir(), 'holdfast-recording-'));
  try {
    return await takePairs(cluster, run, count, signal);
  } finally {
    await rm(run, { recursive: true, force: true });
  }
}

async function bench(count: number, json: boolean, signal: AbortSignal): Promise<boolean> {
  const pairs = await measure(count, signal);
  const share = median(pairs.map((pair) => pair.share));
  const met = share < SHARE_MAX;
  if (json) {
    const result = { pairs, share, shareMax: SHARE_MAX, met };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return met;
  }
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const rows = pairs.map((pair) => [
    pair.onMs.toFixed(3),
    pair.offMs.toFixed(3),
    percent(pair.share),
  ]);
  process.stdout.write(
    `${tableOf(['CPU ms a message, on', 'off', 'share'], rows)}\n` +
      `recording: ${percent(share)} of the generator's CPU (bar ${SHARE_MAX * 100} %) ${met ? 'met' : 'not met'}\n`,
  );
  return met;
}

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '21' },
    json: { type: 'boolean', default: false },
  },
});
await runClusterBench((signal) => bench(Math.max(1, Number(values.pairs)), values.json, signal));
