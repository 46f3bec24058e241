/**
 * Takes the sequences in a statement of their own and stores the messages in
 * the next. What is taken and then not used, because the answer was lost and
 * the retry took new ones, leaves a gap for ever.
 */
import type { ServerParts } from '../server.ts';
import { openStatements, type Place } from './statements.ts';

const TAKE = `update channels set head = head + $2::int where id = $1 returning head::float8 as head`;
const STORE = `
  insert into messages (key, channel, sequence, author, body)
  values ($1, $2, $3, $4, $5) on conflict (key) do nothing`;
const PLACE = `select sequence::float8 as sequence, false as conflict from messages where key = $1`;

export const sequenceOutsideTransaction: Partial<ServerParts> = {
  openAppendConnection: (options) =>
    openStatements(options, async (client, drafts) => {
      const places: Place[] = [];
      for (const { key, channel, author, body } of drafts) {
        const { rows: taken } = await client.query<{ head: number }>(TAKE, [channel, 1]);
        await client.query(STORE, [key, channel, taken[0]?.head, author, body]);
        const { rows } = await client.query<Place>(PLACE, [key]);
        places.push(...rows);
      }
      return places;
    }),
};
