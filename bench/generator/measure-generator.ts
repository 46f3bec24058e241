/**
 * One generator under one load: once all its users are in and talk, how much
 * memory it holds at most, kernel memory of its sockets included, and how much
 * CPU time it takes for what the servers delivered meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, Usage } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { ports } from '../../cluster/ports.ts';
import { createPopulation } from '../../scenarios/population.ts';
import type { Generator } from './generators.ts';

const SEED = 6;
const CONNECT_TIMEOUT_MS = 90_000;
/** Everybody talks by then, and what connecting left is settled. */
const SETTLE_MS = 10_000;
const MEASURE_MS = 20_000;
const SAMPLE_MS = 2_000;

export interface GeneratorTurn {
  readonly name: string;
  readonly users: number;
  readonly deliveriesHz: number;
  /** At most, of the whole process; and for each socket. */
  readonly memoryBytes: number;
  readonly socketBytes: number;
  readonly cores: number;
  /** CPU time for 1,000 deliveries, ms. */
  readonly cpuMs: number;
}

/** Summed over the chat servers. */
async function serversSay(cluster: Cluster, metric: string): Promise<number> {
  const apps = cluster.servers.filter(({ role }) => role === 'app');
  const values = await Promise.all(
    apps.map(async ({ address }) => {
      const page = await (await fetch(`http://${address}:${ports.chat}/metrics`)).text();
      return Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN);
    }),
  );
  return values.reduce((sum, value) => sum + value, 0);
}

async function usageOf(cluster: Cluster, process: string): Promise<Usage> {
  const usage = (await cluster.usage()).find(({ id }) => id === process);
  if (usage !== undefined) return usage;
  throw new HoldfastError({
    code: 'bench-generator',
    message: `${process} is not running any more`,
    remedy: `docker logs holdfast-${cluster.id}-${process.replace('/', '-')}, before the bench ends`,
  });
}

async function awaitUsers(cluster: Cluster, { name, users, process }: Generator): Promise<void> {
  const untilMs = Date.now() + CONNECT_TIMEOUT_MS;
  let there = 0;
  while (there < users) {
    if (Date.now() > untilMs) {
      throw new HoldfastError({
        code: 'bench-generator',
        message: `${name}: ${there} of ${users} users connected within ${CONNECT_TIMEOUT_MS / 1_000} s`,
        remedy: 'with nothing else running on this machine',
      });
    }
    await pause(500);
    there = await serversSay(cluster, 'chat_open_sockets');
    await usageOf(cluster, process);
  }
}

export async function measureGenerator(
  cluster: Cluster,
  generator: Generator,
): Promise<GeneratorTurn> {
  const { name, users, process } = generator;
  const population = createPopulation(SEED, users);
  await cluster.prepareChat(population.channels);
  await using _running = await generator.start(cluster, population);
  await awaitUsers(cluster, generator);
  await pause(SETTLE_MS);

  const deliveredBefore = await serversSay(cluster, 'chat_deliveries_total');
  const before = await usageOf(cluster, process);
  const beganMs = performance.now();
  let last = before;
  let memoryBytes = before.memoryBytes;
  while (performance.now() - beganMs < MEASURE_MS) {
    await pause(SAMPLE_MS);
    last = await usageOf(cluster, process);
    memoryBytes = Math.max(memoryBytes, last.memoryBytes);
  }
  const seconds = (performance.now() - beganMs) / 1_000;
  const deliveries = (await serversSay(cluster, 'chat_deliveries_total')) - deliveredBefore;
  const cpuSec = last.cpuSec - before.cpuSec;
  return {
    name,
    users,
    deliveriesHz: deliveries / seconds,
    memoryBytes,
    socketBytes: memoryBytes / users,
    cores: cpuSec / seconds,
    cpuMs: (cpuSec * 1e6) / deliveries,
  };
}
