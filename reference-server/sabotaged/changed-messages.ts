/** What is stored is not what was sent: a body cut short, somebody else's name, another's key. */
import { openAppendConnection, type AppendConnection } from '../append.ts';
import type { Draft } from '../message.ts';
import type { ServerParts } from '../server.ts';

/** Shorter than every body that the load sends. */
const BODY_KEPT = 16;

/** The real connection, after `change` had its way with what goes in. */
function changing(change: (draft: Draft, drafts: readonly Draft[]) => Draft): Partial<ServerParts> {
  return {
    async openAppendConnection(options) {
      const connection = await openAppendConnection(options);
      return {
        append: (drafts) => connection.append(drafts.map((draft) => change(draft, drafts))),
        get isSpent() {
          return connection.isSpent;
        },
        [Symbol.dispose]: () => connection[Symbol.dispose](),
      } satisfies AppendConnection;
    },
  };
}

export const bodyTruncated = changing((draft) => ({
  ...draft,
  body: draft.body.slice(0, BODY_KEPT),
}));

/** Only where a batch has two authors: each is taken for the one before. */
export const authorSwapped = changing((draft, drafts) => ({
  ...draft,
  author: drafts[(drafts.indexOf(draft) + 1) % drafts.length]?.author ?? draft.author,
}));

/** A key that belongs to another message is acknowledged as if this one had been stored. */
export const keyReused: Partial<ServerParts> = {
  async openAppendConnection(options) {
    const connection = await openAppendConnection(options);
    return {
      async append(drafts) {
        const outcome = await connection.append(drafts);
        if (outcome.kind !== 'stored') return outcome;
        const places = outcome.places.map(({ sequence }) => ({ sequence, conflict: false }));
        return { kind: 'stored', places };
      },
      get isSpent() {
        return connection.isSpent;
      },
      [Symbol.dispose]: () => connection[Symbol.dispose](),
    };
  },
};
