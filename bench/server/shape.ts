/**
 * Who sends to whom in the server's bench. `mission`: the users, channels and
 * shares of the mission (`scenarios/population.ts`), some 20 receivers a
 * message. `room`: everybody in one channel, as chat benchmarks have it.
 */
import { createPopulation, MESSAGE_SHARE } from '../../scenarios/population.ts';
import { randomSource, type Random } from '../../scenarios/random.ts';

export const SHAPES = ['mission', 'room'] as const;
export type ShapeName = (typeof SHAPES)[number];

export interface Shape {
  readonly channels: readonly { readonly id: number; readonly members: readonly number[] }[];
  readonly channelsOfUser: readonly (readonly number[])[];
  /** Sockets a message goes to, on average. */
  readonly fanOut: number;
  /** To which of a user's channels its next message goes. */
  channelFor(user: number, random: Random): number;
}

const SEED = 6;

function mission(users: number): Shape {
  const { channels, channelsOfUser } = createPopulation(SEED, users);
  const sizes = new Map(channels.map(({ id, members }) => [id, members.length]));
  const { direct, team, room } = MESSAGE_SHARE;
  const fanOut =
    channelsOfUser.reduce((sum, [pair, small, large]) => {
      const [two, few, many] = [pair, small, large].map((id) => sizes.get(id) ?? 0);
      return sum + direct * (two ?? 0) + team * (few ?? 0) + room * (many ?? 0);
    }, 0) / users;
  return {
    channels,
    channelsOfUser,
    fanOut,
    channelFor(user, random) {
      const [pair, small, large] = channelsOfUser[user] ?? [0, 0, 0];
      const draw = random();
      if (draw < direct) return pair;
      return draw < direct + team ? small : large;
    },
  };
}

function room(users: number): Shape {
  const members = Array.from({ length: users }, (_, user) => user);
  return {
    channels: [{ id: 1, members }],
    channelsOfUser: members.map(() => [1]),
    fanOut: users,
    channelFor: () => 1,
  };
}

export const shapeOf = (name: ShapeName, users: number): Shape => ({ mission, room })[name](users);

/** The draws of a load: the same for every server. */
export const drawsOf = (name: string): Random => randomSource(SEED, name);
