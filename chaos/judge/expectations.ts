/**
 * Did the service do what it promises for each fault? What a fault expects was
 * recorded when it struck; the client ledgers say what happened, from the
 * strike until the next fault, or the end of the load. A service has recovered
 * when its longest silence was over, however late it set in.
 *
 * A promise that was broken refutes the run like a lost message does: these
 * bounds are what an operator plans by. It is not known, and the run
 * inconclusive, where
 * - users meant to send so seldom that a silence would not have shown: nothing
 *   was acknowledged for longer than the bound, and nobody waited;
 * - the generator stood still for as much of the silence as it is too long, or
 *   was not fit at all (`generator-fitness.ts`): it may have been its own;
 * - the fault was healed before its promise began, or the run was cut short.
 */
import { conclude, notTested } from '../checkers/check-result.ts';
import type { CheckResult, ExpectationReport, FaultReport, Precondition } from '../findings.ts';
import { describeExpectation, type Expectation } from '../faults/expectation.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { longestStopMs } from './blur.ts';
import { isBlurKnown } from './generator-fitness.ts';
import type { Window } from './outcomes.ts';
import { acknowledgedWithin, longestQuietMs, longestWait, type Silence } from './silence.ts';
import type { FaultSpan } from './timeline.ts';

/** Until when what happens is put down to a fault; all from the ledgers' base. */
interface Course {
  readonly struckFromMs: number;
  readonly struckToMs: number;
  readonly healingMs: number | null;
  /** Users meant to send until then. */
  readonly sendingToMs: number;
  readonly toMs: number;
}

/** What was around the fault, epoch milliseconds. */
export interface Around {
  readonly window: Window | null;
  /** Null: it was the last. */
  readonly nextStruckMs: number | null;
  /** The run's last event. */
  readonly endedMs: number;
}

type Seen = Omit<ExpectationReport, 'expected'>;

export function judgeExpectation(
  ledgers: Ledgers,
  span: FaultSpan,
  { window, nextStruckMs, endedMs }: Around,
): ExpectationReport {
  const { expects, injectedMs } = span;
  if (expects === null) {
    return { kind: 'unknown', expected: 'not recorded', seen: 'the run does not say' };
  }
  const expected = describeExpectation(expects);
  if (window === null || injectedMs === null) {
    return { kind: 'unknown', expected, seen: 'the run was cut short' };
  }
  const { baseMs } = ledgers;
  const sendingToMs = Math.min(nextStruckMs ?? Infinity, window.toMs) - baseMs;
  const seen = seenOf(ledgers, expects, {
    struckFromMs: span.struckMs - baseMs,
    struckToMs: injectedMs - baseMs,
    healingMs: span.healingMs === null ? null : span.healingMs - baseMs,
    sendingToMs,
    // A silence that the end of the load cuts in two is as long as both of its parts.
    toMs:
      nextStruckMs === null ? nextAnswerMs(ledgers, sendingToMs, endedMs - baseMs) : sendingToMs,
  });
  return { ...seen, expected };
}

function seenOf(ledgers: Ledgers, expects: Expectation, course: Course): Seen {
  switch (expects.kind) {
    case 'keeps-going':
      return silenceFrom(ledgers, course, course.struckFromMs, expects.gapMsMax, ({ ms }) => ms);
    case 'recovers':
      return recoveryFrom(ledgers, course, course.struckFromMs, expects.withinMs);
    case 'refuses-writes':
      return refusal(ledgers, course, expects);
  }
}

/** Shorter than this (the mission's as-sent bound), a silence is none that has to be recovered from. */
const ORDINARY_MS = 1_000;

/** An outage that sets in late is over late: what counts is when the longest silence ended. */
const recoveryFrom = (ledgers: Ledgers, course: Course, fromMs: number, msMax: number): Seen =>
  silenceFrom(ledgers, course, fromMs, msMax, (silence) =>
    silence.ms <= ORDINARY_MS ? silence.ms : silence.fromMs + silence.ms - fromMs,
  );

