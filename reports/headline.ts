/**
 * What a reader has to know first, in words: the question, the answer, and the
 * six figures behind it. HTML, Markdown and terminal all take it from here,
 * so that they cannot say different things.
 *
 * It words what the verdict says and decides nothing itself.
 */
import type { FaultReport } from '../chaos/findings.ts';
import {
  formatBound,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatRate,
  formatShare,
  formatSmallNumber,
  NOT_MEASURED,
} from './figures.ts';
import type { ClaimStatus, Verdict, VerdictKind } from './verdict.ts';

export interface HeadlineFigure {
  readonly id: 'lost' | 'available' | 'latency' | 'recovery' | 'users' | 'failovers';
  readonly label: string;
  readonly value: string;
  /** One line that makes the figure readable: its base, its bound, its exception. */
  readonly note: string;
  /** `bad` only where the figure by itself breaks what was required. */
  readonly tone: 'plain' | 'good' | 'bad';
}

export interface Headline {
  readonly question: string;
  /** `PASS`, `FAIL`, `INCONCLUSIVE`. */
  readonly word: string;
  /** The answer as a sentence. */
  readonly answer: string;
  readonly figures: readonly HeadlineFigure[];
  /** How much of what the mission promises was looked at; '' where no claim was judged. */
  readonly scope: string;
}

export function headlineOf(verdict: Verdict): Headline {
  // A figure of a run that proves nothing is not good, whatever it is.
  const mayPraise = verdict.verdict !== 'inconclusive';
  return {
    question: questionOf(verdict),
    word: WORDS[verdict.verdict],
    answer: answerOf(verdict),
    figures: [
      lostFigure(verdict),
      availableFigure(verdict),
      latencyFigure(verdict),
      recoveryFigure(verdict),
      usersFigure(verdict),
      failoversFigure(verdict),
    ].map((figure) =>
      mayPraise || figure.tone !== 'good' ? figure : { ...figure, tone: 'plain' },
    ),
    scope: scopeOf(verdict),
  };
}

function scopeOf({ claims }: Verdict): string {
  if (claims.length === 0) return '';
  const of = (status: ClaimStatus) => claims.filter((claim) => claim.status === status);
  const refuted = of('refuted');
  const names = refuted.length === 0 ? '' : ` (${refuted.map(({ id }) => id).join(', ')})`;
  return `${of('held').length} held, ${refuted.length} refuted${names}, ${of('not-tested').length} not tested`;
}

const WORDS: Readonly<Record<VerdictKind, string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

function questionOf({ plan }: Verdict): string {
  const faults = plan.faults.length;
  const breaking =
    faults === 0
      ? 'nothing breaking'
      : faults === 1
        ? `this thing breaking (${plan.faults[0]})`
        : `these ${formatSmallNumber(faults)} things breaking (${plan.faults.join(', ')})`;
  const unguarded = plan.guard ? '' : ', without the failover guard';
  const shape = plan.shape === 'steady' ? '' : ` (${plan.shape})`;
  return `With ${formatCount(plan.users)} users on it${shape} and ${breaking}${unguarded}: did it lose anything it had acknowledged, and was it there for its users?`;
}

function answerOf(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'pass':
      return 'It lost nothing it had acknowledged, and it was there for its users.';
    case 'inconclusive':
      return 'The evidence does not allow an answer.';
    case 'fail':
      return failureOf(verdict);
  }
}

function failureOf(verdict: Verdict): string {
  const { lost } = verdict.messages;
  const away = isBelowObjective(verdict);
  if (lost > 0) {
    const what = `It lost ${formatNumberOf(lost, 'message')} it had acknowledged`;
    return away ? `${what}, and it was not there for its users.` : `${what}.`;
  }
  if (away) return 'It was not there for its users as much as it has to be.';
  return 'It broke a promise other than those of loss and availability.';
}

function isBelowObjective({ availability }: Verdict): boolean {
  return availability.withRetries !== null && availability.withRetries < availability.objective;
}

function lostFigure({ messages }: Verdict): HeadlineFigure {
  const judged = messages.acknowledged > 0;
  return {
    id: 'lost',
    label: 'Lost',
    value: judged ? formatCount(messages.lost) : NOT_MEASURED,
    note: judged
      ? `of ${formatCount(messages.acknowledged)} acknowledged messages`
      : 'no message was acknowledged',
    tone: messages.lost > 0 ? 'bad' : judged ? 'good' : 'plain',
  };
}

