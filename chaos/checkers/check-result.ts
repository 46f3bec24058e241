/**
 * How every checker concludes. What was seen to be broken is broken, whatever
 * other evidence is missing; otherwise missing evidence makes the result
 * unknown; only then it is held.
 */
import type { CheckResult } from '../findings.ts';
import { HISTORY_READ_FIELDS } from '../ledger/client-records.ts';
import { hasFinished, type Ledgers } from '../ledger/ledgers.ts';
import { rowLedgerFile } from '../run-directory.ts';

/** Enough to see a pattern, few enough to read. */
export const EXAMPLES_MAX = 10;

export interface Conclusion {
  readonly id: string;
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly refuted: boolean;
  /** In ledger order; capped here. */
  readonly examples: readonly string[];
  /** Sentences: which evidence is not there. */
  readonly missing: readonly string[];
  /** What the counts mean. */
  readonly detail: string;
}

export function conclude(conclusion: Conclusion): CheckResult {
  const { id, title, counts, refuted, missing, detail } = conclusion;
  const kind = refuted ? 'refuted' : missing.length > 0 ? 'unknown' : 'held';
  return {
    id,
    title,
    kind,
    counts,
    examples: conclusion.examples.slice(0, EXAMPLES_MAX),
    detail:
      kind === 'held' || missing.length === 0
        ? detail
        : `${detail} Missing: ${missing.join('; ')}.`,
  };
}

/** Nothing in this run could have shown it, either way. */
export const notTested = (id: string, title: string, detail: string): CheckResult => ({
  ...{ id, title, detail, kind: 'not-tested' },
  counts: {},
  examples: [],
});

/** What is missing to say that something is on no node, or the same on all. */
export function missingRows(ledgers: Ledgers): readonly string[] {
  const problems = ledgers.rows.flatMap((rows) => rows.problems);
  if (ledgers.nodes.length === 0) return ['the names of the database nodes', ...problems];
  const complete = new Set(ledgers.rows.filter((rows) => rows.complete).map(({ node }) => node));
  const absent = ledgers.nodes.filter((node) => !complete.has(node));
  const missing = [
    ...(absent.length === 0 ? [] : [`complete rows of ${absent.join(', ')}`]),
    ...missingDatabases(ledgers).map((database) => `any node of database ${database}`),
  ];
  return missing.length === 0 ? [] : [...missing, ...problems];
}

/** Of several databases those of which no node is named: their channels would be nobody's. */
function missingDatabases({ rows, databases }: Ledgers): readonly number[] {
  if (databases === 1) return [];
  const named = new Set(rows.map(({ database }) => database));
  return Array.from({ length: databases }, (_, database) => database).filter(
    (database) => !named.has(database),
  );
}

/** What is missing to say that a user did not do something. */
export function missingClients(ledgers: Ledgers): readonly string[] {
  if (ledgers.shards.length === 0) return ['every client ledger', ...ledgers.clientProblems];
  const unfinished = ledgers.shards
    .filter((shard) => !hasFinished(shard))
    .map((shard) => `the end of ${shard.file}`);
  return [...unfinished, ...ledgers.clientProblems];
}

/** Shards whose users should have read history for at least one interval, and were shown none. */
export function missingReads({ shards, records, schedule, toMs }: Ledgers): readonly string[] {
  const reads = records.historyReads.view();
  const seen = new Set<number>();
  for (let at = 0; at < reads.length; at += HISTORY_READ_FIELDS) seen.add(reads[at + 6] as number);
  const isLong = toMs !== null && toMs >= schedule.sendFromMs + schedule.intervalMs;
  return shards
    .filter(({ header }) => isLong && header.readers > 0 && !seen.has(header.shard))
    .map(({ file, header }) => `any history shown to the ${header.readers} readers of ${file}`);
}

/** Line of a row in its node's row ledger. */
export const rowPosition = (node: string, row: number): string =>
  `${rowLedgerFile(node)}:${row + 2}`;
