/**
 * Several databases as if they were one: what is about a channel goes to the
 * database that holds it (`placement.ts`). Who is a member of what stands in each
 * of them, so that a login needs only one. Each has a writer and readers of its
 * own, with their own queue and circuit breaker, so that one which is away keeps
 * nobody from the others' channels.
 *
 * Limit: a message key is unique within a database. A key used again for a
 * channel in another one is not seen to be a conflict.
 */
import { databaseOf } from './placement.ts';
import type { Place, Reads } from './reads.ts';
import type { Writer } from './writer.ts';

/** In the order of the databases' numbers; there is one at least. */
export function writeToAll(writers: readonly Writer[]): Writer {
  const [only] = writers;
  if (only !== undefined && writers.length === 1) return only;
  return {
    submit(draft, answer) {
      writers[databaseOf(draft.channel, writers.length)]?.submit(draft, answer);
    },
    get waiting() {
      return writers.reduce((sum, { waiting }) => sum + waiting, 0);
    },
    drain: async () => void (await Promise.all(writers.map((writer) => writer.drain()))),
    [Symbol.dispose]() {
      for (const writer of writers) writer[Symbol.dispose]();
    },
  };
}

/** In the order of the databases' numbers; there is one at least. */
export function readFromAll(reads: readonly Reads[]): Reads {
  const [only] = reads;
  if (only !== undefined && reads.length === 1) return only;
  const holding = (channel: number): Reads => reads[databaseOf(channel, reads.length)] as Reads;

  return {
    async channelsOf(user) {
      // Users begin at different databases; whoever cannot be served there goes on.
      for (let next = 0; next < reads.length - 1; next++) {
        const each = reads[(user + next) % reads.length] as Reads;
        const channels = await each.channelsOf(user).catch(() => undefined);
        if (channels !== undefined) return channels;
      }
      return (reads[(user + reads.length - 1) % reads.length] as Reads).channelsOf(user);
    },
    head: (source, channel) => holding(channel).head(source, channel),
    messagesAfter: (source, place) => holding(place.channel).messagesAfter(source, place),
    history: (source, channel, before, limit) =>
      holding(channel).history(source, channel, before, limit),
    /** What the others know is told, even if one cannot be asked; rejects if none can. */
    async newerHeads(places) {
      const byDatabase = reads.map((): Place[] => []);
      for (const place of places) byDatabase[databaseOf(place.channel, reads.length)]?.push(place);
      const asked = reads.flatMap((each, database) => {
        const own = byDatabase[database] ?? [];
        return own.length === 0 ? [] : [each.newerHeads(own)];
      });
      const answers = await Promise.allSettled(asked);
      const known = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      if (known.length === 0 && asked.length > 0) await Promise.all(asked);
      return known.flat();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(reads.map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
