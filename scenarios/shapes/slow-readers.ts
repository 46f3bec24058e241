/**
 * `slow-readers`: phones that fell asleep with a busy channel open. A few users
 * stop reading their sockets while their channel goes on, so that their TCP
 * windows close and whatever is for them piles up on the other side; a while
 * later they read on. All others write at their times (open arrivals).
 *
 * The thresholds that matter: the memory of the chat servers stays bounded,
 * the others' latency does not move, and the slow ones end without a gap.
 *
 * They are users of the harness, not of k6: its sockets go on reading into
 * memory while a handler blocks (seen in its source, `readPump`), so no window
 * would ever close. They only read: a message of theirs could be acknowledged
 * only after they wake.
 */
import { defineShape, MEBIBYTE, STEADY_LOAD } from './shape.ts';

export const slowReaders = defineShape({
  kind: 'slow-readers',
  options: {
    readers: { standard: 10, from: 1, to: 500 },
    atSec: { standard: 30, from: 1, to: 86_400 },
    lastsSec: { standard: 60, from: 1, to: 86_400 },
    /** Of the channel that they have open, and what its members send to it. */
    members: { standard: 100, from: 2, to: 100_000 },
    share: { standard: 0.5, from: 0, to: 1 },
    p99TimesMax: { standard: 2, from: 1, to: 1_000 },
    memoryGrowthMiBMax: { standard: 64, from: 1, to: 65_536 },
  },
  // Some 50 messages/s in the channel, 8 KB/s for each member: more than a socket's buffers hold.
  plan: { users: 200, intervalSec: 1, steadySec: 120, faults: [] },
  lastsSec: ({ atSec, lastsSec }) => atSec + lastsSec,
  load({ readers, atSec, lastsSec, members, share, p99TimesMax, memoryGrowthMiBMax }, { users }) {
    const spell = { fromMs: atSec * 1_000, toMs: (atSec + lastsSec) * 1_000 };
    return {
      ...STEADY_LOAD,
      hot: { members: Math.min(Math.round(members), users), share },
      slow: { ...spell, users: Math.round(readers) },
      bystanders: { ...spell, p99TimesMax },
      memory: { ...spell, growthBytesMax: memoryGrowthMiBMax * MEBIBYTE },
    };
  },
});
