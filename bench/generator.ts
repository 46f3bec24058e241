/**
 * What a socket and a delivery cost the load generator: Holdfast's scenario,
 * k6 as its documentation has it (a virtual user a socket), and Artillery, on
 * the same cluster one after the other, through TLS, with about the same
 * deliveries a second.
 *
 *     npm run bench -- generator [--only ours] [--json]
 *
 * Exit 0: ours takes at most 60 KB a socket, everything of the process and of
 * the kernel for it included. It is measured as the gate runs it, which lets
 * garbage lie for half a minute at a time to save CPU, and again with Go's own
 * collector; the second is what is held against the bar, because the first
 * says how much memory the machine had to spare.
 *
 * Limits: the peers have fewer sockets, so that what the process takes by
 * itself weighs more on each; their users parse (k6) or drop (Artillery) what
 * comes in and keep no books, ours keep the ledger the verdict rests on.
 */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import { GENERATORS, JUDGED, type Generator } from './generator/generators.ts';
import { measureGenerator, type GeneratorTurn } from './generator/measure-generator.ts';
import { runClusterBench } from './run-bench.ts';
import { grouped, tableOf } from './table.ts';

const SOCKET_KILOBYTES_MAX = 60;

type Outcome = GeneratorTurn | { readonly name: string; readonly notTested: string };
const isMeasured = (outcome: Outcome): outcome is GeneratorTurn => 'users' in outcome;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function attempt(cluster: Cluster, generator: Generator): Promise<Outcome> {
  try {
    return await measureGenerator(cluster, generator);
  } catch (error) {
    // A peer that cannot be had is no reason to say nothing of the others.
    if (generator.isOurs) throw error;
    const notTested = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { name: generator.name, notTested };
  }
}

async function measure(only: string | undefined, signal: AbortSignal): Promise<readonly Outcome[]> {
  await setUp({ log: say, signal, need: ['build-k6'] });
  const generators = GENERATORS.filter(({ name }) => only === undefined || name.includes(only));
  const users = Math.max(...generators.map((generator) => generator.users));
  const id = `bench-${randomBytes(3).toString('hex')}`;
  await using cluster = await startCluster({ id, users, keep: false, log: say, signal });
  const outcomes: Outcome[] = [];
  for (const generator of generators) {
    signal.throwIfAborted();
    const outcome = await attempt(cluster, generator);
    outcomes.push(outcome);
    say(
      isMeasured(outcome)
        ? `${outcome.name}: ${(outcome.socketBytes / 1_024).toFixed(0)} KB a socket`
        : `${outcome.name}: not tested: ${outcome.notTested}`,
    );
  }
  return outcomes;
}

function print(outcomes: readonly Outcome[], ours: GeneratorTurn, met: boolean): void {
  const times = (value: number, by: number): string => `${(value / by).toFixed(1)} ×`;
  const rows = outcomes
    .filter(isMeasured)
    .map((turn) => [
      turn.name,
      grouped(turn.users),
      (turn.memoryBytes / 2 ** 20).toFixed(0),
      (turn.socketBytes / 1_024).toFixed(1),
      times(turn.socketBytes, ours.socketBytes),
      grouped(turn.deliveriesHz),
      turn.cpuMs.toFixed(1),
      times(turn.cpuMs, ours.cpuMs),
    ]);
  const heads = ['generator', 'sockets', 'MB', 'KB each', '', 'deliv./s', 'ms/1,000', ''];
  const missing = outcomes.flatMap((outcome) =>
    isMeasured(outcome) ? [] : [`${outcome.name}: not tested: ${outcome.notTested}\n`],
  );
  process.stdout.write(
    `${tableOf(heads, rows)}${missing.join('')}\n` +
      `generator: ${(ours.socketBytes / 1_024).toFixed(1)} KB a socket (bar ${SOCKET_KILOBYTES_MAX}) ${met ? 'met' : 'not met'}\n`,
  );
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false } },
});

await runClusterBench(async (signal) => {
  const outcomes = await measure(values.only, signal);
  const ours = outcomes.filter(isMeasured).find(({ name }) => name === JUDGED);
  const met = ours !== undefined && ours.socketBytes <= SOCKET_KILOBYTES_MAX * 1_024;
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  if (values.json || ours === undefined) {
    process.stdout.write(`${JSON.stringify({ machine, outcomes, met }, null, 2)}\n`);
  } else print(outcomes, ours, met);
  return met;
});