function availableFigure(verdict: Verdict): HeadlineFigure {
  const { availability } = verdict;
  const bounds = `${formatShare(availability.objective)} required within ${formatDuration(availability.deadlineMs)}`;
  const asSent = `as sent, within ${formatDuration(availability.asSentMs)}: ${formatShare(availability.asSent)}`;
  return {
    id: 'available',
    label: 'Available, with retries',
    value: formatShare(availability.withRetries),
    note: `${bounds}; ${asSent}`,
    tone: isBelowObjective(verdict) ? 'bad' : availability.withRetries === null ? 'plain' : 'good',
  };
}

function latencyFigure({ latencyMs, deliveryMs, plan }: Verdict): HeadlineFigure {
  const delivered =
    deliveryMs.p50 === null
      ? 'deliveries not measured'
      : `delivered: half within ${formatDuration(deliveryMs.p50)}, 99\u202f% within ${formatDuration(deliveryMs.p99)}`;
  return {
    id: 'latency',
    label: 'Latency, p99',
    value: formatDuration(latencyMs.p99),
    note: `to the acknowledgement, half within ${formatDuration(latencyMs.p50)}; ${delivered}${distanceOf(plan)}`,
    tone: 'plain',
  };
}

/** What of that is the way to users who are far away. */
function distanceOf({ roundTripsMs }: Verdict['plan']): string {
  const far = [...new Set(roundTripsMs)].filter((ms) => ms > 0).sort((a, b) => a - b);
  return far.length === 0
    ? ''
    : `; round trips of ${far.join(', ')}\u202fms to its regions are in it`;
}

/** The fault after which 99 % of the load took longest to come back; a fault that never did is worst. */
export function slowestFault(faults: readonly FaultReport[]): FaultReport | undefined {
  // `noop` breaks nothing, so there is nothing to recover from.
  const broken = faults.filter((fault) => fault.kind !== 'noop' && fault.injectedAt !== null);
  const recoveredAfterMs = (fault: FaultReport): number => fault.recoveryMs.load99 ?? Infinity;
  return broken.reduce<FaultReport | undefined>(
    (slowest, fault) =>
      slowest === undefined || recoveredAfterMs(fault) > recoveredAfterMs(slowest)
        ? fault
        : slowest,
    undefined,
  );
}

function recoveryFigure({ faults }: Verdict): HeadlineFigure {
  const base = { id: 'recovery', label: 'Slowest recovery', tone: 'plain' } as const;
  const slowest = slowestFault(faults);
  if (slowest === undefined) {
    return { ...base, value: formatDuration(null), note: 'no fault was injected' };
  }
  const { load99, longestGap } = slowest.recoveryMs;
  if (load99 === null) {
    const note = `${slowest.kind}: 99\u202f% of the load did not come back`;
    return { ...base, value: 'not seen', note, tone: 'bad' };
  }
  const silent = longestGap === null ? '' : `; silent for ${formatDuration(longestGap)}`;
  return {
    ...base,
    value: formatDuration(load99),
    note: `${slowest.kind}, to 99\u202f% of the load${silent}`,
  };
}

function usersFigure({ plan, rates, machine }: Verdict): HeadlineFigure {
  return {
    id: 'users',
    label: 'Users',
    value: formatCount(plan.users),
    note:
      rates.offeredHz === null
        ? 'planned; no message was offered'
        : `${formatRate(rates.acknowledgedHz)} messages acknowledged of ${formatRate(rates.offeredHz)} offered${busyOf(machine)}`,
    tone: 'plain',
  };
}

/** Rounded down, so that cores that were missed never read as idle. */
function busyOf({ busyCores, cores }: Verdict['machine']): string {
  if (busyCores === null || cores === null) return '';
  const idle = Math.max(0, Math.floor(100 * (1 - busyCores / cores)));
  return `; ${busyCores.toFixed(2)} of ${cores} cores busy with everything, ${idle}\u202f% idle`;
}

function failoversFigure({ confidence }: Verdict): HeadlineFigure {
  const { failovers, losing, upperBound95 } = confidence;
  return {
    id: 'failovers',
    label: 'Failovers',
    value: formatCount(failovers),
    note:
      upperBound95 === null
        ? failovers === 0
          ? 'none was watched'
          : 'too few to bound how many would lose something'
        : `${losing === 0 ? 'none' : formatCount(losing)} lost anything; at 95\u202f% confidence at most ${formatBound(upperBound95)} would`,
    tone: losing > 0 ? 'bad' : 'plain',
  };
}
