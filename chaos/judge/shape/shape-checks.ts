/** What the shape of the load promises, beside what every load does; nothing for most shapes. */
import { shapedLoadOf } from '../../../scenarios/shapes/index.ts';
import type { CheckResult, Precondition, Series } from '../../findings.ts';
import type { Plan } from '../../plan.ts';
import type { Evidence } from '../evidence.ts';
import type { Window } from '../outcomes.ts';
import { abuserLimited } from './abuser-limited.ts';
import { bystandersCheck } from './bystanders.ts';
import { memoryCheck } from './memory-bound.ts';
import { stormCheck, stormWindow } from './reconnect-storm.ts';
import { slowReadersCheck, wakeWindow } from './slow-readers.ts';

export function shapeChecks(
  { plan, ledgers, outcomes, usage }: Evidence,
  preconditions: readonly Precondition[],
): readonly CheckResult[] {
  const { storm, slow, abuser, bystanders, memory } = shapedLoadOf(plan);
  const { sendFromMs } = ledgers.schedule;
  return [
    ...(storm === null ? [] : [stormCheck(ledgers, storm, plan.users, preconditions)]),
    ...(slow === null ? [] : [slowReadersCheck(ledgers, slow, plan.users)]),
    ...(abuser === null ? [] : [abuserLimited(ledgers)]),
    ...(bystanders === null ? [] : [bystandersCheck(ledgers, outcomes, bystanders, preconditions)]),
    ...(memory === null ? [] : [memoryCheck(usage, sendFromMs, memory)]),
  ];
}

/** Times in which the shape itself takes users away; epoch milliseconds. */
export function timesAway(plan: Plan, sendFromMs: number): readonly Window[] {
  const { storm, slow } = shapedLoadOf(plan);
  return [
    ...(storm === null ? [] : [stormWindow(storm, sendFromMs)]),
    ...(slow === null ? [] : [wakeWindow(slow, sendFromMs)]),
  ];
}

/** The shape's own time, to be shaded in the charts like a fault's. */
export function bandsOf(plan: Plan, sendFromMs: number): Series['bands'] {
  const { storm, slow, abuser } = shapedLoadOf(plan);
  const bands = [
    { label: 'reconnect storm', spell: storm && { ...storm, toMs: storm.backByMs } },
    { label: 'slow readers', spell: slow },
    { label: 'flood', spell: abuser },
  ];
  return bands.flatMap(({ label, spell }) =>
    spell === null
      ? []
      : [{ label, fromMs: sendFromMs + spell.fromMs, toMs: sendFromMs + spell.toMs }],
  );
}
