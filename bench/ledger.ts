/**
 * What recording takes on the disk: bytes a message, a user and a second of a
 * real run's evidence, and what an hour of the mission's 20,000 users comes to
 * at that rate.
 *
 *     npm run bench -- ledger runs/20260101T120000Z-gate [--json]
 *
 * Exit 0: under 1 GB for the hour; 1: not.
 *
 * Limits: times and numbers of messages grow by a digit or two over an hour,
 * which is 1 % more than the run shows; reports are not evidence and are left
 * out. What recording costs the generator's CPU is not measured here.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HoldfastError } from '../cluster/errors.ts';
import { readPlan } from '../chaos/judge/inputs.ts';
import { windowOf } from '../chaos/judge/timeline.ts';
import { readEvents } from '../chaos/ledger/events.ts';
import { readLines } from '../chaos/ledger/lines.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { bytesIn } from './bytes-in.ts';
import { runBench } from './run-bench.ts';
import { grouped, tableOf } from './table.ts';

/** 20,000 users, a message a minute each, for an hour. */
const HOUR = { message: 1_200_000, user: 20_000, second: 3_600 } as const;
const MEGABYTES_MAX = 1_000;

interface Part {
  readonly name: string;
  readonly bytes: number;
  /** What there is one more of when this grows. */
  readonly unit: keyof typeof HOUR;
}

/** Bytes and number of the lines of all client ledgers, by their letter. */
function linesOfClients(run: string) {
  const bytesOf = new Map<string, number>();
  const countOf = new Map<string, number>();
  const folder = inRun(run, runFiles.ledger);
  for (const file of readdirSync(folder).filter((name) => /^clients-\d+\.log$/.test(name))) {
    readLines(join(folder, file), (bytes, start, end) => {
      const letter = String.fromCharCode(bytes[start] ?? 0);
      bytesOf.set(letter, (bytesOf.get(letter) ?? 0) + end + 1 - start);
      countOf.set(letter, (countOf.get(letter) ?? 0) + 1);
    });
  }
  const sum = (letters: string): number =>
    [...letters].reduce((bytes, letter) => bytes + (bytesOf.get(letter) ?? 0), 0);
  return { acknowledged: countOf.get('A') ?? 0, sum };
}

function measure(run: string) {
  const { users } = readPlan(run);
  const window = windowOf(readEvents(inRun(run, runFiles.events)).events);
  const { acknowledged, sum } = linesOfClients(run);
  if (window === null || acknowledged === 0) {
    throw new HoldfastError({
      code: 'bench-ledger',
      message: `${run} cannot be measured: ${window === null ? 'its window did not begin and end' : 'no message was acknowledged in it'}`,
      remedy: 'name a run that went through to its end',
      exitCode: 64,
    });
  }
  const size = (file: string): number =>
    existsSync(inRun(run, file)) ? statSync(inRun(run, file)).size : 0;
  const parts: readonly Part[] = [
    { name: 'clients: sent, answered', bytes: sum('SAE'), unit: 'message' },
    { name: 'clients: history shown', bytes: sum('HQ'), unit: 'message' },
    { name: 'clients: lags of loops', bytes: sum('L'), unit: 'message' },
    { name: 'clients: all else', bytes: sum('CXGRDF'), unit: 'user' },
    {
      name: 'rows of all nodes',
      bytes: bytesIn(inRun(run, runFiles.ledger), /^rows-/),
      unit: 'message',
    },
    { name: 'population', bytes: size(runFiles.population), unit: 'user' },
    { name: 'events, usage', bytes: size(runFiles.events) + size(runFiles.usage), unit: 'second' },
  ];
  const seconds = (window.toMs - window.fromMs) / 1_000;
  return { parts, units: { message: acknowledged, user: users, second: seconds } };
}

function bench(run: string | undefined, json: boolean): boolean {
  if (run === undefined) {
    throw new HoldfastError({
      code: 'usage',
      message: 'no run directory was named',
      remedy: 'npm run bench -- ledger runs/…',
      exitCode: 64,
    });
  }
  const { parts, units } = measure(run);
  const measured = parts.map((part) => {
    const perUnit = part.bytes / units[part.unit];
    return { ...part, perUnit, hourMegabytes: (perUnit * HOUR[part.unit]) / 1e6 };
  });
  const hourMegabytes = measured.reduce((sum, part) => sum + part.hourMegabytes, 0);
  const met = hourMegabytes < MEGABYTES_MAX;
  if (json) {
    const result = { run, units, parts: measured, hourMegabytes, megabytesMax: MEGABYTES_MAX, met };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return met;
  }
  const rows = measured.map((part) => [
    part.name,
    grouped(part.bytes),
    `${part.perUnit.toFixed(1)} a ${part.unit}`,
    `${part.hourMegabytes.toFixed(1)} MB`,
  ]);
  const { message, user, second } = units;
  process.stdout.write(
    `${grouped(message)} messages of ${grouped(user)} users in ${grouped(second)} s\n\n` +
      `${tableOf(['evidence', 'bytes', 'each', '20,000 users, 1 h'], rows)}\n` +
      `ledger: ${Math.round(hourMegabytes)} MB for 20,000 users in an hour (bar ${MEGABYTES_MAX} MB) ${met ? 'met' : 'not met'}\n`,
  );
  return met;
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
await runBench(() => bench(positionals[0], values.json));