/** The longest silence of users who wait, in milliseconds by `lengthOf`, may not be over `msMax`. */
function silenceFrom(
  ledgers: Ledgers,
  course: Course,
  fromMs: number,
  msMax: number,
  lengthOf: (silence: Silence) => number,
): Seen {
  const silence = longestWait(ledgers, fromMs, course.toMs);
  const ms = silence === null ? 0 : lengthOf(silence);
  if (silence !== null && ms > msMax) {
    const own = longestStopMs(ledgers, silence.fromMs, silence.fromMs + silence.ms);
    const unanswered = silence.endedMs === null ? ', and no answer before the run ended' : '';
    return ms - own > msMax
      ? { kind: 'not-met', seen: `${inSeconds(ms)}${unanswered}` }
      : { kind: 'unknown', seen: `${inSeconds(ms)}, ${inSeconds(own)} of it the generator’s own` };
  }
  const quietMs = longestQuietMs(ledgers, fromMs, course.sendingToMs);
  return quietMs > msMax
    ? { kind: 'unknown', seen: `nobody waited for an answer for ${inSeconds(quietMs)}` }
    : { kind: 'met', seen: inSeconds(ms) };
}

function refusal(
  ledgers: Ledgers,
  course: Course,
  { fromMs, withinMs }: Extract<Expectation, { kind: 'refuses-writes' }>,
): Seen {
  const { struckToMs, healingMs } = course;
  if (healingMs === null) return { kind: 'unknown', seen: 'the run does not say when it healed' };
  const refusesFromMs = struckToMs + fromMs;
  if (healingMs <= refusesFromMs) {
    return { kind: 'unknown', seen: `healed after ${inSeconds(healingMs - struckToMs)}` };
  }
  const taken = acknowledgedWithin(ledgers, refusesFromMs, healingMs);
  if (taken > 0) return { kind: 'not-met', seen: `${taken} acknowledged while it lasted` };
  if (longestWait(ledgers, refusesFromMs, healingMs) === null) {
    return { kind: 'unknown', seen: 'nobody tried to send while it lasted' };
  }
  const after = recoveryFrom(ledgers, course, healingMs, withinMs);
  return { ...after, seen: `none acknowledged, then ${after.seen}` };
}

/** The first acknowledgement from `atMs` on; without one, as long as anybody can be said to wait. */
function nextAnswerMs({ records: { messages } }: Ledgers, atMs: number, endedMs: number): number {
  let firstMs = Infinity;
  for (const each of messages.acknowledgedMs) if (each >= atMs && each < firstMs) firstMs = each;
  return firstMs === Infinity ? Math.max(atMs, endedMs) : firstMs;
}

const inSeconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`;

/** All of them as one checker's result. */
export function expectationsCheck(
  faults: readonly FaultReport[],
  preconditions: readonly Precondition[],
): CheckResult {
  const id = 'expectations';
  const title = 'Under each fault the service did what it promises';
  if (faults.length === 0) return notTested(id, title, 'No fault struck.');
  const of = (kind: ExpectationReport['kind']) =>
    faults.filter(({ expectation }) => expectation.kind === kind);
  const [notMet, unknown] = [of('not-met'), of('unknown')];
  const isFit = isBlurKnown(preconditions);
  const inWords = (fault: FaultReport): string => `${fault.id}: ${wordsOf(fault.expectation)}`;
  return conclude({
    ...{ id, title },
    counts: { faults: faults.length, notMet: notMet.length, unknown: unknown.length },
    refuted: isFit && notMet.length > 0,
    examples: notMet.map(inWords),
    missing: [
      ...unknown.map(inWords),
      ...(notMet.length > 0 && !isFit ? ['a generator that cannot itself be the cause'] : []),
    ],
    detail: 'notMet: a promise was broken; unknown: the evidence does not show whether.',
  });
}

/** `expected: recovers within 10 s; seen: 2.4 s`. */
export const wordsOf = ({ expected, seen }: ExpectationReport): string =>
  `expected: ${expected}; seen: ${seen}`;
