/** What readers of history are shown: older than what they know, other than what is stored, or not all. */
import { createHistory, type History } from '../history.ts';
import type { HistoryEntry } from '../protocol.ts';
import type { ServerParts } from '../server.ts';

/** The newest that any replica has is served, and nobody asks how new that is. */
export const staleHistory: Partial<ServerParts> = {
  createHistory(options) {
    const { reads } = options;
    const whole = createHistory(options);
    return async (channel, before, limit) => {
      if (before !== 0) return whole(channel, before, limit);
      const head = await reads.head('replica', channel);
      return reads.history('replica', channel, head + 1, limit);
    };
  },
};

type Page = readonly HistoryEntry[];

const showing = (change: (page: Page) => Page): Partial<ServerParts> => ({
  createHistory(options) {
    const history = createHistory(options);
    const changed: History = async (...asked) => change(await history(...asked));
    return changed;
  },
});

/** Whoever reads history sees every message under the name of the next one's author. */
export const historyAuthorSwapped = showing((page) =>
  page.map(([sequence, key, author, body], index) => {
    const [, , other = author] = page[index + 1] ?? page[0] ?? [];
    return [sequence, key, other, body];
  }),
);

/** One message in the middle of a page is left out. */
export const historySkipsOne = showing((page) =>
  page.filter((_, index) => page.length < 3 || index !== Math.floor(page.length / 2)),
);
