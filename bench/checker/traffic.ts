/**
 * The traffic of a made-up run, message by message in the order of time: each
 * user sends at its scheduled times, one message after the other; a message
 * that meets an outage is sent again until the service is back. What users
 * see of it, pages of history too, is told as it happens; what the database
 * holds is returned.
 *
 * One interval is drawn, sorted and told at a time, so the memory does not
 * grow with the run but for three integers a message.
 */
import { randomAt } from '../../scenarios/random.ts';
import { channelOf, intendedAtMs } from '../../scenarios/schedule.ts';
import { createReaders, type Shown } from './readers.ts';
import { EPOCH_MS, type Script } from './script.ts';

/** As a session of the generator does (`scenarios/session.ts`). */
const RESEND_AFTER_MS = 3_000;
const ANSWER_MS_MIN = 6;
/** Most answers take a few milliseconds, a few take fifty: the cube of an even draw. */
const ANSWER_MS_SPREAD = 50;
/** What waited through an outage is answered over so long a time. */
const BACKLOG_MS = 800;
/** Attempts have to fit into three bits of a moment; an outage of seconds takes two. */
const ATTEMPTS_MAX = 7;

export interface Witness {
  sent(
    atMs: number,
    user: number,
    n: number,
    channel: number,
    dueMs: number,
    attempt: number,
  ): void;
  acknowledged(atMs: number, user: number, n: number, sequence: number): void;
  shown(page: Shown): void;
}

/** One entry a message; message `n` of user `u` has the number `n * users + u`. */
export interface Stored {
  readonly channel: Int32Array;
  readonly sequence: Int32Array;
  readonly committedMs: Int32Array;
  /** By channel: its highest sequence. */
  readonly heads: Int32Array;
}

export function playTraffic(script: Script, witness: Witness): Stored {
  const { schedule, population, perUser, outages } = script;
  const { users, channels, channelsOfUser } = population;
  const stored: Stored = {
    channel: new Int32Array(users * perUser),
    sequence: new Int32Array(users * perUser),
    committedMs: new Int32Array(users * perUser),
    heads: new Int32Array(channels.length + 1),
  };
  const readers = createReaders(script, (page) => witness.shown(page));
  const freeMs = new Int32Array(users);
  let moments: number[] = [];

  function meanToSend(user: number, n: number): void {
    const own = channelsOfUser[user];
    if (own === undefined) return;
    const message = n * users + user;
    stored.channel[message] = channelOf(schedule.seed, own, user, n);
    const dueMs = intendedAtMs(schedule, user, n) - EPOCH_MS;
    const sentMs = Math.max(dueMs, freeMs[user] ?? 0);
    const draw = randomAt(schedule.seed ^ 0x1b873593, user, n);
    const answeredMs = sentMs + ANSWER_MS_MIN + Math.floor(ANSWER_MS_SPREAD * draw ** 3);
    const outage = outages.find((each) => answeredMs >= each.struckMs && sentMs < each.backMs);
    const backMs = outage === undefined ? 0 : outage.backMs + Math.floor(BACKLOG_MS * draw);
    const acknowledgedMs = Math.max(answeredMs, backMs);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const atMs = sentMs + (attempt - 1) * RESEND_AFTER_MS;
      if (atMs < acknowledgedMs) moments.push(momentOf(atMs, message, attempt));
    }
    moments.push(momentOf(acknowledgedMs, message, 0));
    freeMs[user] = acknowledgedMs;
  }

  function tell(moment: number): void {
    const atMs = Math.floor(moment / MOMENTS_A_MS);
    readers.readUntil(atMs);
    const attempt = moment % 8;
    const message = ((moment % MOMENTS_A_MS) - attempt) / 8;
    const [user, n] = [message % users, Math.floor(message / users)];
    const channel = stored.channel[message] ?? 0;
    if (attempt > 0) {
      const dueMs = intendedAtMs(schedule, user, n) - EPOCH_MS;
      witness.sent(atMs, user, n, channel, dueMs, attempt);
      return;
    }
    const sequence = (stored.heads[channel] ?? 0) + 1;
    stored.heads[channel] = sequence;
    stored.sequence[message] = sequence;
    stored.committedMs[message] = atMs - 2;
    readers.stored(message, channel, sequence);
    witness.acknowledged(atMs, user, n, sequence);
  }

  for (let n = 0; n < perUser; n++) {
    for (let user = 0; user < users; user++) meanToSend(user, n);
    const untilMs =
      n + 1 === perUser ? Infinity : script.sendAfterMs + (n + 1) * schedule.intervalMs;
    const sorted = Float64Array.from(moments).sort();
    // What reaches into the next interval waits for what will happen there.
    moments = [];
    for (const moment of sorted) {
      if (moment < untilMs * MOMENTS_A_MS) tell(moment);
      else moments.push(moment);
    }
  }
  readers.readUntil(Infinity);
  return stored;
}

/** Room for 8 million messages with 8 kinds of moment each. */
const MOMENTS_A_MS = 2 ** 26;

/** Time, message and attempt (0: the acknowledgement) in one number, so that sorting is by time. */
const momentOf = (atMs: number, message: number, attempt: number): number =>
  atMs * MOMENTS_A_MS + message * 8 + attempt;
