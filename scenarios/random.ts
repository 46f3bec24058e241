/**
 * Seeded random numbers: the same seed and name give the same stream for
 * ever, on every engine (integer arithmetic only). Not for secrets.
 */

/** Uniform in [0, 1). */
export type Random = () => number;

/** FNV-1a over the name's code units, 32 bit. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Mixes two 32-bit integers into one (the finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One number in [0, 1) for a point, without a stream: the same arguments, the same number. */
export function randomAt(seed: number, a: number, b: number): number {
  return mix(mix(seed | 0, a), b) / 0x1_0000_0000;
}

/** Few of many: one of each so many, and so many of all at least, where there are that many. */
export interface Few {
  readonly oneOf: number;
  readonly atLeast: number;
}

/**
 * Is this one of `all` (index from 0) among the few? They stand in rows, and of each row one is drawn
 * by itself, so that who is drawn follows no order that the rows have.
 */
export function isDrawn(seed: number, index: number, all: number, few: Few): boolean {
  const row = Math.max(1, Math.min(few.oneOf, Math.floor(all / few.atLeast)));
  return index % row === Math.floor(row * randomAt(seed, row, Math.floor(index / row)));
}

/** A named stream of a seed (mulberry32). */
export function randomSource(seed: number, name: string): Random {
  let state = mix(seed | 0, hashName(name));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
