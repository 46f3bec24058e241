/**
 * Made-up runs for the tests of the judge: a history is written down as plain
 * values, defects are put into them, and the result is written as a real run
 * directory in the very formats that a real run uses. Nothing but tests
 * imports it, and nothing made from it is a result.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_LEDGER_SCHEMA, type ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { listens } from '../../scenarios/delivery-times.ts';
import { bodyHashOf, HISTORY_PAGE_MESSAGES, pageDigest } from '../../scenarios/history.ts';
import { Listener } from '../../scenarios/listener.ts';
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
import { clientLedgerFile, rowLedgerFile, runFiles } from '../run-directory.ts';
import { readLedgers, type Ledgers } from './ledgers.ts';
import { rowLedgerEnd, rowLedgerHeader } from './row-ledger.ts';
import { EPOCH_MS, eventsOfRun, NODES } from './run-events.fixture.ts';
import type { UsageSample } from './usage.ts';

const NONCE = 'r1';

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

const CORES = 2;
const USAGE_EVERY_MS = 5_000;
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

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

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

/** Writes the history as a run directory below the system's folder for temporary files. */
export function writeRun(history: History): string {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
  const write = (file: string, text: string): void => writeFileSync(join(run, file), text);
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join('');
  mkdirSync(join(run, runFiles.ledger));
  mkdirSync(join(run, runFiles.metrics));
  write(runFiles.plan, JSON.stringify(history.plan));
  const environment = { databaseNodes: history.nodes, machine: { cores: CORES } };
  write(runFiles.environment, JSON.stringify(environment));
  write(runFiles.usage, lines(usageOf(history)));
  write(runFiles.events, lines(history.events));
  write(runFiles.population, lines(history.channels));
  for (let shard = 0; shard < history.shards; shard++) {
    write(clientLedgerFile(shard), clientLedgerText(history, shard));
  }
  for (const [node, rows] of Object.entries(history.rows)) {
    write(rowLedgerFile(node), rowLedgerText(node, rows));
  }
  return run;
}

/** Samples of each generator, every five seconds from the beginning to the end. */
function usageOf({ events, shards, generatorCores }: History): UsageSample[] {
  const fromMs = events[0]?.atMs ?? 0;
  const toMs = events.at(-1)?.atMs ?? 0;
  const samples = Math.floor((toMs - fromMs) / USAGE_EVERY_MS) + 1;
  return Array.from({ length: events.length === 0 ? 0 : samples }, (_, sample) => sample).flatMap(
    (sample) =>
      Array.from({ length: shards }, (_, shard) => ({
        atMs: fromMs + sample * USAGE_EVERY_MS,
        id: `load/shard-${shard}`,
        cpuSec: (sample * USAGE_EVERY_MS * generatorCores) / shards / 1_000,
        memoryBytes: 1_000,
      })),
  );
}

export function ledgersOf(run: string, history: History): Ledgers {
  const toMs = history.events.find(({ kind }) => kind === 'window-ended')?.atMs ?? null;
  return readLedgers(run, { users: history.plan.users, nodes: history.nodes, toMs });
}

