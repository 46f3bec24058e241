/**
 * A message is stored once: no key in two rows of a node or in two databases,
 * no place of a channel taken twice. Retries with the same key must not make a
 * second row.
 *
 * Evidence: the row ledgers alone. Keys nobody sent count too.
 */
import type { CheckResult } from '../findings.ts';
import { type Ledgers, oneOfEach } from '../ledger/ledgers.ts';
import type { RowLedger } from '../ledger/row-ledger.ts';
import { keyText, type RowTable } from '../ledger/row-table.ts';
import { conclude, EXAMPLES_MAX, missingRows, rowPosition } from './check-result.ts';

export function noDuplicates(ledgers: Ledgers): CheckResult {
  const keys = new Set<number>();
  const places = new Set<string>();
  const examples: string[] = [];
  const different = oneOfEach(ledgers.rows);
  for (const { node, table } of different) {
    eachDuplicate(table, (kind, row, earlier) => {
      const key = table.key[row] as number;
      if (kind === 'key') keys.add(key);
      else places.add(`${table.channel[row]} ${table.sequence[row]}`);
      if (examples.length >= EXAMPLES_MAX) return;
      const what =
        kind === 'key'
          ? `key ${keyText(ledgers.keys, key)}`
          : `sequence ${table.sequence[row]} of channel ${table.channel[row]}`;
      examples.push(`${what} stands at ${rowPosition(node, earlier)} and at line ${row + 2}`);
    });
  }
  for (const { key, nodes, rows } of inTwoDatabases(different)) {
    keys.add(key);
    if (examples.length >= EXAMPLES_MAX) continue;
    examples.push(
      `key ${keyText(ledgers.keys, key)} stands at ${rowPosition(nodes[0], rows[0])} and in another database at ${rowPosition(nodes[1], rows[1])}`,
    );
  }
  return conclude({
    id: 'duplicated',
    title: 'No message is stored twice, and no place in a channel is taken twice',
    counts: { duplicated: keys.size + places.size, keys: keys.size, places: places.size },
    refuted: keys.size + places.size > 0,
    examples,
    missing: missingRows(ledgers),
    detail: 'Counted in keys and in places, however many nodes hold them twice.',
  });
}

/** Messages of this run of which two databases have a row. */
function inTwoDatabases(rows: readonly RowLedger[]) {
  const found: { key: number; nodes: [string, string]; rows: [number, number] }[] = [];
  for (const [index, { node, database, table }] of rows.entries()) {
    for (const other of rows.slice(index + 1)) {
      if (other.database === database) continue;
      for (let key = 0; key < table.rowOf.length; key++) {
        const [row, twin] = [(table.rowOf[key] ?? 0) - 1, (other.table.rowOf[key] ?? 0) - 1];
        if (row >= 0 && twin >= 0)
          found.push({ key, nodes: [node, other.node], rows: [row, twin] });
      }
    }
  }
  return found;
}

function eachDuplicate(
  table: RowTable,
  found: (kind: 'key' | 'place', row: number, earlier: number) => void,
): void {
  const foreign = new Map<number, number>();
  for (let row = 0; row < table.rows; row++) {
    const key = table.key[row] as number;
    const earlier = key >= 0 ? (table.rowOf[key] as number) - 1 : (foreign.get(key) ?? row);
    if (key < 0 && earlier === row) foreign.set(key, row);
    if (earlier !== row) found('key', row, earlier);
    const samePlace =
      row > 0 &&
      table.channel[row] === table.channel[row - 1] &&
      table.sequence[row] === table.sequence[row - 1];
    if (samePlace) found('place', row, row - 1);
  }
}
