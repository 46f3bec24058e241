/**
 * Everything the checkers look at, read once from a run directory: what the
 * users did (client ledgers), what the database nodes hold (row ledgers), and
 * who is a member of what. It also says which of this evidence is missing.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { lastMessageBefore, type Schedule } from '../../scenarios/schedule.ts';
import { databaseOf } from '../../reference-server/placement.ts';
import { clientLedgerFile, inRun, rowLedgerFile, runFiles } from '../run-directory.ts';
import { readClientHeader } from './client-header.ts';
import { readClientLedger, type ShardLedger } from './client-ledger.ts';
import { createClientRecords, type ClientRecords } from './client-records.ts';
import { reserveMessages } from './messages.ts';
import { findOutsiders, readPopulation, type PopulationLedger } from './population.ts';
import { rowLedgerReader, type RowLedger } from './row-ledger.ts';
import { createKeySpace, type KeySpace } from './row-table.ts';

export interface Ledgers {
  /** Epoch milliseconds that all 32-bit times count from. */
  readonly baseMs: number;
  readonly schedule: Schedule;
  readonly shards: readonly ShardLedger[];
  readonly records: ClientRecords;
  readonly keys: KeySpace;
  readonly population: PopulationLedger;
  readonly rows: readonly RowLedger[];
  /** Database nodes whose rows have to be there. */
  readonly nodes: readonly string[];
  /** How many databases share the channels. */
  readonly databases: number;
  /** End of the window, epoch milliseconds. */
  readonly toMs: number | null;
  /** Sentences about what is wrong with the users' side of the evidence; empty: nothing. */
  readonly clientProblems: readonly string[];
  /** The same about the database's side. */
  readonly rowProblems: readonly string[];
}

export interface LedgersExpected {
  readonly users: number;
  /** Database nodes whose rows have to be there. */
  readonly nodes: readonly string[];
  /** How many databases share the channels; 1 where it is not said. */
  readonly databases?: number;
  /** Of which database a node is a member; of the first where it is not said. */
  readonly databaseOfNode?: ReadonlyMap<string, number>;
  /** End of the window, epoch milliseconds: tables reach to it even where nothing was sent. */
  readonly toMs: number | null;
}

export function readLedgers(run: string, expected: LedgersExpected): Ledgers {
  const files = listLedgerFiles(run);
  const clientProblems: string[] = [];
  const headers = files.clients.flatMap((file) => {
    const path = inRun(run, file);
    const header = readClientHeader(path);
    if (typeof header === 'string') {
      clientProblems.push(header);
      return [];
    }
    // Examples name the file by its shard's number.
    if (clientLedgerFile(header.shard) !== file) {
      clientProblems.push(`${file} is the ledger of shard ${header.shard}`);
    }
    return [{ path, header }];
  });
  const first = headers[0]?.header;
  const schedule: Schedule = {
    seed: first?.seed ?? 0,
    sendFromMs: first?.sendFromMs ?? 0,
    intervalMs: first?.intervalMs ?? 1,
    rates: first?.rates ?? [],
  };
  const agreeing = headers.filter(({ header }) => {
    const same =
      header.run === first?.run &&
      header.runNonce === first?.runNonce &&
      header.seed === schedule.seed &&
      header.sendFromMs === schedule.sendFromMs &&
      header.intervalMs === schedule.intervalMs &&
      isDeepStrictEqual(header.rates, schedule.rates);
    if (!same) clientProblems.push(`shard ${header.shard} is of another run than the first shard`);
    return same;
  });
  // Read twice, a user's evidence would speak against the service: a reader seems to go back in time.
  const distinct = agreeing.filter(
    ({ header }, index) =>
      !agreeing.slice(0, index).some((earlier) => shareUsers(earlier.header, header)),
  );
  const baseMs = Math.min(...agreeing.map(({ header }) => header.epochMs), schedule.sendFromMs);
  const users = Math.max(
    expected.users,
    ...agreeing.map(({ header }) => header.firstUser + header.users),
  );
  const records = createClientRecords(users);
  if (expected.toMs !== null && first !== undefined) {
    reserveMessages(records.messages, lastMessageBefore(schedule, expected.toMs));
  }
  const shards = distinct.map(({ path, header }) =>
    readClientLedger(path, header, records, baseMs),
  );
  clientProblems.push(
    ...missingUsers(
      agreeing.map(({ header }) => header),
      expected.users,
    ),
  );
  clientProblems.push(...shards.flatMap((shard) => shard.problems));
  if (records.scheduleMismatches > 0) {
    clientProblems.push(`${records.scheduleMismatches} sends are not at the times of the schedule`);
  }

  const keys = createKeySpace(first?.runNonce ?? '', records.messages);
  const reader = rowLedgerReader(keys);
  const rows = files.rows.map(({ file, node }) =>
    reader.read(inRun(run, file), { node, database: expected.databaseOfNode?.get(node) ?? 0 }),
  );
  const population = readPopulation(inRun(run, runFiles.population));
  const outsiders = findOutsiders(records.messages, population);
  return {
    baseMs,
    schedule,
    shards,
    records,
    keys,
    population: { ...population, problems: [...population.problems, ...outsiders] },
    rows,
    nodes: expected.nodes,
    databases: expected.databases ?? 1,
    toMs: expected.toMs,
    clientProblems,
    rowProblems: [
      ...rows.flatMap((ledger) => ledger.problems),
      ...rows
        .filter((ledger) => first !== undefined && ledger.run !== first.run)
        .map((ledger) => `${ledger.file} is of another run than the first shard`),
      ...expected.nodes
        .filter((node) => !rows.some((ledger) => ledger.node === node))
        .map((node) => `${rowLedgerFile(node)} is missing`),
    ],
  };
}

