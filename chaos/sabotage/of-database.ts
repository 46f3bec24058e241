/** Sabotages of the database: its functions and keys, the settings of its cluster, a replica's rows. */
import { askPatroni } from '../faults/switchover.ts';
import { FOLLOWS_NO_ONE } from './estranged-replica.ts';
import { answersLost, calm, primaryDies } from './circumstances.ts';
import { primaryOf, withDatabase } from './database.ts';
import type { Rig, Sabotage } from './sabotage.ts';
import { reached } from './stage.ts';

const FORGET = 'drop table messages, members, channels; drop function append_messages';

/** After the tables are prepared; dropped afterwards, so that the next run makes them anew. */
const altering =
  (sql: string): Rig =>
  (stage) => {
    const { cluster } = stage;
    const onPrimary = async (text: string): Promise<void> => {
      const primary = await primaryOf(cluster);
      await withDatabase(cluster, primary, (client) => client.query(text));
    };
    return {
      async prepareChat(channels) {
        await cluster.prepareChat(channels);
        await onPrimary(sql);
        stage.beside(async () => {
          await stage.event(({ kind }) => kind === 'run-ended');
          await onPrimary(FORGET);
        });
      },
    };
  };

/** As the service's own, but for which of the given are stored and at which place. */
const appendFunction = (given: string, sequence: string): string => `
create or replace function append_messages(
  keys text[], channels integer[], authors integer[], bodies text[]
) returns table (key text, channel integer, sequence bigint, conflict boolean)
language plpgsql volatile as $$
#variable_conflict use_column
begin
  perform c.id from channels c where c.id = any (append_messages.channels) order by c.id for update;
  return query
  with given as (
    select g.* from unnest(keys, append_messages.channels, authors, bodies)
      with ordinality as g (key, channel, author, body, place) ${given}
  ), stored as (
    insert into messages (key, channel, sequence, author, body)
    select g.key, g.channel, ${sequence}, g.author, g.body
    from given g join channels c on c.id = g.channel
    returning messages.key, messages.channel, messages.sequence
  ), moved as (
    update channels c set head = s.head
    from (select s.channel, max(s.sequence) as head from stored s group by s.channel) s
    where c.id = s.channel
  )
  select g.key, g.channel, coalesce(s.sequence, m.sequence), false
  from unnest(keys, append_messages.channels) with ordinality as g (key, channel, place)
  left join stored s on s.key = g.key
  left join messages m on m.key = g.key and s.key is null
  order by g.place;
end
$$;`;

const NEXT = 'c.head + row_number() over (partition by g.channel order by g.place)';
const NOT_STORED = 'where not exists (select from messages m where m.key = g.key)';

const NO_UNIQUE_KEY = `
alter table messages drop constraint messages_pkey;
${appendFunction('', NEXT)}`;

/** Every tenth place of a channel stays empty. */
const SEQUENCE_GAP = appendFunction(
  NOT_STORED,
  `${NEXT} + case when (${NEXT}) % 10 = 0 then 1 else 0 end`,
);

const PATRONI_PORT = 8008;

/** Replication is asked of nobody any more, from the moment the load is steady. */
const asynchronous: Rig = (stage) => {
  const { cluster } = stage;
  const configure = async (settings: object): Promise<void> => {
    const address = cluster.servers.find(({ role }) => role === 'db')?.address ?? '';
    const response = await fetch(`http://${address}:${PATRONI_PORT}/config`, {
      method: 'PATCH',
      body: JSON.stringify(settings),
    });
    if (!response.ok) throw new Error(`Patroni took no settings: ${response.status}`);
  };
  stage.beside(async () => {
    await reached(stage, 'steady');
    await configure({ synchronous_mode: false, synchronous_mode_strict: false });
    try {
      await reached(stage, 'collect');
    } finally {
      await configure({ synchronous_mode: 'quorum', synchronous_mode_strict: true });
    }
  });
  return {};
};

/** As after a false alarm: the primary hands over, and nothing is wrong with it. */
const movedForNothing: Rig = (stage) => {
  const { cluster } = stage;
  stage.beside(async () => {
    await reached(stage, 'steady');
    const leader = await primaryOf(cluster);
    const ask = askPatroni('switchover', { leader });
    const { exitCode, stdout } = await cluster.execInProcess(`${leader}/patroni`, ask);
    if (exitCode !== 0) throw new Error(`Patroni did not move the primary: ${stdout}`);
  });
  return {};
};

export const DATABASE_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'no-unique-key',
    breaks: 'The database takes a key a second time, and a retry stores its message twice.',
    circumstances: answersLost,
    rigs: [altering(NO_UNIQUE_KEY)],
    expects: { verdict: 'fail', by: ['duplicated'] },
  },
  {
    name: 'sequence-gap',
    breaks: 'Some places of a channel are left empty.',
    circumstances: calm,
    rigs: [altering(SEQUENCE_GAP)],
    expects: { verdict: 'fail', by: ['undelivered'] },
  },
  {
    name: 'asynchronous-cluster',
    breaks: 'The cluster is set to acknowledge commits that no replica has.',
    circumstances: primaryDies,
    rigs: [asynchronous],
    expects: { verdict: 'inconclusive', by: ['steady-before-faults'] },
  },
  {
    name: 'primary-moved-for-nothing',
    breaks: 'Another member is made the primary, and nothing had called for it.',
    circumstances: calm,
    rigs: [movedForNothing],
    expects: { verdict: 'fail', by: ['false-failovers'] },
  },
  ...FOLLOWS_NO_ONE,
];
