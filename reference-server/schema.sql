-- Tables of the chat service, and the one statement that writes a message.
-- Safe to apply again: nothing here drops or empties anything.

create table if not exists channels (
  id   integer primary key,
  -- Sequence of the channel's newest message; 0: no message yet.
  head bigint not null default 0
) with (fillfactor = 50); -- Half of a page stays free, so that a new head is a HOT update.

create table if not exists members (
  channel integer not null,
  member  integer not null,
  -- Member first: a login asks for the channels of a user.
  primary key (member, channel)
);

create table if not exists messages (
  key        text primary key,
  channel    integer not null,
  sequence   bigint not null,
  author     integer not null,
  body       text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (channel, sequence)
);

-- Stores a batch and returns, for every message given and in the order given,
-- the place it has in its channel. `conflict`: the key was used before for
-- another channel, author or body, and what is stored is that other message.
--
-- Call it as one statement outside a transaction block, under READ COMMITTED.
-- It is VOLATILE so that each statement inside sees what was committed before
-- that statement, not before the call. A batch that fails takes no sequence,
-- so a channel has no gaps; two batches for one channel wait for one another.
--
-- All it looks up is a few rows by their keys, and it is written so that there is
-- no other way to find them: look-ups are sub-selects with one key each, which
-- the planner does not turn into joins, and new heads go where their rows are
-- (ctid), which stay there while they are locked. So one plan is good for ever,
-- whatever the tables looked like when it was made.
-- Joins were not: planned while `messages` was empty they read all of it for
-- every batch, until autovacuum came by; and planning each batch anew took more
-- time than storing it.
create or replace function append_messages(
  keys text[], channels integer[], authors integer[], bodies text[]
) returns table (key text, channel integer, sequence bigint, conflict boolean)
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  channels_locked integer;
begin
  -- In the order of their ids, so that two servers never wait for each other.
  --
  -- The lock is taken even when every key is stored already (a retry). It
  -- gives this transaction an id and a WAL record, so that its commit waits
  -- for synchronous replication up to a point after those rows. Without it a
  -- retry would be a mere read, and would confirm rows that an earlier attempt
  -- committed here, but that no replica has yet.
  perform c.id from channels c
    where c.id = any (append_messages.channels)
    order by c.id
    for update;
  get diagnostics channels_locked = row_count;
  -- Mostly every message is for a channel of its own, and nothing need be counted.
  if channels_locked < cardinality(append_messages.channels) then
    if channels_locked < (select count(distinct g.id) from unnest(append_messages.channels) as g (id)) then
      raise foreign_key_violation using message = 'a message is for a channel that does not exist';
    end if;
  end if;

  with unknown as (
    select distinct on (g.key) g.*
    from unnest(keys, append_messages.channels, authors, bodies)
      with ordinality as g (key, channel, author, body, place)
    where (select true from messages m where m.key = g.key) is null
    order by g.key, g.place
  ), placed as materialized (
    select u.key, u.channel, u.author, u.body, c.spot,
           c.head + row_number() over (partition by u.channel order by u.place) as sequence
    from unknown u
    cross join lateral (select ctid as spot, head from channels where id = u.channel offset 0) c
  ), stored as (
    insert into messages (key, channel, sequence, author, body)
    select p.key, p.channel, p.sequence, p.author, p.body from placed p
  )
  update channels c set head = grown.head
    from (select p.spot, max(p.sequence) as head from placed p group by p.spot) grown
    where c.ctid = grown.spot;

  return query
    select m.key, m.channel, m.sequence,
           (m.channel, m.author, m.body) is distinct from (g.channel, g.author, g.body)
    from unnest(keys, append_messages.channels, authors, bodies)
      with ordinality as g (key, channel, author, body, place)
    cross join lateral (select * from messages where messages.key = g.key offset 0) m
    order by g.place;
end
$$;
