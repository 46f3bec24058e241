import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLists, fitting, parseJson, PAYLOAD_LENGTH_MAX } from './payloads.ts';
import { BODY_LENGTH_MAX, KEY_LENGTH_MAX } from './protocol.ts';

/** What NATS takes unless it is told otherwise. */
const NATS_BYTES_MAX = 1 << 20;

test('whatever the bodies: all come, in order, in payloads that NATS takes', () => {
  const body = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('€'.repeat(BODY_LENGTH_MAX), '\u0001'.repeat(BODY_LENGTH_MAX)),
  );
  fc.assert(
    fc.property(fc.array(body, { maxLength: 200 }), (bodies) => {
      const payloads = [...encodeLists(bodies.map((each) => JSON.stringify(each)))];
      for (const payload of payloads) {
        expect(Buffer.byteLength(payload)).toBeLessThan(NATS_BYTES_MAX);
      }
      expect(payloads.flatMap((payload) => parseJson(payload))).toEqual(bodies);
    }),
    { numRuns: 30 },
  );
});

test('a usual batch is one payload', () => {
  const lines = Array.from({ length: 500 }, (_, n) => JSON.stringify([`key ${n}`, n, 1, 'hello']));
  expect([...encodeLists(lines)]).toHaveLength(1);
});

test('one always fits, and so does the longest message there is', () => {
  expect(fitting(['x'.repeat(2 * PAYLOAD_LENGTH_MAX), 'y'])).toBe(1);
  expect(fitting([])).toBe(0);
  const worst = JSON.stringify(['\u0001'.repeat(KEY_LENGTH_MAX), '\u0001'.repeat(BODY_LENGTH_MAX)]);
  expect(worst.length).toBeLessThan(PAYLOAD_LENGTH_MAX);
});

test('what is not JSON is nothing', () => {
  expect(parseJson('[1,')).toBeUndefined();
});
