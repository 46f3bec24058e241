import { expect, test } from 'vitest';
import { databaseOf } from './placement.ts';

const CHANNELS = Array.from({ length: 20_000 }, (_, channel) => channel);

test('one database holds everything', () => {
  expect(CHANNELS.every((channel) => databaseOf(channel, 1) === 0)).toBe(true);
});

test.for([2, 3, 4])('%i databases hold equal shares, give or take a twentieth', (databases) => {
  const held = Map.groupBy(CHANNELS, (channel) => databaseOf(channel, databases));
  expect(held.size).toBe(databases);
  for (const { length: share } of held.values()) {
    expect(share * databases).toBeGreaterThan(0.95 * CHANNELS.length);
    expect(share * databases).toBeLessThan(1.05 * CHANNELS.length);
  }
});

test('one more database takes channels, and moves none between the others', () => {
  for (const channel of CHANNELS) {
    const after = databaseOf(channel, 3);
    if (after !== 2) expect(after).toBe(databaseOf(channel, 2));
  }
});

test('places are what they were: stored messages are found by them', () => {
  expect(
    CHANNELS.slice(0, 16)
      .map((channel) => databaseOf(channel, 2))
      .join(''),
  ).toBe('0010011010101110');
});
