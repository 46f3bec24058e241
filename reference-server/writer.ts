/**
 * Takes messages, stores them in lanes by channel, and answers each exactly
 * once: stored with its sequence, or refused with an error of the protocol.
 *
 * At most `queueMessagesMax` messages wait; beyond that, and while a lane's
 * breaker is open, the answer is `busy` and nothing is taken. Who is refused
 * because the database is away is told to wait as long again as it has been: the
 * longer that is, the more have something to send, and they shall not all come
 * in the moment in which it is back. Nobody waits for longer than `deadlineMs`: a message that the database was not yet asked to
 * store is taken back and answered `busy`; one that is under way may be stored
 * or not, so its answer is `unconfirmed`, and it goes on being tried.
 *
 * A key that waits already is not queued twice: whoever sent it last is
 * answered, for the earlier sender's socket is likely gone. That holds for one
 * that was answered `unconfirmed` too: sent again, it waits for the same commit.
 */
import type { Logger } from 'pino';
import type { AppendConnection } from './append.ts';
import { createLane } from './lane.ts';
import type { Draft, Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import { observedBreaker } from './observed-breaker.ts';
import type { ErrorCode } from './protocol.ts';

export type SendResult =
  | { readonly kind: 'stored'; readonly sequence: number }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

/** Why a message got no place: `chat_sends_refused_total`. */
type RefusalReason = 'leaving' | 'queue-full' | 'circuit-open' | 'deadline' | 'unconfirmed';

/**
 * 20,000 users who come back within this time and half of it again send some 800 waiting messages a
 * second after an outage of a minute, which two cores bear beside the mission's 333; each further
 * minute adds as many, and what is too much the queue refuses. Longer would only make them wait.
 */
const RETRY_AFTER_MS_MAX = 20_000;

/** How often what is overdue is looked for; it is not waited for more exactly than that. */
const OVERDUE_EVERY_MS = 500;

export interface WriterOptions {
  /** Of its lanes: `lane-0`, … Two writers of one server need two. */
  readonly laneName: string;
  readonly lanes: number;
  readonly batchMessagesMax: number;
  readonly gatherMs: () => number;
  readonly queueMessagesMax: number;
  /** From the taking of a message to an answer, at most. */
  readonly deadlineMs: number;
  /** A lane whose batch was not confirmed for so long takes nothing new. */
  readonly openAfterMs: number;
  /** How often the batch that waits is tried then. */
  readonly probeEveryMs: number;
  /** What those who are refused are told to wait. */
  readonly retryAfterMs: number;
  readonly openConnection: (lane: string) => Promise<AppendConnection>;
  /** Messages that became durable in one commit, in order; some perhaps not for the first time. */
  readonly onCommitted: (messages: readonly Message[]) => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Writer extends Disposable {
  /** `takenOver`: called in the place of `answer` when the same message is submitted once more. */
  submit(draft: Draft, answer: (result: SendResult) => void, takenOver?: () => void): void;
  /** Messages taken and not answered yet. */
  readonly waiting: number;
  /** From now on everything is answered `busy`; resolves when nothing waits any more. */
  drain(): Promise<void>;
}

interface Taken {
  readonly draft: Draft;
  readonly takenAtMs: number;
  /** Since when somebody waits for the answer. */
  waitsSinceMs: number;
  /** Undefined: who sent it was told `unconfirmed`. */
  answer: ((result: SendResult) => void) | undefined;
  /** Called when somebody else is to be answered in the place of who sent it last. */
  takenOver: (() => void) | undefined;
}

const refusal = (code: ErrorCode, detail: string) => ({ kind: 'refused', code, detail }) as const;

export function createWriter(options: WriterOptions): Writer {
  const { metrics } = options;
  const taken = new Map<string, Taken>();
  let isDraining = false;
  const emptied = Promise.withResolvers<void>();

  function busy(reason: RefusalReason, detail: string, awayMs = 0): SendResult {
    metrics.sendsRefused.inc({ reason });
    const againAfterMs = Math.min(RETRY_AFTER_MS_MAX, Math.round(awayMs));
    const retryAfterMs = Math.max(options.retryAfterMs, againAfterMs);
    return { ...refusal('busy', detail), retryAfterMs };
  }

  function answer(key: string, result: SendResult): void {
    const one = taken.get(key);
    if (taken.delete(key)) metrics.queueLength.dec();
    if (one !== undefined) {
      if (result.kind === 'stored') {
        metrics.commitSeconds.observe((performance.now() - one.takenAtMs) / 1_000);
      }
      one.answer?.(result);
    }
    if (isDraining && taken.size === 0) emptied.resolve();
  }

  function onStored(messages: readonly Message[], conflicts: readonly Draft[]): void {
    metrics.batchSize.observe(messages.length + conflicts.length);
    for (const { key, sequence } of messages) answer(key, { kind: 'stored', sequence });
    for (const { key } of conflicts) {
      answer(key, refusal('key-conflict', 'the key belongs to another message'));
    }
    if (messages.length > 0) options.onCommitted(messages);
  }

  const lanes = Array.from({ length: options.lanes }, (_, index) => {
    const name = `${options.laneName}-${index}`;
    const breaker = observedBreaker(name, options);
    const lane = createLane({
      name,
      batchMessagesMax: options.batchMessagesMax,
      gatherMs: options.gatherMs,
      breaker,
      probeEveryMs: options.probeEveryMs,
      open: () => options.openConnection(name),
      onStored,
      onRefused: (draft, detail) => answer(draft.key, refusal('bad-frame', detail)),
      onRetry: (reason) => metrics.commitRetries.inc({ reason }),
      log: options.log,
    });
    return { ...lane, breaker };
  });

  function answerOverdue(nowMs: number): void {
    const dueMs = nowMs - options.deadlineMs;
    for (const lane of lanes) {
      const back = lane.withdraw(({ key }) => (taken.get(key)?.takenAtMs ?? nowMs) <= dueMs);
      for (const { key } of back) {
        const detail = `not stored within ${options.deadlineMs} ms`;
        answer(key, busy('deadline', detail, lane.breaker.awayMs(nowMs)));
      }
    }
    for (const one of taken.values()) {
      // In the order in which they were taken: the rest is younger.
      if (one.takenAtMs > dueMs) break;
      if (one.answer === undefined || one.waitsSinceMs > dueMs) continue;
      metrics.sendsRefused.inc({ reason: 'unconfirmed' });
      const tell = one.answer;
      one.answer = undefined;
      const detail = `no commit within ${options.deadlineMs} ms`;
      tell({ ...refusal('unconfirmed', detail), retryAfterMs: options.retryAfterMs });
    }
  }
  const overdueTimer = setInterval(() => answerOverdue(performance.now()), OVERDUE_EVERY_MS);

  /** Undefined: this one may be taken. */
  function refusalOf(lane: (typeof lanes)[number]): SendResult | undefined {
    if (isDraining) return busy('leaving', 'this server is leaving');
    if (taken.size >= options.queueMessagesMax) {
      return busy('queue-full', `${taken.size} messages wait for their commit`);
    }
    const nowMs = performance.now();
    return lane.breaker.admits(nowMs)
      ? undefined
      : busy('circuit-open', 'the database confirms nothing now', lane.breaker.awayMs(nowMs));
  }

  return {
    submit(draft, answerTo, takenOver) {
      const waiting = taken.get(draft.key);
      if (waiting !== undefined) {
        const { channel, author, body } = waiting.draft;
        if (channel === draft.channel && author === draft.author && body === draft.body) {
          if (waiting.answer === undefined) waiting.waitsSinceMs = performance.now();
          else waiting.takenOver?.();
          waiting.answer = answerTo;
          waiting.takenOver = takenOver;
        } else {
          answerTo(refusal('key-conflict', 'the key belongs to another message'));
        }
        return;
      }
      const lane = lanes[draft.channel % lanes.length] as (typeof lanes)[number];
      const refused = refusalOf(lane);
      if (refused !== undefined) return answerTo(refused);
      const nowMs = performance.now();
      taken.set(draft.key, {
        draft,
        takenAtMs: nowMs,
        waitsSinceMs: nowMs,
        answer: answerTo,
        takenOver,
      });
      metrics.queueLength.inc();
      lane.push(draft);
    },
    get waiting() {
      return taken.size;
    },
    drain() {
      isDraining = true;
      if (taken.size === 0) emptied.resolve();
      return emptied.promise;
    },
    [Symbol.dispose]() {
      clearInterval(overdueTimer);
      for (const lane of lanes) lane[Symbol.dispose]();
    },
  };
}
