/**
 * Salt: the checkers are tried on this very run. After they have judged it, a
 * copy of its evidence gets four defects (one acknowledged row removed, one row
 * doubled, two rows of a sender swapped, one delivery removed), one more where
 * users listen (a delivery that says something else), and two where they read
 * history (a reader taken back in time, a page that shows something else). The checkers have to notice each, by the class it belongs
 * to. If one is missed, their "nothing was lost" means nothing either, and the
 * run is inconclusive.
 *
 * Rows of one database node are salted as bytes and read again, with their
 * neighbours, by the same parser (`excerpt.ts`); the checkers then go through all
 * rows. Deliveries and pages of history are changed in the tables that the parser
 * of the client ledgers filled. Nothing on the disk changes. The same seed
 * salts the same places, so that a second judgement is the same as the first.
 *
 * Limits: it shows that the checkers see such defects in evidence of this size
 * and shape, not that they see all; the client ledgers' parser is not run again.
 */
import { randomAt } from '../../../scenarios/random.ts';
import { allDelivered } from '../../checkers/all-delivered.ts';
import { deliveriesAsStored } from '../../checkers/deliveries-as-stored.ts';
import { historyAsStored } from '../../checkers/history-as-stored.ts';
import type { Checked } from '../../checkers/index.ts';
import { monotonicReads } from '../../checkers/monotonic-reads.ts';
import { noDuplicates } from '../../checkers/no-duplicates.ts';
import { noLostMessages } from '../../checkers/no-lost-messages.ts';
import { senderOrder } from '../../checkers/sender-order.ts';
import type { CheckResult, Precondition } from '../../findings.ts';
import {
  HISTORY_READ_FIELDS,
  RECEIPT_FIELDS,
  type ClientRecords,
} from '../../ledger/client-records.ts';
import { copyOfIntegers } from '../../ledger/growable.ts';
import { completeRows, type Ledgers } from '../../ledger/ledgers.ts';
import { rowLedgerReader, type RowLedger } from '../../ledger/row-ledger.ts';
import { keyText } from '../../ledger/row-table.ts';
import { inRun, rowLedgerFile } from '../../run-directory.ts';
import { listed } from '../evidence.ts';
import { readExcerpt, withExcerpt } from './excerpt.ts';
import { chooseGrains, type Grains, type MissedDelivery } from './grains.ts';
import { saltedRows } from './salted-rows.ts';

/** A defect, in words, and the checker and count by which it has to be noticed. */
interface Defect {
  /** Null: the run has no place for it. */
  readonly what: string | null;
  readonly name: string;
  readonly check: (salted: Ledgers) => CheckResult;
  readonly count: string;
}

export function saltNoticed(
  run: string,
  ledgers: Ledgers,
  checked: Checked,
  seed: number,
): Precondition {
  const result = (met: boolean, measured: string): Precondition => ({
    id: 'salt-noticed',
    title: "Defects put into a copy of this run's evidence were noticed by the checkers",
    met,
    measured,
    required: 'all',
  });
  const complete = completeRows(ledgers);
  const node = complete[Math.floor(randomAt(seed, 0, complete.length) * complete.length)];
  if (node === undefined) return result(false, 'not tried: no database node was read to its end');

  const grains = chooseGrains(ledgers, node.table, checked.lost, seed);
  const salted = saltLedgers(run, ledgers, node, grains);
  const defects = defectsOf(ledgers, node, grains);
  const before = new Map(checked.checks.map((check) => [check.id, check.counts]));
  const noticed = defects.filter(({ what, check, count }) => {
    if (what === null) return false;
    const { id, kind, counts } = check(salted);
    return kind === 'refuted' && (counts[count] ?? 0) > (before.get(id)?.[count] ?? 0);
  });
  const impossible = defects.filter(({ what }) => what === null);
  const missed = defects.filter((each) => each.what !== null && !noticed.includes(each));
  const parts = [
    `${noticed.length} of ${defects.length}`,
    ...(noticed.length === 0 ? [] : [`noticed: ${listed(noticed.map(({ what }) => what ?? ''))}`]),
    ...(missed.length === 0
      ? []
      : [`not noticed: ${listed(missed.map(({ what }) => what ?? ''))}`]),
    ...(impossible.length === 0
      ? []
      : [`the run is too small to try: ${listed(impossible.map(({ name }) => name))}`]),
  ];
  return result(noticed.length === defects.length, parts.join('; '));
}

