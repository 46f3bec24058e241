import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BLOCK_WORDS, createMd5Lanes, LANES } from './md5-lanes.ts';

const lanes = createMd5Lanes();

/** The first word of each text's MD5, little end first; all need equally many blocks. */
function digest(texts: readonly Buffer[]): readonly number[] {
  const blocks = ((texts[0]?.length ?? 0) + 8 + 64) >>> 6;
  texts.forEach((text, lane) => {
    const padded = Buffer.alloc(blocks * BLOCK_WORDS * 4);
    text.copy(padded);
    padded[text.length] = 0x80;
    padded.writeUInt32LE(text.length * 8, padded.length - 8);
    for (let word = 0; word < blocks * BLOCK_WORDS; word++) {
      lanes.words[word * LANES + lane] = padded.readInt32LE(word * 4);
    }
  });
  return [...lanes.digest(blocks)];
}

const nodes = (text: Buffer): number => createHash('md5').update(text).digest().readInt32LE(0);

test('the MD5 of nothing is that of the RFC', () => {
  expect(digest(Array.from({ length: LANES }, () => Buffer.alloc(0)))).toEqual(
    Array.from({ length: LANES }, () => Buffer.from('d41d8cd9', 'hex').readInt32LE(0)),
  );
});

test('the MD5 of any four texts of one length is that of Node', () => {
  const four = fc.nat(500).chain((length) =>
    fc.array(fc.uint8Array({ minLength: length, maxLength: length }), {
      minLength: LANES,
      maxLength: LANES,
    }),
  );
  fc.assert(
    fc.property(four, (texts) => {
      const buffers = texts.map((text) => Buffer.from(text));
      expect(digest(buffers)).toEqual(buffers.map(nodes));
    }),
  );
});
