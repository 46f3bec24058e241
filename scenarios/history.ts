/**
 * Which users read history and when, and what is noted of a page they were
 * shown: the same for the generator, which asks, and the checkers, which hold
 * the page against the rows.
 *
 * A few users open a channel now and then and look at its newest page. They
 * are few because a page costs a generator as much as ten deliveries, and
 * nothing may be taken from the users whose messages are counted.
 */
import { isDrawn } from './random.ts';
import { intendedAtMs, type Schedule } from './schedule.ts';

/** Messages of a page: about what a telephone shows at once. */
export const HISTORY_PAGE_MESSAGES = 10;

/**
 * One user in a hundred reads, once in each interval: one read for a hundred messages. Fewer than ten
 * would seldom meet a replica that lags.
 */
const READERS = { oneOf: 100, atLeast: 10 };

/** Keeps the times of reads and of messages apart. */
const READ_SEED = 0x3c6ef372;

/** Does this user read history? */
export const readsHistory = (seed: number, user: number, allUsers: number): boolean =>
  isDrawn(seed ^ READ_SEED, user, allUsers, READERS);

/**
 * When a user means to look at history for the `n`-th time (n from 0), epoch milliseconds: once in
 * each interval, however much is written in it.
 */
export const readAtMs = (schedule: Schedule, user: number, n: number): number =>
  intendedAtMs({ ...schedule, rates: [], seed: schedule.seed ^ READ_SEED }, user, n);

/** Characters of a body's MD5 that are kept, in a page's digest as in the row ledgers. */
const HASH_CHARACTERS = 8;

/** Lower-case hexadecimal. */
export type Md5 = (text: string) => string;

/** A message of a page, its body as the row ledgers keep it. */
export type PageEntry = readonly [sequence: number, key: string, author: number, bodyHash: string];

export const bodyHashOf = (body: string, md5: Md5): string => md5(body).slice(0, HASH_CHARACTERS);

/** 31 bits of a whole page: another message, author, body or order gives another number. */
export function pageDigest(page: readonly PageEntry[], md5: Md5): number {
  return digestOfLines(page.map((entry) => entry.join(' ')).join('\n'), md5);
}

/** The same from the page's lines: the parts of an entry with blanks between, newlines between entries. */
export const digestOfLines = (lines: string, md5: Md5): number =>
  Number.parseInt(md5(lines).slice(0, HASH_CHARACTERS), 16) >>> 1;