function defectsOf(
  { keys, records }: Ledgers,
  { node, table }: RowLedger,
  grains: Grains,
): Defect[] {
  const { removed, doubled, swapped, undelivered, heard, read } = grains;
  const key = (row: number): string => keyText(keys, table.key[row] as number);
  return [
    {
      name: 'a row removed',
      what: removed === null ? null : `${key(removed)} removed on ${node}`,
      check: noLostMessages,
      count: 'missing',
    },
    {
      name: 'a row doubled',
      what: doubled === null ? null : `${key(doubled)} doubled on ${node}`,
      check: noDuplicates,
      count: 'keys',
    },
    {
      name: 'two rows swapped',
      what: swapped === null ? null : `${swapped.map(key).join(' and ')} swapped on ${node}`,
      check: senderOrder,
      count: 'reordered',
    },
    {
      name: 'a delivery removed',
      what:
        undelivered === null
          ? null
          : `${undelivered.sequence} of channel ${undelivered.channel} not delivered to user ${undelivered.user}`,
      check: allDelivered,
      count: 'undelivered',
    },
    ...(heard === null ? [] : [defectOfHeard(records, heard)]),
    ...(read === null ? [] : defectsOfRead(records, read)),
  ];
}

function defectOfHeard({ heard }: ClientRecords, at: number): Defect {
  const [user = 0, channel = 0] = heard.view().subarray(at, at + 2);
  return {
    name: 'a delivery changed',
    what: `user ${user} delivered something else in channel ${channel}`,
    check: deliveriesAsStored,
    count: 'differing',
  };
}

function defectsOfRead({ historyReads }: ClientRecords, read: number): Defect[] {
  const [user = 0, channel = 0] = historyReads.view().subarray(read, read + 2);
  const shown = (how: string): string => `user ${user} shown channel ${channel} ${how}`;
  return [
    {
      name: 'a reader taken back',
      what: shown('as it was before'),
      check: monotonicReads,
      count: 'backwards',
    },
    {
      name: 'a page changed',
      what: shown('otherwise than stored'),
      check: historyAsStored,
      count: 'differing',
    },
  ];
}

function saltLedgers(run: string, ledgers: Ledgers, node: RowLedger, grains: Grains): Ledgers {
  const { keys, records } = ledgers;
  const excerpt = readExcerpt(inRun(run, rowLedgerFile(node.node)), node.table, grains);
  const salted = saltedRows(excerpt.bytes, excerpt.rows, excerpt.grains);
  const read = rowLedgerReader(keys).parse(salted, node.file, node);
  const table = withExcerpt(node.table, excerpt, read.table, records.messages);
  const { undelivered, heard, read: page } = grains;
  const shown = heard === null ? records : withOtherDelivery(records, heard);
  const received = undelivered === null ? shown : withoutDelivery(shown, undelivered);
  return {
    ...ledgers,
    rows: ledgers.rows.map((each) => (each === node ? { ...read, table } : each)),
    records: page === null ? received : withWrongPages(received, page),
  };
}

function withOtherDelivery(records: ClientRecords, at: number): ClientRecords {
  const heard = copyOfIntegers(records.heard);
  const digest = at + 2;
  heard.view()[digest] = (heard.view()[digest] as number) ^ 1;
  return { ...records, heard };
}

/** The same reader reads twice more: a page that ends one earlier, and the same with another digest. */
function withWrongPages(records: ClientRecords, read: number): ClientRecords {
  const historyReads = copyOfIntegers(records.historyReads, 2 * HISTORY_READ_FIELDS);
  const [user = 0, channel = 0, known = 0, from = 0, to = 0, digest = 0, shard = 0, line = 0] =
    records.historyReads.view().subarray(read, read + HISTORY_READ_FIELDS);
  const older = [
    user,
    channel,
    0,
    Math.min(from, Math.max(1, to - 1)),
    to - 1,
    digest,
    shard,
    line,
  ];
  const other = [user, channel, known, from, to, digest ^ 1, shard, line];
  for (const value of [...older, ...other]) historyReads.push(value);
  return { ...records, historyReads };
}

/** The range is cut in two around the sequence, as if it had never come. */
function withoutDelivery(records: ClientRecords, missed: MissedDelivery): ClientRecords {
  const receipts = copyOfIntegers(records.receipts, RECEIPT_FIELDS);
  const [user = 0, channel = 0, , to = 0, , , shard = 0, line = 0] = records.receipts
    .view()
    .subarray(missed.receipt, missed.receipt + RECEIPT_FIELDS);
  for (const value of [user, channel, missed.sequence + 1, to, 0, 0, shard, line]) {
    receipts.push(value);
  }
  receipts.view()[missed.receipt + 3] = missed.sequence - 1;
  return { ...records, receipts };
}
