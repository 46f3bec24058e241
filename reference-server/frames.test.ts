import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClientFrame } from './frames.ts';
import { BODY_LENGTH_MAX, encodeFrame, type ClientFrame } from './protocol.ts';

const id = fc.integer({ min: 0, max: 0x7fff_ffff });
const sequence = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const text = (minLength: number, maxLength: number) =>
  fc
    .string({ unit: 'binary', minLength, maxLength })
    .filter((value) => !value.includes('\0') && value.length <= maxLength);
const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.tuple(fc.constant('join' as const), fc.array(fc.tuple(id, sequence))),
  fc.tuple(fc.constant('send' as const), text(1, 100), id, text(0, BODY_LENGTH_MAX)),
  fc.tuple(
    fc.constant('history' as const),
    sequence,
    id,
    sequence,
    fc.integer({ min: 1, max: 200 }),
  ),
);

test('reads back every frame a client can encode', () => {
  fc.assert(
    fc.property(clientFrame, (frame) => {
      expect(parseClientFrame(encodeFrame(frame))).toEqual({ kind: 'frame', frame });
    }),
  );
});

test('answers any other JSON with an error, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (sent) => {
      expect(parseClientFrame(sent)).toMatchObject({ kind: 'error', code: 'bad-frame' });
    }),
  );
});

test.each([
  ['an unknown frame', ['leave', 1], 'bad-frame', ''],
  ['a join of what is no channel', ['join', [[1.5, 0]]], 'bad-frame', ''],
  ['a channel beyond an integer', ['send', 'k', 2 ** 31, 'hello'], 'bad-frame', 'k'],
  ['a send without a body', ['send', 'k', 1], 'bad-frame', 'k'],
  ['an empty key', ['send', '', 1, 'hello'], 'bad-frame', ''],
  ['a key of 101 characters', ['send', 'k'.repeat(101), 1, 'hello'], 'bad-frame', ''],
  ['a body with U+0000', ['send', 'k', 1, 'a\0b'], 'bad-frame', 'k'],
  ['a body with half a character', ['send', 'k', 1, '\ud800'], 'bad-frame', 'k'],
  ['a body that is too long', ['send', 'k', 1, 'x'.repeat(4_001)], 'too-long', 'k'],
  ['a page of 201 messages', ['history', 1, 1, 0, 201], 'bad-frame', ''],
])('refuses %s', (_, frame, code, key) => {
  expect(parseClientFrame(JSON.stringify(frame))).toMatchObject({ kind: 'error', code, key });
});
