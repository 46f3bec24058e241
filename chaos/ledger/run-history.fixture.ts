/**
 * Made-up runs for the tests of the judge: a history is written down as plain
 * values, defects are put into them, and `written-history.fixture.ts` makes a run
 * directory of the result. Nothing but tests imports it, and nothing made from it
 * is a result.
 */
import { createHash } from 'node:crypto';
import { bodyHashOf, HISTORY_PAGE_MESSAGES, pageDigest } from '../../scenarios/history.ts';
import { createPopulation } from '../../scenarios/population.ts';
import {
  bodyOf,
  channelOf,
  intendedAtMs,
  messageKey,
  type Schedule,
} from '../../scenarios/schedule.ts';
import type { RunEvent } from '../events.ts';
import { planSchema, type Plan } from '../plan.ts';
import { EPOCH_MS, eventsOfRun, NODES } from './run-events.fixture.ts';

export const NONCE = 'r1';

export interface Sent {
  user: number;
  n: number;
  channel: number;
  /** Since the epoch, one entry an attempt. */
  sentMs: number[];
  /** Null: never acknowledged. */
  acknowledgedMs: number | null;
  sequence: number;
}

export interface Received {
  user: number;
  channel: number;
  ranges: [from: number, to: number][];
  duplicates: number;
  reordered: number;
}

export interface Row {
  key: string;
  channel: number;
  sequence: number;
  author: number;
  body: string;
  createdAtMs: number;
}

export interface History {
  plan: Plan;
  schedule: Schedule;
  shards: number;
  nodes: string[];
  channels: { id: number; kind: string; members: number[] }[];
  sent: Sent[];
  received: Received[];
  rows: Record<string, Row[]>;
  events: RunEvent[];
  /** Further client lines, by shard, put before the last ones. */
  extraLines: string[][];
  /** Further client lines, by shard, among those of their time. */
  timedLines: [atMs: number, line: string][][];
  /** Users who read history: how often each asked. */
  readers: Map<number, number>;
  /** What happens to a delivery on its way to a listener; undefined: it gets no line. */
  heard: ((user: number, row: Row) => Row) | undefined;
  /** CPU time of the generators, in cores, all the time. */
  generatorCores: number;
  /** Shards whose `F` line is not written. */
  unfinished: number[];
}

export interface HistoryOptions {
  readonly users?: number;
  readonly perUser?: number;
  readonly shards?: number;
  readonly intervalMs?: number;
  readonly seed?: number;
  readonly rates?: Schedule['rates'];
  /** Milliseconds after the window began at which the primary is lost for 2 s; none by default. */
  readonly faultAtMs?: number;
}

const ANSWER_MS = 12;
const OUTAGE_MS = 2_000;

/** A whole run in which everything went well (but for an outage, if asked for). */
export function cleanHistory(options: HistoryOptions = {}): History {
  const { users = 8, perUser = 6, shards = 2, intervalMs = 2_000, seed = 7, rates = [] } = options;
  const { faultAtMs } = options;
  const schedule: Schedule = { seed, sendFromMs: EPOCH_MS + 5_000, intervalMs, rates };
  const fault = faultAtMs === undefined ? null : schedule.sendFromMs + faultAtMs;
  const population = createPopulation(seed, users);
  const sent: Sent[] = [];
  for (let user = 0; user < users; user++) {
    let freeMs = 0;
    for (let n = 0; n < perUser; n++) {
      const channels = population.channelsOfUser[user];
      if (channels === undefined) continue;
      const sentMs = Math.max(freeMs, intendedAtMs(schedule, user, n) - EPOCH_MS);
      const backMs = fault === null ? 0 : fault - EPOCH_MS + OUTAGE_MS;
      const struck = fault !== null && sentMs >= fault - EPOCH_MS - ANSWER_MS && sentMs < backMs;
      // Spread a little, so that what waited is not acknowledged in one millisecond.
      const acknowledgedMs = struck ? backMs + ((user * 7) % 40) : sentMs + ANSWER_MS;
      const channel = channelOf(seed, channels, user, n);
      sent.push({ user, n, channel, sentMs: [sentMs], acknowledgedMs, sequence: 0 });
      freeMs = acknowledgedMs;
    }
  }
  const heads = new Map<number, number>();
  for (const message of [...sent].sort(
    (a, b) => (a.acknowledgedMs ?? 0) - (b.acknowledgedMs ?? 0),
  )) {
    message.sequence = (heads.get(message.channel) ?? 0) + 1;
    heads.set(message.channel, message.sequence);
  }
  const rows = sent.map((message) => rowOf(schedule, message));
  const steadySec = (faultAtMs ?? perUser * intervalMs) / 1_000;
  const faults = fault === null ? [] : [{ kind: 'kill-postgres', holdSec: 1 }];
  return {
    plan: planSchema.parse({ seed, users, intervalSec: intervalMs / 1_000, steadySec, faults }),
    schedule,
    shards,
    nodes: [...NODES],
    channels: population.channels.map((each) => ({ ...each, members: [...each.members] })),
    sent,
    received: population.channels.flatMap(({ id, members }) =>
      members.map((user) => ({
        user,
        channel: id,
        ranges: [[1, heads.get(id) ?? 0]] as [number, number][],
        duplicates: 0,
        reordered: 0,
      })),
    ),
    rows: Object.fromEntries(NODES.map((node) => [node, rows.map((row) => ({ ...row }))])),
    events: eventsOfRun(schedule, { users, perUser, shards, fault, rows: rows.length }),
    extraLines: Array.from({ length: shards }, () => []),
    timedLines: Array.from({ length: shards }, () => []),
    readers: new Map(),
    heard: (_, row) => row,
    generatorCores: 0.3,
    unfinished: [],
  };
}

export function rowOf(schedule: Schedule, message: Sent): Row {
  const { user, n, channel, sequence } = message;
  const key = messageKey(NONCE, user, n);
  return {
    key,
    channel,
    sequence,
    author: user,
    body: bodyOf(key, schedule.seed, user, n),
    createdAtMs: EPOCH_MS + (message.acknowledgedMs ?? message.sentMs[0] ?? 0) - 2,
  };
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export interface Shown {
  readonly user: number;
  readonly channel: number;
  /** Received live when it asked; nothing by default. */
  readonly known?: number;
  /** The newest that is shown; 0: nothing. */
  readonly to: number;
  /** What happens to the page on its way; nothing by default. */
  readonly change?: (page: Row[]) => Row[];
}

/** The `H` line of a page as the first node holds it. */
export function historyLine(history: History, atMs: number, shown: Shown): string {
  const { user, channel, to, known = 0, change = (page) => page } = shown;
  const rows = history.rows[history.nodes[0] ?? ''] ?? [];
  const stored = rows
    .filter((row) => row.channel === channel && row.sequence <= to)
    .sort((a, b) => a.sequence - b.sequence)
    .slice(-HISTORY_PAGE_MESSAGES);
  const page = change(stored);
  const digest = pageDigest(
    page.map(({ sequence, key, author, body }) => [sequence, key, author, bodyHashOf(body, md5)]),
    md5,
  );
  const from = Math.min(to + 1, ...page.map(({ sequence }) => sequence));
  return `H ${atMs} ${user} ${channel} ${known} ${from} ${to} ${digest}`;
}

/** A history in which nothing was ever written: no ledgers, no rows, no events. */
export function emptyHistory(): History {
  const history = cleanHistory({ users: 2, perUser: 1, shards: 1 });
  return { ...history, shards: 0, channels: [], sent: [], received: [], rows: {}, events: [] };
}
