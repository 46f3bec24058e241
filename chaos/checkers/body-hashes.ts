/**
 * The first 32 bits of the MD5 of every body that was sent, by message: what the
 * rows have to hold. Bodies follow from their keys (`scenarios/schedule.ts`), so
 * nobody keeps them; they are put together here as the words that MD5 takes, four
 * messages of one length in blocks at a time (`md5-lanes.ts`).
 *
 * A body that is longer than three blocks, or not of one byte a character, is
 * hashed the plain way; both ways agree (`body-hashes.test.ts`).
 */
import { hash } from 'node:crypto';
import { BODY_FILLING, bodyLengthOf, bodyOf, messageKey } from '../../scenarios/schedule.ts';
import { NEVER } from '../ledger/messages.ts';
import type { KeySpace } from '../ledger/row-table.ts';
import { BLOCK_WORDS, createMd5Lanes, LANES, type Md5Lanes } from './md5-lanes.ts';

const BLOCKS_MAX = 3;
/** A body is followed by a bit and by its length. */
const LENGTH_MAX = BLOCKS_MAX * BLOCK_WORDS * 4 - 9;
const ZERO = 0x30;
const DASH = 0x2d;
const BLANK = 0x20;

/** By message number; 0 for one that was never sent. */
export function bodyHashes({ nonce, messages }: KeySpace, seed: number): Int32Array {
  const { users, layers, firstSentMs } = messages;
  const hashes = new Int32Array(layers * users);
  const prefix = Buffer.from(`${nonce}-`);
  const isPlain = prefix.length !== nonce.length + 1;
  const writer = bodyWriter(prefix);
  const waiting = Array.from({ length: BLOCKS_MAX }, (_, more) => createBatch(more + 1));
  for (let n = 0; n < layers; n++) {
    for (let user = 0; user < users; user++) {
      const message = n * users + user;
      if (firstSentMs[message] === NEVER) continue;
      const headLength = prefix.length + digitsOf(user) + digitsOf(n) + 2;
      const length = Math.max(headLength, bodyLengthOf(seed, user, n));
      if (isPlain || length > LENGTH_MAX) {
        const key = messageKey(nonce, user, n);
        hashes[message] = plainHash(bodyOf(key, seed, user, n));
        continue;
      }
      const batch = waiting[(length + 8) >>> 6] as Batch;
      writer.write(batch, user, n, headLength, length);
      batch.messages[batch.filled++] = message;
      if (batch.filled === LANES) digest(batch, hashes);
    }
  }
  for (const batch of waiting) digest(batch, hashes);
  return hashes;
}

/** Bodies of equally many blocks that wait until there is one for each lane. */
interface Batch {
  readonly blocks: number;
  readonly lanes: Md5Lanes;
  readonly messages: Int32Array;
  filled: number;
}

const createBatch = (blocks: number): Batch => ({
  blocks,
  lanes: createMd5Lanes(),
  messages: new Int32Array(LANES),
  filled: 0,
});

function digest(batch: Batch, hashes: Int32Array): void {
  const words = batch.lanes.digest(batch.blocks);
  for (let lane = 0; lane < batch.filled; lane++) {
    hashes[batch.messages[lane] as number] = bigEndFirst(words[lane] as number);
  }
  batch.filled = 0;
}

const bigEndFirst = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);

function bodyWriter(prefix: Uint8Array) {
  /** Room for a key, its blank, and the filling that ends their last word. */
  const head = new Uint8Array((LENGTH_MAX + 8) & ~3);
  const headWords = new Int32Array(head.buffer);
  head.set(prefix);
  const filling = wordsFromEach(
    BODY_FILLING.repeat(1 + Math.ceil((LENGTH_MAX + 8) / BODY_FILLING.length)),
  );

  function writeNatural(value: number, digits: number, at: number): void {
    let rest = value;
    for (let place = at + digits - 1; place >= at; place--) {
      head[place] = ZERO + (rest % 10);
      rest = (rest / 10) | 0;
    }
  }

  /** As MD5 takes it: the body, a bit, zeros, its length in bits. */
  function write(batch: Batch, user: number, n: number, headLength: number, length: number): void {
    const userDigits = digitsOf(user);
    writeNatural(user, userDigits, prefix.length);
    head[prefix.length + userDigits] = DASH;
    writeNatural(n, digitsOf(n), prefix.length + userDigits + 1);
    head[headLength - 1] = BLANK;
    for (let extra = 0; extra < 3; extra++)
      head[headLength + extra] = BODY_FILLING.charCodeAt(extra);

    const { words } = batch.lanes;
    const lane = batch.filled;
    const headEnd = (headLength + 3) >>> 2;
    const end = length >>> 2;
    const wordAt = (word: number): number =>
      (word < headEnd ? headWords[word] : filling[word * 4 - headLength]) as number;
    for (let word = 0; word < end; word++) words[word * LANES + lane] = wordAt(word);
    const bits = (length & 3) * 8;
    words[end * LANES + lane] = (wordAt(end) & ((1 << bits) - 1)) | (0x80 << bits);
    const last = batch.blocks * BLOCK_WORDS - 2;
    for (let word = end + 1; word < last; word++) words[word * LANES + lane] = 0;
    words[last * LANES + lane] = length * 8;
    words[(last + 1) * LANES + lane] = 0;
  }

  return { write };
}

/** By place in the text: the four characters from there on as one word, the first one lowest. */
function wordsFromEach(text: string): Int32Array {
  const bytes = Buffer.from(text, 'latin1');
  return Int32Array.from({ length: bytes.length - 3 }, (_, at) => bytes.readInt32LE(at));
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

function plainHash(body: string): number {
  return hash('md5', body, 'buffer').readInt32BE(0);
}
