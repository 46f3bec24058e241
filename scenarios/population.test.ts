import { expect, test } from 'vitest';
import { createPopulation, MESSAGE_SHARE } from './population.ts';

/** Receivers of a message on average, when every user sends as many. */
function fanOut(seed: number, users: number): number {
  const deliveries = createPopulation(seed, users).channels.reduce(
    (sum, { kind, members }) =>
      kind === 'hot' ? sum : sum + members.length ** 2 * MESSAGE_SHARE[kind],
    0,
  );
  return deliveries / users;
}

test.each([1, 2, 3, 7])(
  'a message of one of 20,000 users has about 20 receivers (seed %i)',
  (seed) => {
    expect(Math.abs(fanOut(seed, 20_000) - 20)).toBeLessThan(1);
  },
);

test('every user is in one channel of each kind', () => {
  const { channels, channelsOfUser } = createPopulation(5, 777);
  for (const kind of ['direct', 'team', 'room'] as const) {
    const members = channels
      .filter((channel) => channel.kind === kind)
      .flatMap((one) => one.members);
    expect(members.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 777 }, (_, user) => user),
    );
  }
  expect(channelsOfUser.flat().every((id) => channels[id - 1]?.id === id)).toBe(true);
});
