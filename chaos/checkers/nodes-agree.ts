/**
 * All nodes of a database hold the same rows: key, author and body hash at every
 * place of every channel. A replica that silently diverged would serve wrong
 * history today and lose messages as the next primary.
 *
 * Evidence: completely read row ledgers, each held against the first of its
 * database.
 */
import type { CheckResult } from '../findings.ts';
import { completeRows, type Ledgers } from '../ledger/ledgers.ts';
import type { RowLedger } from '../ledger/row-ledger.ts';
import type { RowTable } from '../ledger/row-table.ts';
import { conclude, EXAMPLES_MAX, missingRows, rowPosition } from './check-result.ts';

export function nodesAgree(ledgers: Ledgers): CheckResult {
  const nodes = completeRows(ledgers);
  const examples: string[] = [];
  let [differing, onlyFirst, onlyOther] = [0, 0, 0];
  for (const other of nodes) {
    const first = nodes.find(({ database }) => database === other.database);
    if (first === undefined || other.table === first.table) continue;
    compare(first, other, (kind, row) => {
      if (kind === 'differs') differing++;
      else if (kind === 'only-first') onlyFirst++;
      else onlyOther++;
      if (examples.length >= EXAMPLES_MAX) return;
      const node = kind === 'only-other' ? other.node : first.node;
      const against = kind === 'only-other' ? first.node : other.node;
      const what = kind === 'differs' ? 'is another row on' : 'is not on';
      examples.push(`${rowPosition(node, row)} ${what} ${against}`);
    });
  }
  const disagreements = differing + onlyFirst + onlyOther;
  return conclude({
    id: 'nodes-agree',
    title: 'All nodes of a database hold the same rows',
    counts: { nodes: nodes.length, differing, onlyFirst, onlyOther },
    refuted: disagreements > 0,
    examples,
    missing: missingRows(ledgers),
    detail: 'Counted in rows, each node against the first one of its database.',
  });
}

/** Walks both tables in their common order; `row` is the other's for `only-other`. */
function compare(
  first: RowLedger,
  other: RowLedger,
  found: (kind: 'differs' | 'only-first' | 'only-other', row: number) => void,
): void {
  const [a, b] = [first.table, other.table];
  let [left, right] = [0, 0];
  while (left < a.rows || right < b.rows) {
    const order = left === a.rows ? 1 : right === b.rows ? -1 : comparePlaces(a, left, b, right);
    if (order < 0) found('only-first', left++);
    else if (order > 0) found('only-other', right++);
    else {
      const same =
        a.key[left] === b.key[right] &&
        a.author[left] === b.author[right] &&
        a.bodyHash[left] === b.bodyHash[right];
      if (!same) found('differs', left);
      left++;
      right++;
    }
  }
}

function comparePlaces(a: RowTable, left: number, b: RowTable, right: number): number {
  const byChannel = (a.channel[left] as number) - (b.channel[right] as number);
  return byChannel !== 0 ? byChannel : (a.sequence[left] as number) - (b.sequence[right] as number);
}
