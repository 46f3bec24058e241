/**
 * Stores what several ask to have stored within a few milliseconds in one
 * statement: a commit, and its way through the replicas, costs the same for one
 * message as for ten. One connection, one statement under way.
 *
 * Each who asks gets the outcome of its own drafts, and what is not confirmed is
 * for whoever asked to ask again: nothing is kept here. So two who ask may be
 * stored in either order; who wants an order waits for the answer (`lane.ts`).
 */
import type { AppendConnection, AppendOutcome } from './append.ts';
import { messagesOf, type Draft, type Message } from './message.ts';

export interface GroupCommitOptions {
  /** In one statement, unless one who asks has more. */
  readonly messagesMax: number;
  /** From the beginning of a statement to that of the next, at least. */
  readonly gatherMs: () => number;
  readonly open: () => Promise<AppendConnection>;
  /** Messages that one commit made durable, in order; some perhaps not for the first time. */
  readonly onCommitted: (messages: readonly Message[]) => void;
}

export interface GroupCommit extends Disposable {
  /** Never rejects. */
  append(drafts: readonly Draft[]): Promise<AppendOutcome>;
}

interface Asked {
  readonly drafts: readonly Draft[];
  readonly answer: (outcome: AppendOutcome) => void;
}

const wait = (delayMs: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const waiting: Asked[] = [];
  let connection: AppendConnection | undefined;
  let isRunning = false;
  let isDisposed = false;
  let lastBeganMs = -Infinity;

  async function tryOnce(drafts: readonly Draft[]): Promise<AppendOutcome> {
    try {
      if (connection === undefined || connection.isSpent) connection = await options.open();
      if (isDisposed) connection[Symbol.dispose]();
    } catch (error) {
      return { kind: 'unconfirmed', reason: 'connection', detail: String(error) };
    }
    return connection.append(drafts);
  }

  /** Those who may share a statement, in the order in which they asked. */
  function takeGroup(): readonly Asked[] {
    let messages = 0;
    const beyond = waiting.findIndex(({ drafts }, place) => {
      messages += drafts.length;
      return place > 0 && messages > options.messagesMax;
    });
    return waiting.splice(0, beyond === -1 ? waiting.length : beyond);
  }

  async function commit(group: readonly Asked[]): Promise<void> {
    const drafts = group.flatMap((asked) => asked.drafts);
    const outcome = await tryOnce(drafts);
    if (outcome.kind === 'refused' && group.length > 1) {
      // Nobody is refused for what another one asked.
      for (const asked of group) await commit([asked]);
      return;
    }
    if (outcome.kind !== 'stored') {
      for (const asked of group) asked.answer(outcome);
      // Who waits behind it learns it at once: what is asked again must not pile up here.
      if (outcome.kind === 'unconfirmed') for (const asked of waiting.splice(0)) asked.answer(outcome);
      return;
    }
    const { messages } = messagesOf(drafts, outcome.places);
    if (messages.length > 0) options.onCommitted(messages);
    let next = 0;
    for (const asked of group) {
      const places = outcome.places.slice(next, (next += asked.drafts.length));
      asked.answer({ kind: 'stored', places });
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0 && !isDisposed) {
      // What comes soon after a statement is stored together; what comes after a rest, at once.
      const restMs = lastBeganMs + options.gatherMs() - performance.now();
      if (restMs > 0) await wait(restMs);
      lastBeganMs = performance.now();
      await commit(takeGroup());
    }
    isRunning = false;
  }

  return {
    append: (drafts) =>
      new Promise((answer) => {
        waiting.push({ drafts, answer });
        if (isRunning) return;
        isRunning = true;
        void run();
      }),
    [Symbol.dispose]() {
      isDisposed = true;
      connection?.[Symbol.dispose]();
      const detail = 'this server is leaving';
      for (const { answer } of waiting.splice(0)) {
        answer({ kind: 'unconfirmed', reason: 'connection', detail });
      }
    },
  };
}
