/**
 * Takes messages, stores them in lanes by channel, and answers each exactly
 * once: stored with its sequence, or refused with an error of the protocol.
 *
 * At most `queueMessagesMax` messages wait; beyond that the answer is `busy`
 * and nothing is taken. A key that waits already is not queued twice: whoever
 * sent it last is answered, for the earlier sender's socket is likely gone.
 */
import type { Logger } from 'pino';
import type { AppendConnection } from './append.ts';
import { createLane } from './lane.ts';
import type { Draft, Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import type { ErrorCode } from './protocol.ts';

export type SendResult =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string };

export interface WriterOptions {
  readonly lanes: number;
  readonly batchMessagesMax: number;
  readonly gatherMs: number;
  readonly queueMessagesMax: number;
  readonly openConnection: (lane: string) => Promise<AppendConnection>;
  /** Messages that became durable in one commit, in order; some perhaps not for the first time. */
  readonly onCommitted: (messages: readonly Message[]) => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Writer extends Disposable {
  submit(draft: Draft, answer: (result: SendResult) => void): void;
  /** Messages taken and not answered yet. */
  readonly waiting: number;
  /** From now on everything is answered `busy`; resolves when nothing waits any more. */
  drain(): Promise<void>;
}

interface Taken {
  readonly draft: Draft;
  readonly takenAtMs: number;
  answer: (result: SendResult) => void;
}

const refusal = (code: ErrorCode, detail: string): SendResult => ({
  kind: 'refused',
  code,
  detail,
});

export function createWriter(options: WriterOptions): Writer {
  const { metrics } = options;
  const taken = new Map<string, Taken>();
  let isDraining = false;
  const emptied = Promise.withResolvers<void>();

  function answer(key: string, result: SendResult): void {
    const one = taken.get(key);
    taken.delete(key);
    if (one !== undefined) {
      metrics.commitSeconds.observe((performance.now() - one.takenAtMs) / 1_000);
      one.answer(result);
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
    metrics.queueLength.set(taken.size);
  }

  const lanes = Array.from({ length: options.lanes }, (_, index) => {
    const name = `lane-${index}`;
    return createLane({
      name,
      batchMessagesMax: options.batchMessagesMax,
      gatherMs: options.gatherMs,
      open: () => options.openConnection(name),
      onStored,
      onRefused: (draft, detail) => answer(draft.key, refusal('bad-frame', detail)),
      onRetry: (reason) => metrics.commitRetries.inc({ reason }),
      log: options.log,
    });
  });

  return {
    submit(draft, answerTo) {
      const waiting = taken.get(draft.key);
      if (waiting !== undefined) {
        const { channel, author, body } = waiting.draft;
        if (channel === draft.channel && author === draft.author && body === draft.body) {
          waiting.answer = answerTo;
        } else {
          answerTo(refusal('key-conflict', 'the key belongs to another message'));
        }
        return;
      }
      if (isDraining) return answerTo(refusal('busy', 'this server is leaving'));
      if (taken.size >= options.queueMessagesMax) {
        return answerTo(refusal('busy', `${taken.size} messages wait for their commit`));
      }
      taken.set(draft.key, { draft, takenAtMs: performance.now(), answer: answerTo });
      metrics.queueLength.set(taken.size);
      lanes[draft.channel % lanes.length]?.push(draft);
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
      for (const lane of lanes) lane[Symbol.dispose]();
    },
  };
}
