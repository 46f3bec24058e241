/**
 * Writes a made-up run directory of any size, in the very formats of a real
 * one: 20,000 users of the real population at the real schedule's times, four
 * shards, three failovers with retries, readers of history, the rows of four
 * nodes, a manifest.
 * The same size gives the same bytes.
 *
 * It is clean: nothing was lost. Nothing made from it says anything about the
 * service; it exists so that the judge's own cost can be measured.
 *
 * Limits: nobody loses a socket on the way and no member has more than one
 * range a channel; a real run has a few dozens more lines for that.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { planSchema, type Plan } from '../../chaos/plan.ts';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { renderManifest } from '../../reports/manifest.ts';
import { bytesIn } from '../bytes-in.ts';
import { writeClientLedgers } from './client-ledgers.ts';
import { eventsOf, usageOf } from './events.ts';
import { writeRowLedgers } from './row-ledgers.ts';
import { NODES, scriptOf, type Script } from './script.ts';
import { playTraffic, type Stored } from './traffic.ts';

/** What was put into the run, to be held against what the judge finds in it. */
export interface SyntheticRun {
  readonly messages: number;
  readonly deliveries: number;
  readonly ledgerBytes: number;
}

/** `run`: an empty directory. */
export async function writeSyntheticRun(run: string, messages: number): Promise<SyntheticRun> {
  const script = scriptOf(messages);
  mkdirSync(inRun(run, runFiles.ledger));
  mkdirSync(inRun(run, runFiles.metrics));
  writeFileSync(inRun(run, runFiles.plan), `${JSON.stringify(planOf(script), null, 2)}\n`);
  const environment = { run: { name: script.name }, machine: { cores: 2 }, databaseNodes: NODES };
  writeFileSync(inRun(run, runFiles.environment), `${JSON.stringify(environment, null, 2)}\n`);
  writeFileSync(inRun(run, runFiles.events), jsonLines(eventsOf(script)));
  writeFileSync(inRun(run, runFiles.usage), jsonLines(usageOf(script)));
  writeFileSync(inRun(run, runFiles.population), jsonLines(script.population.channels));
  const stored = playUsers(run, script);
  writeRowLedgers(run, script, stored);
  writeFileSync(inRun(run, runFiles.manifest), await renderManifest(run));
  return {
    messages: stored.channel.length,
    deliveries: script.population.channels.reduce(
      (sum, { id, members }) => sum + (stored.heads[id] ?? 0) * members.length,
      0,
    ),
    ledgerBytes: bytesIn(inRun(run, runFiles.ledger)),
  };
}

function playUsers(run: string, script: Script): Stored {
  using ledgers = writeClientLedgers(run, script);
  const stored = playTraffic(script, ledgers.witness);
  ledgers.finish(stored);
  return stored;
}

function planOf({ schedule, population, perUser, outages, sendAfterMs }: Script): Plan {
  const [first] = outages;
  const steadyMs =
    first === undefined ? perUser * schedule.intervalMs : first.struckMs - sendAfterMs;
  return planSchema.parse({
    name: 'bench',
    seed: schedule.seed,
    users: population.users,
    intervalSec: schedule.intervalMs / 1_000,
    steadySec: Math.floor(steadyMs / 1_000),
    faults: outages.map(({ kind, holdSec }) => ({ kind, holdSec })),
  });
}

const jsonLines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