function listLedgerFiles(run: string) {
  let names: string[] = [];
  try {
    names = readdirSync(join(run, runFiles.ledger)).sort();
  } catch (cause) {
    // A run that died early has no ledgers yet; that is for the checkers to say.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  }
  const shards = names
    .flatMap((name) => /^clients-(\d+)\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
  return {
    clients: shards.map(clientLedgerFile),
    rows: names
      .flatMap((name) => /^rows-(.+)\.tsv$/.exec(name)?.[1] ?? [])
      .map((node) => ({ node, file: rowLedgerFile(node) })),
  };
}

const shareUsers = (one: ClientLedgerHeader, other: ClientLedgerHeader): boolean =>
  one.firstUser < other.firstUser + other.users && other.firstUser < one.firstUser + one.users;

/** Every user belongs to exactly one shard; says where that is not so. */
function missingUsers(headers: readonly ClientLedgerHeader[], users: number): readonly string[] {
  const problems: string[] = [];
  let next = 0;
  const ranges = headers.toSorted((a, b) => a.firstUser - b.firstUser);
  for (const { firstUser, users: held, shard } of ranges) {
    if (firstUser > next) problems.push(`no client ledger holds users ${next} to ${firstUser - 1}`);
    if (firstUser < next) problems.push(`users from ${firstUser} on are in shard ${shard} again`);
    next = Math.max(next, firstUser + held);
  }
  if (next < users) problems.push(`no client ledger holds users ${next} to ${users - 1}`);
  return problems;
}

/** Is it in this node's database that the channel has its rows? */
export const holds = (
  { databases }: Pick<Ledgers, 'databases'>,
  { database }: Pick<RowLedger, 'database'>,
  channel: number,
): boolean => databases === 1 || databaseOf(channel, databases) === database;

/** Row ledgers from which absence can be concluded. */
export const completeRows = (ledgers: Ledgers): readonly RowLedger[] =>
  ledgers.rows.filter((ledger) => ledger.complete);

/** Of nodes that hold the same rows the first. */
export const oneOfEach = (rows: readonly RowLedger[]): readonly RowLedger[] =>
  rows.filter(({ table }, index) => rows.findIndex((other) => other.table === table) === index);

/** Complete nodes, of those that hold the same rows the first. */
export const oneNodeATable = (ledgers: Ledgers): readonly RowLedger[] =>
  oneOfEach(completeRows(ledgers));

/** Every virtual user wrote its last line: what is not in the ledger did not happen. */
export const hasFinished = (shard: ShardLedger): boolean =>
  !shard.torn &&
  shard.problems.length === 0 &&
  shard.finishedVirtualUsers === shard.header.virtualUsers &&
  shard.finishedUsers === shard.header.users;
