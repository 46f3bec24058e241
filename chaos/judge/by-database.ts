/**
 * Where several databases share the channels, a fault of one of them is judged
 * by the messages to its own channels: the others' acknowledgements would hide
 * its outage. And what happened to the others' is a question of its own: they
 * must not notice.
 *
 * Limit: a message that was never sent is in no ledger with its channel, so it
 * belongs to none of them here; it counts in all figures over the whole run.
 */
import { databaseOf } from '../../reference-server/placement.ts';
import type { Elsewhere } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { messageCount, NEVER, wasSent } from '../ledger/messages.ts';
import type { Outcomes } from './outcomes.ts';
import { longestGap } from './recovery.ts';
import type { FaultSpan } from './timeline.ts';

type IsIt = (database: number) => boolean;

/** By message, 1: it was sent to a channel of such a database. */
function sentWhere({ records: { messages }, databases }: Ledgers, isIt: IsIt): Uint8Array {
  const chosen = new Uint8Array(messageCount(messages));
  for (let message = 0; message < chosen.length; message++) {
    const channel = messages.channel[message] as number;
    if (wasSent(messages, message) && isIt(databaseOf(channel, databases))) chosen[message] = 1;
  }
  return chosen;
}

/** The ledgers without the messages that are not chosen, and without other databases' rows. */
function ledgersWhere(ledgers: Ledgers, isIt: IsIt, chosen: Uint8Array): Ledgers {
  const { messages } = ledgers.records;
  const without = (times: Int32Array): Int32Array =>
    times.map((atMs, message) => (chosen[message] === 1 ? atMs : NEVER));
  return {
    ...ledgers,
    rows: ledgers.rows.filter(({ database }) => isIt(database)),
    records: {
      ...ledgers.records,
      messages: {
        ...messages,
        intendedMs: without(messages.intendedMs),
        firstSentMs: without(messages.firstSentMs),
        acknowledgedMs: without(messages.acknowledgedMs),
      },
    },
  };
}

function outcomesWhere(outcomes: Outcomes, chosen: Uint8Array): Outcomes {
  const places: number[] = [];
  for (let place = 0; place < outcomes.count; place++) {
    if (chosen[outcomes.message[place] as number] === 1) places.push(place);
  }
  const newPlace = new Map(places.map((place, index) => [place, index]));
  const integers = (column: Int32Array): Int32Array =>
    Int32Array.from(places, (place) => column[place] as number);
  const bits = (column: Uint8Array): Uint8Array =>
    Uint8Array.from(places, (place) => column[place] as number);
  return {
    ...outcomes,
    count: places.length,
    message: integers(outcomes.message),
    intendedMs: integers(outcomes.intendedMs),
    latencyMs: integers(outcomes.latencyMs),
    byLatency: Int32Array.from(
      [...outcomes.byLatency].flatMap((place) => newPlace.get(place) ?? []),
    ),
    good: bits(outcomes.good),
    asSent: bits(outcomes.asSent),
    attempts: integers(outcomes.attempts),
    sent: places.length,
  };
}

export interface Stricken {
  readonly ledgers: Ledgers;
  readonly outcomes: Outcomes | null;
}

/** What a fault of this database is judged by; null: it struck no single one. */
export function ofDatabase(
  ledgers: Ledgers,
  outcomes: Outcomes | null,
  database: number | null,
): Stricken {
  if (ledgers.databases === 1 || database === null) return { ledgers, outcomes };
  const isIt: IsIt = (each) => each === database;
  const chosen = sentWhere(ledgers, isIt);
  return {
    ledgers: ledgersWhere(ledgers, isIt, chosen),
    outcomes: outcomes === null ? null : outcomesWhere(outcomes, chosen),
  };
}

/** How the other databases' messages fared while it lasted; null: there is no other. */
export function elsewhereOf(
  ledgers: Ledgers,
  outcomes: Outcomes | null,
  span: FaultSpan,
): Elsewhere | null {
  const { database } = span;
  if (ledgers.databases === 1 || database === null || outcomes === null) return null;
  const isIt: IsIt = (each) => each !== database;
  const chosen = sentWhere(ledgers, isIt);
  let [messages, asSent, withRetries] = [0, 0, 0];
  for (let place = 0; place < outcomes.count; place++) {
    const atMs = (outcomes.intendedMs[place] as number) + outcomes.baseMs;
    if (atMs < span.struckMs || atMs > span.overMs) continue;
    if (chosen[outcomes.message[place] as number] !== 1) continue;
    messages++;
    asSent += outcomes.asSent[place] as number;
    withRetries += outcomes.good[place] as number;
  }
  const gap = longestGap(ledgersWhere(ledgers, isIt, chosen), span);
  return {
    messages,
    asSent: messages === 0 ? null : asSent / messages,
    withRetries: messages === 0 ? null : withRetries / messages,
    longestGapMs: gap === null ? null : Math.round(gap.ms),
  };
}

/** Rows of each database, of the completely read node that has the most. */
export const rowsByDatabase = ({ rows, databases }: Ledgers): readonly number[] =>
  Array.from({ length: databases }, (_, database) =>
    Math.max(
      0,
      ...rows
        .filter((ledger) => ledger.complete && ledger.database === database)
        .map(({ table }) => table.rows),
    ),
  );