function clientLedgerText(history: History, shard: number): string {
  const { plan, schedule } = history;
  const firstUser = Math.floor((plan.users * shard) / history.shards);
  const users = Math.floor((plan.users * (shard + 1)) / history.shards) - firstUser;
  const own = ({ user }: { readonly user: number }): boolean =>
    user >= firstUser && user < firstUser + users;
  const readers = [...history.readers].filter(([user]) => own({ user }));
  const header: ClientLedgerHeader = {
    schema: CLIENT_LEDGER_SCHEMA,
    run: 'made-up',
    runNonce: NONCE,
    shard,
    epochMs: EPOCH_MS,
    ...schedule,
    firstUser,
    users,
    virtualUsers: 1,
    readers: readers.length,
  };
  const timed: [atMs: number, text: string][] = [...(history.timedLines[shard] ?? [])];
  for (let user = firstUser; user < firstUser + users; user++) {
    timed.push([1_000, `C 1000 ${user} 0 20`]);
  }
  for (const { user, n, channel, sentMs, acknowledgedMs, sequence } of history.sent.filter(own)) {
    const intended = intendedAtMs(schedule, user, n) - EPOCH_MS;
    sentMs.forEach((atMs, index) =>
      timed.push([atMs, `S ${atMs} ${user} ${n} ${channel} ${intended} ${index + 1}`]),
    );
    if (acknowledgedMs !== null) {
      timed.push([acknowledgedMs, `A ${acknowledgedMs} ${user} ${n} ${sequence}`]);
    }
  }
  const endMs = Math.max(0, ...timed.map(([atMs]) => atMs)) + 500;
  const received = history.received.filter(own).flatMap((each) =>
    each.ranges.map(([from, to], index) => {
      const counts = index === 0 ? `${each.duplicates} ${each.reordered}` : '0 0';
      return `R ${endMs} ${each.user} ${each.channel} ${from} ${to} ${counts}`;
    }),
  );
  const heard = linesOfListeners(history, firstUser, users, endMs);
  const answersOf = (user: number): number =>
    timed.filter(([, line]) => line.startsWith('H ') && line.split(' ')[2] === `${user}`).length;
  const read = readers.map(([user, asked]) => `Q ${endMs} ${user} ${asked} ${answersOf(user)}`);
  const intended = history.sent.filter(own).length;
  const end = history.unfinished.includes(shard) ? [] : [`F ${endMs} 0 ${users} ${intended}`];
  const text = [
    JSON.stringify(header),
    ...timed.sort(([a], [b]) => a - b).map(([, line]) => line),
    ...(history.extraLines[shard] ?? []),
    ...read,
    ...received,
    ...heard,
    ...end,
  ];
  return text.map((line) => `${line}\n`).join('');
}

/** `V` lines of the shard's listeners, who were shown what the first node holds. */
function linesOfListeners(
  { heard, received, rows, nodes, schedule, plan }: History,
  firstUser: number,
  users: number,
  endMs: number,
): readonly string[] {
  if (heard === undefined) return [];
  const places = new Map(
    (rows[nodes[0] ?? ''] ?? []).map((row) => [`${row.channel} ${row.sequence}`, row]),
  );
  return received
    .filter(({ user }) => user >= firstUser && user < firstUser + users)
    .filter(({ user }) => listens(schedule.seed, user, plan.users))
    .flatMap(({ user, channel, ranges }) => {
      const times = { add: () => undefined };
      const listener = new Listener(times, NONCE, md5, { user, channels: [channel] });
      for (const [from, to] of ranges) {
        for (let sequence = from; sequence <= to; sequence++) {
          const stored = places.get(`${channel} ${sequence}`);
          if (stored === undefined) continue;
          const { key, author, body } = heard(user, stored);
          listener.add(JSON.stringify(['message', channel, sequence, key, author, body]));
        }
      }
      return listener.lines(endMs);
    });
}

function rowLedgerText(node: string, rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => a.channel - b.channel || a.sequence - b.sequence);
  const text = sorted.map(({ key, channel, sequence, author, body, createdAtMs }) => {
    const hash = bodyHashOf(body, md5);
    return `${[key, channel, sequence, author, hash, createdAtMs].join('\t')}\n`;
  });
  return rowLedgerHeader('made-up', node) + text.join('') + rowLedgerEnd(rows.length);
}

/** Writes the history, hands over what is read from it, and removes the directory again. */
export function withLedgers<T>(history: History, look: (ledgers: Ledgers) => T): T {
  const run = writeRun(history);
  try {
    return look(ledgersOf(run, history));
  } finally {
    rmSync(run, { recursive: true });
  }
}

/** The same for the run directory itself. */
export async function withRun<T>(history: History, look: (run: string) => Promise<T>): Promise<T> {
  const run = writeRun(history);
  try {
    return await look(run);
  } finally {
    rmSync(run, { recursive: true });
  }
}

/** A history in which nothing was ever written: no ledgers, no rows, no events. */
export function emptyHistory(): History {
  const history = cleanHistory({ users: 2, perUser: 1, shards: 1 });
  return { ...history, shards: 0, channels: [], sent: [], received: [], rows: {}, events: [] };
}
