/**
 * What a member was shown in a channel, in one number: the same for the
 * generator, which hears, and the checkers, which hold it against the rows.
 *
 * Every delivery has a number that follows from its place, its key, its author
 * and its body. They are summed up, so it does not matter in which order they
 * came, and the sum over any range of places is a difference of two.
 */

/** Of a message key (`schedule.ts`): whose it is and which; both −1 for a key that is none of this run's. */
export interface KeyParts {
  readonly user: number;
  readonly n: number;
}

export const FOREIGN_KEY: KeyParts = { user: -1, n: -1 };

/** `bodyHash`: the first 32 bits of the body's MD5, as the row ledgers keep it. Returns 32 bits, signed. */
export function deliveryNumber(
  sequence: number,
  { user, n }: KeyParts,
  author: number,
  bodyHash: number,
): number {
  return mix(mix(mix(mix(mix(0x9e3779b9, sequence), user), n), author), bodyHash);
}

/** Two odd multipliers with shifts between: every bit of what goes in moves about half of what comes out. */
function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** As it stands in a `V` line: 31 bits of the sum. */
export const digestOfSum = (sum: number): number => sum >>> 1;
