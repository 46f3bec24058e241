import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from './message.ts';
import { createRecentMessages } from './recent-messages.ts';

const message = (channel: number, sequence: number): Message => ({
  channel,
  sequence,
  key: `${channel}-${sequence}`,
  author: 0,
  body: '',
});

test('returns what comes after a sequence, or nothing at all if that run is torn', () => {
  const recent = createRecentMessages(3);
  for (const sequence of [5, 6, 7, 8]) recent.add(message(1, sequence));
  expect(recent.after(1, 4)).toBeUndefined();
  expect(recent.after(1, 5)).toEqual([6, 7, 8].map((sequence) => message(1, sequence)));
  expect(recent.after(1, 8)).toEqual([]);
  expect(recent.after(2, 0)).toBeUndefined();
});

test('keeps the newest of all channels together, and never a torn run', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (script, capacity) => {
      const recent = createRecentMessages(capacity);
      const heads = new Map<number, number>();
      const starts = new Map<number, number>();
      for (const [channel, forgets] of script) {
        // After it was forgotten, a channel begins again further on.
        const skipped = forgets ? 10 : 1;
        if (forgets) {
          recent.forget(channel);
          starts.delete(channel);
        }
        const sequence = (heads.get(channel) ?? 0) + skipped;
        heads.set(channel, sequence);
        if (!starts.has(channel)) starts.set(channel, sequence);
        recent.add(message(channel, sequence));
      }
      let kept = 0;
      for (const [channel, head] of heads) {
        for (let after = 0; after < head; after++) {
          const run = recent.after(channel, after);
          if (run === undefined) continue;
          const expected = Array.from({ length: head - after }, (_, index) => after + 1 + index);
          expect(run.map(({ sequence }) => sequence)).toEqual(expected);
          expect(after).toBeGreaterThanOrEqual((starts.get(channel) ?? 0) - 1);
          kept += 1;
        }
      }
      expect(kept).toBeLessThanOrEqual(capacity);
    }),
  );
});
