/**
 * One line of messages waiting to be stored: one connection, one batch under
 * way, strictly first come first served. A batch whose commit is not confirmed
 * is sent again with the same keys until it is; what came later waits behind
 * it. So the order within a channel is the order of arrival, through failovers
 * too, and nothing is dropped: the caller bounds how much may wait, and may
 * take back what the database was never asked to store.
 *
 * While the breaker is open, the batch that waits is its probe: the same keys,
 * less often.
 */
import type { Logger } from 'pino';
import type { AppendConnection, AppendOutcome, RetryReason } from './append.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Draft, Message } from './message.ts';

export interface LaneOptions {
  readonly name: string;
  readonly batchMessagesMax: number;
  /** From the beginning of a batch to that of the next, at least. */
  readonly gatherMs: () => number;
  readonly breaker: CircuitBreaker;
  /** Between attempts while the breaker is open. */
  readonly probeEveryMs: number;
  readonly open: () => Promise<AppendConnection>;
  /** A batch is durable, in order. Messages whose key belongs to another message come as conflicts. */
  readonly onStored: (messages: readonly Message[], conflicts: readonly Draft[]) => void;
  /** This one can never be stored. */
  readonly onRefused: (draft: Draft, detail: string) => void;
  readonly onRetry: (reason: RetryReason) => void;
  readonly log: Logger;
}

export interface Lane extends Disposable {
  push(draft: Draft): void;
  /** Takes back the oldest of those that were never tried, as long as they are overdue. */
  withdraw(isOverdue: (draft: Draft) => boolean): readonly Draft[];
}

/** Long enough not to spin while a primary is elected, short against the election. */
const BACK_OFF_MS = { min: 50, max: 100 };
/** Of a batch that is not confirmed, so many keys go into the log. */
const KEYS_LOGGED = 5;

const wait = (delayMs: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

export function createLane(options: LaneOptions): Lane {
  const { breaker } = options;
  const queue: Draft[] = [];
  let connection: AppendConnection | undefined;
  let isRunning = false;
  let isDisposed = false;
  let lastBatchMs = -Infinity;

  async function tryOnce(batch: readonly Draft[]): Promise<AppendOutcome> {
    try {
      if (connection === undefined || connection.isSpent) connection = await options.open();
      if (isDisposed) connection[Symbol.dispose]();
    } catch (error) {
      return { kind: 'unconfirmed', reason: 'connection', detail: String(error) };
    }
    return connection.append(batch);
  }

  async function attempt(batch: readonly Draft[]): Promise<AppendOutcome> {
    breaker.attempt(performance.now());
    const outcome = await tryOnce(batch);
    // A message that is refused for what it is was looked at: the database is there.
    if (outcome.kind === 'unconfirmed') breaker.unconfirmed(performance.now());
    else breaker.confirmed();
    return outcome;
  }

  async function settle(batch: readonly Draft[]): Promise<void> {
    const firstAttemptMs = Date.now();
    for (let attempts = 1; !isDisposed; attempts++) {
      const outcome = await attempt(batch);
      switch (outcome.kind) {
        case 'stored': {
          const messages: Message[] = [];
          const conflicts: Draft[] = [];
          batch.forEach((draft, index) => {
            const place = outcome.places[index];
            if (place === undefined || place.conflict) conflicts.push(draft);
            else messages.push({ ...draft, sequence: place.sequence });
          });
          if (attempts > 1) {
            const tookMs = Date.now() - firstAttemptMs;
            options.log.info(
              { lane: options.name, attempts, tookMs },
              'batch stored after retries',
            );
          }
          options.onStored(messages, conflicts);
          return;
        }
        case 'refused': {
          const [only] = batch;
          if (batch.length === 1 && only !== undefined) {
            options.log.warn(
              { lane: options.name, key: only.key, sqlState: outcome.sqlState },
              'message refused',
            );
            options.onRefused(only, outcome.detail);
            return;
          }
          const half = Math.ceil(batch.length / 2);
          await settle(batch.slice(0, half));
          await settle(batch.slice(half));
          return;
        }
        case 'unconfirmed': {
          options.onRetry(outcome.reason);
          const { reason, detail } = outcome;
          if (attempts === 1) {
            const keys = batch.slice(0, KEYS_LOGGED).map(({ key }) => key);
            options.log.warn(
              { lane: options.name, messages: batch.length, keys, reason, detail },
              'commit not confirmed, sending again',
            );
          }
          await backOff();
        }
      }
    }
  }

  const backOff = () =>
    wait(
      breaker.state === 'closed'
        ? BACK_OFF_MS.min + Math.random() * (BACK_OFF_MS.max - BACK_OFF_MS.min)
        : options.probeEveryMs,
    );

  async function run(): Promise<void> {
    isRunning = true;
    while (queue.length > 0 && !isDisposed) {
      // What arrives soon after a batch is stored together; what comes after a rest, at once.
      const restMs = lastBatchMs + options.gatherMs() - performance.now();
      if (restMs > 0) await wait(restMs);
      lastBatchMs = performance.now();
      const batch = queue.splice(0, options.batchMessagesMax);
      // All of it may have been taken back meanwhile.
      if (batch.length > 0) await settle(batch);
    }
    isRunning = false;
  }

  return {
    push(draft) {
      queue.push(draft);
      if (!isRunning) {
        isRunning = true;
        void run();
      }
    },
    withdraw(isOverdue) {
      const kept = queue.findIndex((draft) => !isOverdue(draft));
      return queue.splice(0, kept === -1 ? queue.length : kept);
    },
    [Symbol.dispose]() {
      isDisposed = true;
      connection?.[Symbol.dispose]();
    },
  };
}
