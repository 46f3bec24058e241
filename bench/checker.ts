/**
 * What a judgement costs: time, CPU and memory of `holdfast check` on runs of
 * 0.1 to 5 million messages, on one core. The runs are made up
 * (`checker/synthetic-run.ts`); the judging is the command itself, in a process
 * of its own, and has to find in each run exactly what was put into it.
 *
 *     npm run bench -- checker [--json] [--sizes 100000,300000]
 *
 * Exit 0: the mission's hour is judged within 5 s and 1 GB, and the time grows
 * with the size and no faster. 1: it does not, or not all sizes were measured.
 *
 * Limits: needs Linux, `taskset` and 2 GB in the folder for temporary files.
 * The figures are those of this machine, and of what else it did meanwhile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HoldfastError } from '../cluster/errors.ts';
import { judgeRun, type Judged } from './checker/judge-run.ts';
import { concludeFrom, measurementOf, wrongIn, type Measurement } from './checker/measurement.ts';
import { writeSyntheticRun } from './checker/synthetic-run.ts';
import { runBench } from './run-bench.ts';
import { grouped, tableOf } from './table.ts';

const SIZES = '100000,300000,1200000,5000000';
const REPETITIONS = 3;
/** Five million messages take long enough to even out on their own. */
const ONCE_FROM = 5_000_000;

async function measure(messages: number): Promise<Measurement> {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    const beganMs = performance.now();
    const written = await writeSyntheticRun(run, messages);
    const tookSec = (performance.now() - beganMs) / 1_000;
    say(`${grouped(written.messages)} messages written in ${tookSec.toFixed(1)} s`);
    const judged: Judged[] = [];
    for (let each = 0; each < (messages >= ONCE_FROM ? 1 : REPETITIONS); each++) {
      const one = await judgeRun(run);
      const wrong = wrongIn(written, one);
      if (wrong.length > 0) throw misjudged(messages, wrong);
      say(`  ${one.found.verdict} after ${(one.wallMs / 1_000).toFixed(2)} s`);
      judged.push(one);
    }
    return measurementOf(written, judged);
  } finally {
    rmSync(run, { recursive: true });
  }
}

const misjudged = (messages: number, wrong: readonly string[]): HoldfastError =>
  new HoldfastError({
    code: 'bench-misjudged',
    message: `a clean run of ${grouped(messages)} messages was judged wrongly: ${wrong.join('; ')}`,
    remedy: 'the judge or the made-up run is at fault; until that is known its time says nothing',
  });

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const rowOf = (each: Measurement): readonly string[] => [
  grouped(each.messages),
  grouped(each.deliveries),
  `${Math.round(each.ledgerBytes / 1e6)} MB`,
  each.seconds.toFixed(2),
  `${each.secondsMin.toFixed(2)}-${each.secondsMax.toFixed(2)}`,
  each.cpuSeconds.toFixed(2),
  String(Math.round(each.peakMegabytes)),
  each.secondsPerMillion.toFixed(2),
];

const HEADS = ['messages', 'deliveries', 'ledgers', 's', 'spread', 'CPU s', 'peak MB', 's/million'];

async function bench(sizes: readonly number[], json: boolean): Promise<boolean> {
  const measured: Measurement[] = [];
  for (const size of sizes) measured.push(await measure(size));
  const { lines, met } = concludeFrom(measured);
  const processor = cpus()[0]?.model ?? 'unknown';
  const machine = { cores: cpus().length, processor, node: process.version };
  process.stdout.write(
    json
      ? `${JSON.stringify({ machine, measured, lines, met }, null, 2)}\n`
      : `${tableOf(HEADS, measured.map(rowOf))}\n${lines.join('\n')}\n`,
  );
  return met;
}

function parseSizes(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size >= 20_000 && size <= 8_000_000)) {
    return sizes;
  }
  throw new HoldfastError({
    code: 'usage',
    message: `--sizes ${text} are no numbers of messages`,
    remedy: 'name some between 20,000 and 8,000,000: --sizes 100000,300000',
    exitCode: 64,
  });
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, sizes: { type: 'string', default: SIZES } },
});
await runBench(() => bench(parseSizes(values.sizes), values.json));
