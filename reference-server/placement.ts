/**
 * Which database holds a channel, where there are several. Rendezvous hashing:
 * each database draws a number for the channel, the highest has it. So every
 * server, and whoever checks afterwards, finds the same place without asking
 * anybody; and one more database takes its share from all others, while no
 * channel moves between those that were there.
 *
 * Databases are numbered from 0 in the order in which they are given; the order
 * is part of the configuration, as a table's name is.
 */

/** A draw of 32 bits: Murmur3's finalizer over both numbers. */
function draw(channel: number, database: number): number {
  let bits = Math.imul(channel, 0x9e37_79b1) ^ Math.imul(database + 1, 0x85eb_ca77);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** From 0 to `databases` − 1. */
export function databaseOf(channel: number, databases: number): number {
  let [place, highest] = [0, -1];
  for (let database = 0; databases > 1 && database < databases; database++) {
    const drawn = draw(channel, database);
    if (drawn > highest) [place, highest] = [database, drawn];
  }
  return place;
}
