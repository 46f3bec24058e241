/**
 * A made-up history as a real run directory, in the very formats that a real
 * run uses, for as long as a test looks at it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_LEDGER_SCHEMA, type ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { listens } from '../../scenarios/delivery-times.ts';
import { bodyHashOf } from '../../scenarios/history.ts';
import { Listener } from '../../scenarios/listener.ts';
import { intendedAtMs } from '../../scenarios/schedule.ts';
import { clientLedgerFile, rowLedgerFile, runFiles } from '../run-directory.ts';
import { readLedgers, type Ledgers } from './ledgers.ts';
import { rowLedgerEnd, rowLedgerHeader } from './row-ledger.ts';
import { databaseAt, EPOCH_MS } from './run-events.fixture.ts';
import { md5, NONCE, type History, type Row } from './run-history.fixture.ts';
import type { UsageSample } from './usage.ts';

const CORES = 2;
const USAGE_EVERY_MS = 5_000;

/** Writes the history as a run directory below the system's folder for temporary files. */
export function writeRun(history: History): string {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
  const write = (file: string, text: string): void => writeFileSync(join(run, file), text);
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join('');
  mkdirSync(join(run, runFiles.ledger));
  mkdirSync(join(run, runFiles.metrics));
  write(runFiles.plan, JSON.stringify(history.plan));
  const environment = {
    databaseNodes: history.nodes,
    cluster: { servers: history.nodes.map((id, place) => ({ id, database: databaseAt(place) })) },
    machine: { cores: CORES },
  };
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
  const { nodes, plan, events } = history;
  const toMs = events.find(({ kind }) => kind === 'window-ended')?.atMs ?? null;
  return readLedgers(run, {
    ...{ nodes, toMs },
    users: plan.users,
    databases: plan.databases,
    databaseOfNode: new Map(nodes.map((node, place) => [node, databaseAt(place)])),
  });
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

/** `V` lines of the shard's listeners, who were shown what the first node of each database holds. */
function linesOfListeners(
  { heard, received, rows, nodes, schedule, plan }: History,
  firstUser: number,
  users: number,
  endMs: number,
): readonly string[] {
  if (heard === undefined) return [];
  const places = new Map(
    nodes
      .filter((_, place) => databaseAt(place) !== databaseAt(place - 1))
      .flatMap((node) => rows[node] ?? [])
      .map((row) => [`${row.channel} ${row.sequence}`, row]),
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
