/**
 * The users of a made-up run who read history, as `scenarios/history-reader.ts`
 * lets them: the same seeded few, at their times, one channel after the other,
 * each time the newest page.
 *
 * Limit: an answer takes no time here, so a reader knows exactly what it is
 * shown, and is never refused, not even in an outage.
 */
import { HISTORY_PAGE_MESSAGES, readAtMs } from '../../scenarios/history.ts';
import { digestOf } from './content.ts';
import { EPOCH_MS, type Script } from './script.ts';

export interface Shown {
  readonly atMs: number;
  readonly user: number;
  readonly channel: number;
  /** Places of the page; 1 and 0: the channel was empty. */
  readonly from: number;
  readonly to: number;
  readonly digest: number;
}

export interface Readers {
  /** Lets everybody read whose time is before this one. */
  readUntil(atMs: number): void;
  stored(message: number, channel: number, sequence: number): void;
}

export function createReaders(script: Script, onShown: (shown: Shown) => void): Readers {
  const reads = readsOf(script);
  const heads = new Int32Array(script.population.channels.length + 1);
  /** A page's worth of messages a channel, each at the place of its sequence modulo the page. */
  const newest = new Int32Array(heads.length * HISTORY_PAGE_MESSAGES);
  const slotOf = (channel: number, sequence: number): number =>
    channel * HISTORY_PAGE_MESSAGES + (sequence % HISTORY_PAGE_MESSAGES);
  let next = 0;

  function show({ atMs, user, channel }: Read): void {
    const to = heads[channel] ?? 0;
    const from = Math.max(1, to - HISTORY_PAGE_MESSAGES + 1);
    const page = Array.from(
      { length: to - from + 1 },
      (_, index) => newest[slotOf(channel, from + index)] ?? 0,
    );
    onShown({ atMs, user, channel, from, to, digest: digestOf(script, from, page) });
  }

  return {
    readUntil(atMs) {
      for (let read = reads[next]; read !== undefined && read.atMs < atMs; read = reads[++next]) {
        show(read);
      }
    },
    stored(message, channel, sequence) {
      heads[channel] = sequence;
      newest[slotOf(channel, sequence)] = message;
    },
  };
}

type Read = Pick<Shown, 'atMs' | 'user' | 'channel'>;

/** All of the run, in the order of time. */
function readsOf({ readers, schedule, population, perUser }: Script): readonly Read[] {
  const reads = readers.flatMap((user) => {
    const own = population.channelsOfUser[user] ?? [0, 0, 0];
    return Array.from({ length: perUser }, (_, n): Read => {
      const atMs = readAtMs(schedule, user, n) - EPOCH_MS;
      return { atMs, user, channel: own[n % own.length] ?? 0 };
    });
  });
  return reads.sort((left, right) => left.atMs - right.atMs);
}
