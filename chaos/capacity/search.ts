/**
 * The search for the largest load within the objective: which number of users
 * to try next, given what was tried. Doubling until something does not hold,
 * then halving the gap until it is as narrow as the resolution, then a second
 * look at the smallest load that did not hold: on a shared machine one bad
 * minute would otherwise decide.
 *
 * It ends on every system: a healthy one at `toUsers`, any other by its
 * resolution, and all of them by `stepsMax` and by the time they may take. A
 * load that the generator could not judge is a ceiling like one that the
 * service could not bear; which of the two it was is told with the result.
 *
 * Limits: it takes for granted that what bears a load bears less. Where noise
 * breaks that, it believes the largest load that held.
 */

/** `generator`: it could not keep up, so nothing is known of the service. `unknown`: for another reason. */
export type StepKind = 'held' | 'failed' | 'generator' | 'unknown';

export interface Tried {
  readonly users: number;
  readonly kind: StepKind;
  /** From its start to its verdict. */
  readonly tookSec: number;
}

export interface SearchBounds {
  readonly fromUsers: number;
  readonly toUsers: number;
  /** The gap at which it is narrow enough; all loads but the first and the last are its multiples. */
  readonly resolutionUsers: number;
  readonly stepsMax: number;
  /** For the whole sweep. */
  readonly secondsMax: number;
  /** What a step of so many users takes at the least, by its plan. */
  readonly plannedSecOf: (users: number) => number;
}

/** Why a search is over; `top`: what was to be tried at the most held. */
export type EndOfSearch = 'found' | 'top' | 'no-time' | 'no-steps';

export type NextStep =
  | { readonly kind: 'try'; readonly users: number }
  | { readonly kind: 'done'; readonly why: EndOfSearch };

/** The smallest load above all that held which did not hold. */
export interface Ceiling {
  readonly users: number;
  readonly kind: Exclude<StepKind, 'held'>;
  readonly times: number;
}

/** Preparing, collecting and judging take a step this much longer than its plan; then what was seen. */
const OVER_PLAN = 1.35;
const LOOKS = 2;
const FACTOR = 2;

/** 0 when nothing held yet. */
export const heldUsers = (tried: readonly Tried[]): number =>
  tried.reduce((most, { users, kind }) => (kind === 'held' ? Math.max(most, users) : most), 0);

export function ceilingOf(tried: readonly Tried[]): Ceiling | undefined {
  const held = heldUsers(tried);
  const above = tried.filter(({ users }) => users > held);
  if (above.length === 0) return undefined;
  const users = Math.min(...above.map((each) => each.users));
  const looks = above.filter((each) => each.users === users).map(({ kind }) => kind);
  // A service that failed before a fit generator did fail, whatever came of the other look.
  const kind = (['failed', 'generator', 'unknown'] as const).find((each) => looks.includes(each));
  return { users, kind: kind ?? 'unknown', times: looks.length };
}

/** `spentSec`: of the sweep's time so far, the start of its cluster included. */
export function nextStep(
  bounds: SearchBounds,
  tried: readonly Tried[],
  spentSec: number,
): NextStep {
  const wanted = wantedUsers(bounds, tried);
  if (wanted.kind === 'done') return wanted;
  if (tried.length >= bounds.stepsMax) return { kind: 'done', why: 'no-steps' };
  const leftSec = bounds.secondsMax - spentSec;
  const users = affordable(bounds, tried, wanted.users, leftSec);
  return users === undefined ? { kind: 'done', why: 'no-time' } : { kind: 'try', users };
}

function wantedUsers(bounds: SearchBounds, tried: readonly Tried[]): NextStep {
  const { fromUsers, toUsers, resolutionUsers: grid } = bounds;
  const held = heldUsers(tried);
  const ceiling = ceilingOf(tried);
  if (ceiling === undefined) {
    if (held === 0) return { kind: 'try', users: Math.min(fromUsers, toUsers) };
    if (held >= toUsers) return { kind: 'done', why: 'top' };
    const doubled = onGrid(held * FACTOR, grid);
    return { kind: 'try', users: Math.min(toUsers, doubled > held ? doubled : held * FACTOR) };
  }
  // It says nothing of the load, so it is no reason to go down either.
  if (ceiling.kind === 'unknown' && ceiling.times < LOOKS) {
    return { kind: 'try', users: ceiling.users };
  }
  if (ceiling.users - held > grid) {
    const middle = onGrid((held + ceiling.users) / 2, grid);
    const inside = middle > held && middle < ceiling.users;
    return { kind: 'try', users: inside ? middle : Math.ceil((held + ceiling.users) / 2) };
  }
  return ceiling.times < LOOKS
    ? { kind: 'try', users: ceiling.users }
    : { kind: 'done', why: 'found' };
}

const onGrid = (users: number, grid: number): number => Math.round(users / grid) * grid;

/** What was wanted, or the most under it that there is time for and that would still teach something. */
function affordable(
  bounds: SearchBounds,
  tried: readonly Tried[],
  wanted: number,
  leftSec: number,
): number | undefined {
  const { resolutionUsers: grid } = bounds;
  const least = heldUsers(tried) + grid;
  for (let users = wanted; users >= Math.min(least, wanted); users -= grid) {
    // A second look at a load that failed is worth its time; a first look at a smaller one likewise.
    const isNew = users === wanted || tried.every((each) => each.users !== users);
    if (isNew && expectedSec(bounds, tried, users) <= leftSec) return users;
  }
  return undefined;
}

/** What a step of so many users will take, by its plan and by how the others kept to theirs. */
export function expectedSec(
  { plannedSecOf }: SearchBounds,
  tried: readonly Tried[],
  users: number,
): number {
  const overPlan = tried.map((each) => each.tookSec / plannedSecOf(each.users));
  return plannedSecOf(users) * (overPlan.length === 0 ? OVER_PLAN : Math.max(...overPlan));
}
