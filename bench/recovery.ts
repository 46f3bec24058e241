/**
 * How long writes stop when the primary is lost: the longest gap between
 * acknowledged messages, by fault, with Patroni alone and with the failover
 * guard; and the parts it is made of.
 *
 *     npm run bench -- recovery [--injections 20] [--faults kill-server,cut-link]
 *                            [--without-stock] [--json]
 *
 * The two are measured in the same time on two clusters side by side. One of
 * them recovers at a time; meanwhile the other has its messages and is made
 * whole again after its own last failover.
 *
 * Exit 0: with the guard 95 % of the gaps are within their bars, and nothing
 * acknowledged is missing on any member. Half an hour and more for twenty each.
 *
 * Limits: six users on each cluster, so it is the way through that is measured,
 * not the load. Both clusters share the machine's cores: a recovery is slower
 * than on a machine of its own by what the other takes, which is most while a
 * member of it joins again.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { HoldfastError } from '../cluster/errors.ts';
import { FAULT_KINDS, type FaultKind } from '../chaos/faults/index.ts';
import { percentile } from '../chaos/statistics.ts';
import { measureSeries, type Series } from './recovery/measure-series.ts';
import { createTurns } from './recovery/turns.ts';
import { runClusterBench } from './run-bench.ts';
import { tableOf } from './table.ts';

/** Longest gap in 95 of 100 cases, with the guard, ms. */
const BARS_MS: Readonly<Partial<Record<FaultKind, number>>> = {
  'kill-postgres': 2_500,
  'kill-server': 6_000,
  'cut-link': 6_000,
  switchover: 1_500,
};

const isKind = (name: string): name is FaultKind => FAULT_KINDS.some((kind) => kind === name);

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Each on a cluster of its own, all in the same time; when one fails, the others are given up. */
async function measure(
  guards: readonly boolean[],
  faults: readonly FaultKind[],
  injections: number,
  interrupted: AbortSignal,
): Promise<readonly Series[]> {
  await using clusters = new AsyncDisposableStack();
  const turns = createTurns();
  const given = new AbortController();
  const signal = AbortSignal.any([given.signal, interrupted]);
  const started = [];
  for (const guard of guards) {
    const id = `bench-recovery-${guard ? 'guard' : 'stock'}-${process.pid}`;
    const options = { id, users: 20, keep: false, guard, log: say, signal };
    started.push({ guard, cluster: clusters.use(await startCluster(options)) });
  }
  const measured = started.map(({ guard, cluster }) =>
    measureSeries(cluster, { guard, faults, injections, turns, say, signal }).catch(
      (error: unknown) => {
        given.abort(error);
        throw error;
      },
    ),
  );
  await Promise.allSettled(measured);
  // The first that failed is the reason why the others did.
  signal.throwIfAborted();
  const series = (await Promise.all(measured)).flat();
  return faults.flatMap((kind) => series.filter(({ fault }) => fault === kind));
}

const of = (values: readonly number[], percent: number): number =>
  percentile(Int32Array.from(values).sort(), percent, values.length) ?? Number.NaN;

const seconds = (ms: number): string => (ms / 1_000).toFixed(2);

function rowOf({ guard, fault, failovers }: Series): readonly string[] {
  const gaps = failovers.map(({ gapMs }) => gapMs);
  const median = (part: 'releasedMs' | 'electedMs' | 'servedMs'): string =>
    seconds(
      of(
        failovers.map((each) => each[part]),
        50,
      ),
    );
  return [
    fault,
    guard ? 'guard' : 'stock',
    String(failovers.length),
    seconds(of(gaps, 50)),
    seconds(of(gaps, 95)),
    seconds(Math.max(...gaps)),
    ...[median('releasedMs'), median('electedMs'), median('servedMs')],
  ];
}

const HEADS = ['fault', 'with', 'n', 'p50', 'p95', 'max', 'released', 'elected', 'served'];

/** One line for each bar; whether all are met. */
function conclude(series: readonly Series[]): { readonly lines: string[]; readonly met: boolean } {
  const judged = series
    .filter(({ guard, fault }) => guard && BARS_MS[fault] !== undefined)
    .map(({ fault, failovers }) => {
      const barMs = BARS_MS[fault] ?? 0;
      const p95Ms = of(
        failovers.map(({ gapMs }) => gapMs),
        95,
      );
      const met = p95Ms <= barMs;
      const line = `${fault}: ${seconds(p95Ms)} s (bar ${seconds(barMs)} s) ${met ? 'met' : 'not met'}`;
      return { line, met };
    });
  return { lines: judged.map(({ line }) => line), met: judged.every(({ met }) => met) };
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    injections: { type: 'string', default: '20' },
    faults: { type: 'string', default: Object.keys(BARS_MS).join(',') },
    'without-stock': { type: 'boolean', default: false },
  },
});

await runClusterBench(async (interrupted) => {
  const faults = values.faults.split(',').filter(isKind);
  const injections = Number(values.injections);
  if (faults.join(',') !== values.faults || !(injections >= 1 && injections <= 1_000)) {
    throw new HoldfastError({
      code: 'usage',
      message: `--faults ${values.faults} --injections ${values.injections} cannot be measured`,
      remedy: 'kinds as ./holdfast faults lists them; injections from 1 to 1,000',
      exitCode: 64,
    });
  }
  const guards = values['without-stock'] ? [true] : [true, false];
  const series = await measure(guards, faults, injections, interrupted);
  const { lines, met } = conclude(series);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine, series, lines, met }, null, 2)}\n`
      : `${tableOf(HEADS, series.map(rowOf))}\n${lines.join('\n')}\n`,
  );
  return met;
});
