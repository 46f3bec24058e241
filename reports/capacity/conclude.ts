/**
 * What follows from a sweep: the largest load that held, and what keeps the
 * figure from being larger. Only a failure of the service under a generator
 * that was fit is called the service's limit; everything else is "at least".
 */
import { ceilingOf, heldUsers, type Ceiling } from '../../chaos/capacity/search.ts';
import { formatCount, formatDuration, formatNumberOf, formatShare } from '../figures.ts';
import { EXIT_CODES } from '../verdict.ts';
import {
  CAPACITY_SCHEMA,
  type Capacity,
  type CapacityResult,
  type LimitedBy,
  type Sweep,
} from './capacity.ts';
import { extrapolate } from './extrapolation.ts';
import { saturationOf, type Saturation } from './saturation.ts';

export function concludeCapacity(sweep: Sweep): Capacity {
  const result = resultOf(sweep);
  return {
    schema: CAPACITY_SCHEMA,
    exitCode: exitCodeOf(sweep, result),
    ...sweep,
    result,
    saturation: saturationOf(sweep.steps, sweep.machine),
    extrapolation: extrapolate(sweep.steps),
  };
}

/** A figure was found: pass. Not even the smallest load held: fail. Broken off, or nothing is known: inconclusive. */
function exitCodeOf({ ended }: Sweep, { kind, limitedBy }: CapacityResult): Capacity['exitCode'] {
  if (ended === 'interrupted' || ended === 'running') return EXIT_CODES.inconclusive;
  if (kind !== 'none') return EXIT_CODES.pass;
  return limitedBy === 'service' ? EXIT_CODES.fail : EXIT_CODES.inconclusive;
}

function resultOf(sweep: Sweep): CapacityResult {
  const users = heldUsers(sweep.steps);
  const ceiling = ceilingOf(sweep.steps) ?? null;
  const limitedBy = limitOf(sweep, ceiling);
  const kind = users === 0 ? 'none' : limitedBy === 'service' ? 'found' : 'at-least';
  return {
    kind,
    users,
    ceiling,
    limitedBy,
    words: wordsOf(sweep, kind, users, ceiling, limitedBy),
  };
}

function limitOf({ ended, search }: Sweep, ceiling: Ceiling | null): LimitedBy {
  switch (ceiling?.kind) {
    case 'failed':
      return 'service';
    case 'generator':
    case 'unknown':
      return ceiling.kind;
    case undefined:
      if (ended === 'top') return search.toIs;
      return ended === 'interrupted' || ended === 'running' ? 'interrupted' : 'time';
  }
}

/** `20 000 users within the objective; 22 500 were too many: …`. */
function wordsOf(
  sweep: Sweep,
  kind: CapacityResult['kind'],
  users: number,
  ceiling: Ceiling | null,
  limitedBy: LimitedBy,
): string {
  const held =
    kind === 'none'
      ? 'No load held'
      : `${kind === 'found' ? '' : 'At least '}${formatCount(users)} users`;
  return [
    `${held}${limitWords(sweep, users, ceiling, limitedBy)}.`,
    ...(isWide(sweep, users, ceiling) ? [gapWords(sweep, users, ceiling)] : []),
  ].join(' ');
}

function limitWords(
  { steps, search }: Sweep,
  users: number,
  ceiling: Ceiling | null,
  limitedBy: LimitedBy,
): string {
  const tried = ceiling === null ? '' : formatCount(ceiling.users);
  const looks = ceiling !== null && ceiling.times > 1 ? ` in ${ceiling.times} tries` : '';
  const reason = reasonAt(steps, ceiling);
  switch (limitedBy) {
    case 'service':
      return `; ${tried} were too many${looks}: ${reason}`;
    case 'generator':
      return `, limited by the generator: at ${tried} it could not tell${looks}: ${reason}`;
    case 'unknown':
      return `; at ${tried} it is not known${looks}: ${reason}`;
    case 'asked':
      return `, limited by --to: no more than ${formatCount(users)} were to be tried`;
    case 'machine':
      return `, limited by this machine: its open files allow ${formatCount(search.toUsers)}`;
    case 'plan':
      return ', limited by Holdfast: no plan may have more';
    case 'time':
      return `, limited by time: a larger load did not fit into ${formatDuration(search.secondsMax * 1_000)}`;
    case 'interrupted':
      return '; the sweep was broken off';
  }
}

/** The reason of the same kind as the ceiling's, without its full stop. */
function reasonAt(steps: Sweep['steps'], ceiling: Ceiling | null): string {
  const step = steps.find(({ users, kind }) => users === ceiling?.users && kind === ceiling.kind);
  return (step?.reasons[0] ?? 'no reason is known').replace(/\.$/, '');
}

/** Was the search broken off before the gap was as narrow as it should be? */
const isWide = ({ search }: Sweep, users: number, ceiling: Ceiling | null): boolean =>
  ceiling !== null && ceiling.users - users > search.resolutionUsers;

const gapWords = ({ ended }: Sweep, users: number, ceiling: Ceiling | null): string =>
  `What lies between ${formatCount(users)} and ${formatCount(ceiling?.users ?? 0)} was not tried${ended === 'no-time' ? ' for lack of time' : ''}.`;

/** The question that a sweep answers. */
export function questionOf({ under, objective }: Sweep): string {
  const bounds = [
    `99 % of the messages of the steady load acknowledged within ${formatDuration(objective.p99MsMax)}`,
    `${formatShare(objective.availability)} of all within ${formatDuration(objective.deadlineMs)}`,
    'nothing lost',
  ].join(', ');
  const fault = under === null ? '' : ` while ${under} strikes`;
  return `What is the largest number of users within the objective${fault}: ${bounds}?`;
}

/** The figure for headlines: `40 000 users`, `at least 40 000 users`. */
export function figureOf({ kind, users }: CapacityResult): string {
  const figure = formatNumberOf(users, 'user');
  return kind === 'none' ? 'none' : kind === 'found' ? figure : `at least ${figure}`;
}

/** The engine, the harness and the kernel take less than this much of the machine. */
const OTHERS_MAX = 0.25;

/** A machine that something else keeps busy measures that as well. */
function othersWords({ cores: { busy, ours, machine } }: Saturation): string {
  const others = (busy ?? ours) - ours;
  if (others <= OTHERS_MAX * machine) return '';
  return ` The other ${formatCount(others, 2)} cores went to what is none of ours: without it the service would have borne more.`;
}

/** Which part was full, in a sentence. */
export function saturationWords({ saturation }: Capacity): string {
  if (saturation === null) return 'Which part was full is not known: no usage was sampled.';
  const { users, full, fullProcesses, cores, memoryBytes, parts } = saturation;
  const largest = parts
    .slice(0, 3)
    .map((each) => `${each.part} ${formatCount(each.cores, 2)}`)
    .join(', ');
  const ours = `${formatCount(cores.ours, 2)} with ours: ${largest}`;
  const busy = `${formatCount(cores.busy ?? cores.ours, 2)} of ${cores.machine} cores were busy (${ours})`;
  const what = [
    ...(full.includes('cores') ? ['the machine’s cores'] : []),
    ...(full.includes('memory') ? ['the machine’s memory'] : []),
    ...fullProcesses.map(
      ({ id, cores: used }) => `${id} (${formatCount(used, 2)} of its one core)`,
    ),
  ];
  const share = Math.round((100 * memoryBytes.ours) / memoryBytes.machine);
  return `At ${formatCount(users)} users ${what.length === 0 ? 'nothing was full' : `full: ${what.join(', ')}`}; ${busy}, ${share} % of the memory in use by ours.${othersWords(saturation)}`;
}
