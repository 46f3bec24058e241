/**
 * Who talks to whom: a seeded description of users and channels, the same for
 * the server's tables, the generator and the checkers.
 *
 * Three kinds of channel, as in any team chat: `direct` (two people), `team`
 * (4 to 20) and `room` (tens to hundreds). Every user is in one of each. A
 * user picks the kind of channel for a message by `MESSAGE_SHARE`, which
 * makes the average fan-out (receivers of a message, the sender's own socket
 * included) about 20.
 *
 * A shape of load may add one more channel, the `hot` one, of thousands.
 *
 * It imports nothing but the random source, so that k6 can load it too.
 */
import { randomSource, type Random } from './random.ts';

/** `hot`: the one large channel that some shapes of load add. */
export type ChannelKind = DealtKind | 'hot';
type DealtKind = 'direct' | 'team' | 'room';

/** Share of a user's messages that go to each kind of channel. */
export const MESSAGE_SHARE: Readonly<Record<DealtKind, number>> = {
  direct: 0.49,
  team: 0.45,
  room: 0.06,
};

export interface Channel {
  /** 1, 2, 3, … */
  readonly id: number;
  readonly kind: ChannelKind;
  /** User numbers (0 … users − 1). */
  readonly members: readonly number[];
}

type ChannelsOfUser = readonly [direct: number, team: number, room: number, ...hot: number[]];

export interface Population {
  readonly users: number;
  readonly channels: readonly Channel[];
  /** For each user the ids of its channels; members of the hot channel have it last. */
  readonly channelsOfUser: readonly ChannelsOfUser[];
}

/** Sizes drawn for each kind; a room never holds more than a quarter of all users. */
function drawSize(kind: DealtKind, users: number, random: Random): number {
  switch (kind) {
    case 'direct':
      return 2;
    case 'team':
      return 4 + Math.floor(17 * random());
    case 'room': {
      // Log-uniform from 40 to 400: many tens, a few hundreds.
      const size = Math.round(40 * 10 ** random());
      return Math.max(4, Math.min(size, Math.ceil(users / 4)));
    }
  }
}

/** All users in any order. */
function shuffled(users: number, random: Random): number[] {
  const deck = Array.from({ length: users }, (_, user) => user);
  for (let last = deck.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [deck[last], deck[pick]] = [deck[pick] as number, deck[last] as number];
  }
  return deck;
}

/** Deals all users, shuffled, into channels of drawn sizes; each user into exactly one. */
function dealChannels(kind: DealtKind, firstId: number, users: number, random: Random): Channel[] {
  const deck = shuffled(users, random);
  const channels: Channel[] = [];
  let dealt = 0;
  while (dealt < users) {
    let size = drawSize(kind, users, random);
    // A channel of one is not a channel: the last one takes the leftover.
    if (users - dealt - size < 2) size = users - dealt;
    const members = deck.slice(dealt, dealt + size);
    channels.push({ id: firstId + channels.length, kind, members });
    dealt += size;
  }
  return channels;
}

/**
 * The population of `users` users (at least 2) for a seed. With `hotMembers` there is one more
 * channel, the last, of so many of them (at most all); `hotAlways` are among them.
 */
export function createPopulation(
  seed: number,
  users: number,
  hotMembers = 0,
  hotAlways: readonly number[] = [],
): Population {
  if (users < 2) throw new RangeError(`a population needs at least 2 users, not ${users}`);
  const channels: Channel[] = [];
  for (const kind of ['direct', 'team', 'room'] as const) {
    const random = randomSource(seed, `population/${kind}`);
    channels.push(...dealChannels(kind, channels.length + 1, users, random));
  }
  if (hotMembers > 0) {
    const others = shuffled(users, randomSource(seed, 'population/hot'));
    const members = [...new Set([...hotAlways, ...others])].slice(0, hotMembers);
    channels.push({ id: channels.length + 1, kind: 'hot', members });
  }
  type Mutable = [direct: number, team: number, room: number, ...hot: number[]];
  const channelsOfUser = Array.from({ length: users }, (): Mutable => [0, 0, 0]);
  const slot = { direct: 0, team: 1, room: 2, hot: 3 } as const;
  for (const channel of channels) {
    for (const user of channel.members) {
      (channelsOfUser[user] as Mutable)[slot[channel.kind]] = channel.id;
    }
  }
  return { users, channels, channelsOfUser };
}
