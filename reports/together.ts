/**
 * Several runs together: what they show that none shows alone. Failovers add
 * up, so the bound on loss gets tighter; times of recovery become
 * distributions; availability is that of all messages.
 *
 * Only runs whose preconditions are met, or that lost something, count: any
 * other shows nothing, and its failovers would make the bound look better than
 * it is. An inconclusive run still makes the whole inconclusive.
 */
import { binomialUpperBound } from '../chaos/statistics.ts';
import { faultsByKind, type FaultsByKind } from './by-kind.ts';
import { EXIT_CODES, type Verdict, type VerdictKind } from './verdict.ts';

export const TOGETHER_SCHEMA = 'holdfast.together/1';

export interface Together extends FaultsByKind {
  readonly schema: typeof TOGETHER_SCHEMA;
  /** The worst of all: fail over inconclusive over pass. */
  readonly verdict: VerdictKind;
  readonly exitCode: 0 | 1 | 2;
  readonly runs: readonly { readonly run: string; readonly verdict: VerdictKind }[];
  /** Runs that the figures below are made of. */
  readonly counted: number;
  readonly messages: {
    readonly offered: number;
    readonly acknowledged: number;
    readonly lost: number;
  };
  /** Over all messages of the windows; null without any. */
  readonly availability: {
    readonly messages: number;
    readonly asSent: number | null;
    readonly withRetries: number | null;
  };
  readonly userSecondsLost: number;
  readonly confidence: {
    readonly failovers: number;
    readonly losing: number;
    readonly upperBound95: number | null;
  };
}

/** `verdicts`: at least one, of different runs. */
export function together(verdicts: readonly Verdict[]): Together {
  const counted = verdicts.filter(counts);
  const verdict = worstOf(verdicts);
  const failovers = sumOf(counted, ({ confidence }) => confidence.failovers);
  const losing = sumOf(counted, ({ confidence }) => confidence.losing);
  return {
    schema: TOGETHER_SCHEMA,
    verdict,
    exitCode: EXIT_CODES[verdict],
    runs: verdicts.map((each) => ({ run: each.run, verdict: each.verdict })),
    counted: counted.length,
    messages: {
      offered: sumOf(counted, ({ messages }) => messages.offered),
      acknowledged: sumOf(counted, ({ messages }) => messages.acknowledged),
      lost: sumOf(counted, ({ messages }) => messages.lost),
    },
    availability: availabilityOf(counted),
    userSecondsLost: sumOf(counted, ({ availability }) => availability.userSecondsLost),
    confidence: {
      failovers,
      losing,
      upperBound95: binomialUpperBound(losing, failovers),
    },
    ...faultsByKind(counted.flatMap(({ faults }) => faults)),
  };
}

const counts = ({ verdict, preconditions, confidence }: Verdict): boolean =>
  confidence.losing > 0 || (verdict !== 'inconclusive' && preconditions.every(({ met }) => met));

function worstOf(verdicts: readonly Verdict[]): VerdictKind {
  const order: readonly VerdictKind[] = ['fail', 'inconclusive', 'pass'];
  return order.find((kind) => verdicts.some(({ verdict }) => verdict === kind)) ?? 'inconclusive';
}

const sumOf = (verdicts: readonly Verdict[], count: (verdict: Verdict) => number): number =>
  verdicts.reduce((sum, verdict) => sum + count(verdict), 0);

/** Shares of counts give the counts back exactly, so all messages weigh the same. */
function availabilityOf(verdicts: readonly Verdict[]): Together['availability'] {
  const phases = verdicts.flatMap(({ availability }) => Object.values(availability.byPhase));
  const count = (share: (phase: (typeof phases)[number]) => number | null): number =>
    phases.reduce((sum, phase) => sum + Math.round((share(phase) ?? 0) * phase.messages), 0);
  const messages = phases.reduce((sum, phase) => sum + phase.messages, 0);
  return {
    messages,
    asSent: messages === 0 ? null : count(({ asSent }) => asSent) / messages,
    withRetries: messages === 0 ? null : count(({ withRetries }) => withRetries) / messages,
  };
}
