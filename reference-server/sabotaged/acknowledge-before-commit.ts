/**
 * Acknowledges once the statement returned, and commits a little later: each
 * batch is a transaction that stays open for a moment after its answer. A
 * primary that dies in that moment takes acknowledged messages with it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerParts } from '../server.ts';
import { openStatements, type Place } from './statements.ts';

/** Long against a batch's gathering, so that most of the time something is acknowledged and not committed. */
const COMMIT_AFTER_MS = 100;

const APPEND = 'select sequence::float8 as sequence, conflict from append_messages($1, $2, $3, $4)';

export const acknowledgeBeforeCommit: Partial<ServerParts> = {
  openAppendConnection(options) {
    let committed: Promise<unknown> = Promise.resolve();
    return openStatements(options, async (client, drafts) => {
      await committed;
      await client.query('begin');
      const { rows } = await client.query<Place>(APPEND, [
        drafts.map(({ key }) => key),
        drafts.map(({ channel }) => channel),
        drafts.map(({ author }) => author),
        drafts.map(({ body }) => body),
      ]);
      committed = wait(COMMIT_AFTER_MS).then(() => client.query('commit'));
      // Whoever comes next hears of it; without a next one nobody does.
      committed.catch(() => undefined);
      return rows;
    });
  },
};
