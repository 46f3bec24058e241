/**
 * Which faults a campaign injects in which order: drawn from a seed, so that
 * the same seed gives the same campaign for ever.
 *
 * Kinds come in rounds: each kind of a round is drawn once, by lot, before any
 * of them comes again. So a short campaign has seen as many kinds as it can,
 * and none is starved by chance. No kind follows itself, because the second of
 * two alike finds the system still warm from the first. A kind with a weight
 * of n comes n times in each round.
 *
 * Limit: what is legal at the moment is decided when a fault's turn comes, not
 * here; a fault that is not is an event in the log, and the next one's turn
 * (`planned-faults.ts`).
 */
import { randomSource, type Random } from '../scenarios/random.ts';

export interface ScheduleOptions {
  readonly seed: number;
  /** How many faults. */
  readonly faults: number;
  /** Kind → how often in each round; at least one kind. */
  readonly weights: ReadonlyMap<string, number>;
}

/** Kinds in their order. */
export function scheduleOf({ seed, faults, weights }: ScheduleOptions): readonly string[] {
  const random = randomSource(seed, 'campaign');
  const schedule: string[] = [];
  while (schedule.length < faults) {
    const round = [...weights].flatMap(([kind, weight]) => Array<string>(weight).fill(kind));
    if (round.length === 0) throw new TypeError('a campaign needs at least one kind of fault');
    schedule.push(...inAnyOrder(round, schedule.at(-1), random));
  }
  return schedule.slice(0, faults);
}

/** By lot, one after the other, none after itself unless nothing else is left. */
function inAnyOrder(round: readonly string[], before: string | undefined, random: Random) {
  const left = [...round];
  const drawn: string[] = [];
  let last = before;
  while (left.length > 0) {
    const others = left.filter((kind) => kind !== last);
    const from = others.length > 0 ? others : left;
    const kind = from[Math.floor(random() * from.length)] as string;
    left.splice(left.indexOf(kind), 1);
    drawn.push(kind);
    last = kind;
  }
  return drawn;
}
