import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bodyOf, messageKey } from '../../scenarios/schedule.ts';
import { createMessages, reserveMessages } from '../ledger/messages.ts';
import { createKeySpace } from '../ledger/row-table.ts';
import { bodyHashes } from './body-hashes.ts';

const plain = (nonce: string, seed: number, user: number, n: number): number =>
  createHash('md5')
    .update(bodyOf(messageKey(nonce, user, n), seed, user, n))
    .digest()
    .readInt32BE(0);

test('the hash of every body that was sent is that of Node, whatever the run is called', () => {
  const nonces = fc.oneof(
    fc.string({ minLength: 1, maxLength: 200 }),
    fc.stringMatching(/^[0-9a-f]{1,12}$/),
    fc.constantFrom('é', 'x'.repeat(170), 'x'.repeat(183), 'x'.repeat(184)),
  );
  const sizes = fc.record({
    users: fc.integer({ min: 1, max: 1_200 }),
    layers: fc.integer({ min: 1, max: 120 }),
  });
  fc.assert(
    fc.property(
      nonces,
      fc.integer(),
      sizes,
      fc.nat(),
      (nonce, seed, { users, layers }, skipped) => {
        const messages = createMessages(users);
        reserveMessages(messages, layers - 1);
        const sent = Array.from(
          { length: 50 },
          (_, each) => (each * 7_919 + skipped) % (users * layers),
        );
        for (const message of sent) messages.firstSentMs[message] = 1;
        const hashes = bodyHashes(createKeySpace(nonce, messages), seed);
        const expected = new Int32Array(messages.layers * users);
        for (const message of sent) {
          expected[message] = plain(nonce, seed, message % users, Math.floor(message / users));
        }
        expect(hashes).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});
