/**
 * What the evidence of a run says, before anybody concludes from it: every
 * checker's result, every precondition, every figure. Types only;
 * `chaos/judge.ts` fills them from the run directory, `reports/verdict.ts`
 * turns them into the verdict.
 */

export interface Precondition {
  readonly id: string;
  /** One sentence: what has to be true for the verdict to mean anything. */
  readonly title: string;
  readonly met: boolean;
  /** With unit, for people: `333.1 messages/s`. */
  readonly measured: string;
  readonly required: string;
}

export interface MessageCounts {
  readonly offered: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly phantom: number;
  readonly undelivered: number;
  readonly deliveredTwice: number;
  readonly ambiguous: number;
}

/** One checker's result; examples are capped and carry ledger positions. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  /** `not-tested`: the run made no attempt at it, so it says nothing for or against the service. */
  readonly kind: 'held' | 'refuted' | 'unknown' | 'not-tested';
  readonly counts: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
  /** Why it is unknown, or what the counts mean. */
  readonly detail: string;
}

export interface AvailabilityFigure {
  readonly messages: number;
  /** Shares in [0, 1]; null without messages. */
  readonly asSent: number | null;
  readonly withRetries: number | null;
}

/**
 * Milliseconds, over all messages that users meant to send; one that was never answered took longer
 * than all others. Null: nothing was measured, or so many were never answered. `max` is the longest
 * answer.
 */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/**
 * Recovery split into its parts, each in milliseconds since the fault struck;
 * null: not seen, or (promoted, detected) no failover was needed.
 */
export interface Recovery {
  readonly detected: number | null;
  readonly promoted: number | null;
  readonly firstCommit: number | null;
  readonly firstAcknowledgement: number | null;
  /** 99 % of the load before the fault is acknowledged within the deadline again. */
  readonly load99: number | null;
  readonly redundancyRestored: number | null;
  /** Longest time without any acknowledged message, from the fault on. */
  readonly longestGap: number | null;
}

/** What the service had to do while a fault lasted, and what it did by the ledgers. */
export interface ExpectationReport {
  /** `unknown`: the evidence shows neither; `seen` says why. */
  readonly kind: 'met' | 'not-met' | 'unknown';
  /** `recovers within 10 s`. */
  readonly expected: string;
  /** `2.4 s`. */
  readonly seen: string;
}

/** Messages to channels of other databases than the stricken one, meant while the fault lasted. */
export interface Elsewhere extends AvailabilityFigure {
  /** Longest time in which one of them waited and none was acknowledged; null: none was meant. */
  readonly longestGapMs: number | null;
}

export interface FaultReport {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly injectedAt: string | null;
  readonly healedAt: string | null;
  readonly inFlight: number;
  readonly proof: {
    readonly bitten: boolean;
    readonly observations: readonly {
      readonly what: string;
      readonly seen: string;
      readonly ok: boolean;
    }[];
  };
  readonly newPrimary: string | null;
  readonly recoveryMs: Recovery;
  readonly expectation: ExpectationReport;
  /** Seconds of the whole load that missed the bound while it lasted: the share that did, over time. */
  readonly unavailableSec: { readonly asSent: number; readonly withRetries: number };
  /** Share of the window's error budget (1 − objective) this fault spent; 1 is all of it. */
  readonly budgetSpent: number | null;
  /** Sum over users of the time their messages waited past the as-sent bound, seconds. */
  readonly userSecondsLost: number;
  /** Null: it struck no database, or the only one. */
  readonly elsewhere: Elsewhere | null;
}

export interface Findings {
  readonly run: string;
  readonly plan: {
    readonly name: string;
    readonly seed: number;
    readonly users: number;
    /** Each user means to send a message in each interval; a shape bends that. */
    readonly intervalSec: number;
    readonly shape: string;
    /** On top of what the machine's own ways take; for user `u` the one at `u` modulo their number. */
    readonly roundTripsMs: readonly number[];
    readonly faults: readonly string[];
    /** Was there a failover guard beside the database? */
    readonly guard: boolean;
    /** Replicated database clusters that share the channels. */
    readonly databases: number;
  };
  readonly window: {
    readonly from: string | null;
    readonly to: string | null;
    readonly seconds: number;
  };
  readonly preconditions: readonly Precondition[];
  readonly checks: readonly CheckResult[];
  readonly messages: MessageCounts;
  /** Deliveries received by all members, and how many receivers a message had on average. */
  readonly deliveries: {
    readonly received: number;
    readonly expected: number;
    readonly fanOut: number | null;
  };
  /** Rows written for messages: in all, on each of so many nodes, and by database. */
  readonly writes: {
    readonly rows: number;
    readonly nodes: number;
    readonly byDatabase: readonly number[];
  };
  readonly rates: {
    readonly offeredHz: number | null;
    readonly acknowledgedHz: number | null;
    /** Offered before the first fault, ahead of which users send more; null: nothing was. */
    readonly steadyHz: number | null;
  };
  /** Cores that were busy in the window with whatever, on average, and how many there are; null: not sampled. */
  readonly machine: { readonly busyCores: number | null; readonly cores: number | null };
  readonly availability: {
    readonly objective: number;
    readonly deadlineMs: number;
    readonly asSentMs: number;
    readonly asSent: number | null;
    readonly withRetries: number | null;
    /** With retries, if every message that the generator itself may have made late is taken as good. */
    readonly withRetriesAtBest: number | null;
    /** Sum over users of the time their messages waited past the as-sent bound, seconds. */
    readonly userSecondsLost: number;
    readonly byPhase: Readonly<Record<string, AvailabilityFigure>>;
  };
  /** From the intended time to the delivery, over all deliveries to a sample of the users. */
  readonly deliveryMs: Percentiles;
  readonly latencyMs: Percentiles;
  readonly latencyByPhaseMs: Readonly<Record<string, Percentiles>>;
  readonly latencyAsSentMs: Percentiles;
  /** As sent: a message that needed a second attempt counts as never answered. */
  readonly latencyAsSentByPhaseMs: Readonly<Record<string, Percentiles>>;
  readonly faults: readonly FaultReport[];
  /** Faults whose turn it was and that the topology could not bear then. */
  readonly skipped: readonly { readonly id: string; readonly kind: string; readonly why: string }[];
  /** 0 lost in `failovers` independent failovers bounds the share that lose anything. */
  readonly confidence: {
    readonly failovers: number;
    readonly losing: number;
    readonly upperBound95: number | null;
  };
}

/** What the charts are drawn from: one entry a second of the window. */
export interface Series {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly offered: readonly number[];
  readonly acknowledged: readonly number[];
  readonly withinDeadline: readonly number[];
  readonly asSent: readonly number[];
  readonly p50Ms: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
  readonly sockets: readonly (number | null)[];
  readonly bands: readonly {
    readonly label: string;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  /** Cores that were busy since the sample before, with whatever, and how many there are. */
  readonly machine: {
    readonly atMs: readonly number[];
    readonly busyCores: readonly number[];
    readonly cores: number | null;
    /** Share of the time since then in which somebody waited for a disk; null: not known. */
    readonly diskWait: readonly (number | null)[];
  };
  /** CPU seconds a second and bytes, by process, sampled. */
  readonly usage: readonly {
    readonly id: string;
    readonly atMs: readonly number[];
    readonly cores: readonly number[];
    readonly memoryBytes: readonly number[];
  }[];
}
