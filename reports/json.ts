/**
 * JSON that does not change unless what it says changes: two blanks of
 * indentation, one newline at the end, keys in a fixed order.
 *
 * Keys are sorted, with two exceptions: the few that tell a reader what the
 * file is come first, and records whose order means something (phases in the
 * order of time) keep it. A list of plain numbers stands on one line, because
 * a chart's series is thousands of them.
 */

/** These open any object that has them. */
const FIRST_KEYS = ['schema', 'verdict', 'exitCode', 'reasons', 'run', 'id', 'kind', 'title'];

/** Records of these names keep the order they were made in. */
const RECORDS_IN_ORDER = new Set([
  'byPhase',
  'latencyByPhaseMs',
  'latencyAsSentByPhaseMs',
  'counts',
]);

/** Text of `value`; what JSON cannot hold (`undefined`, functions) is left out as `JSON.stringify` does. */
export function renderJson(value: unknown): string {
  return `${render(value, '', '')}\n`;
}

function render(value: unknown, name: string, indent: string): string {
  if (Array.isArray(value)) return renderList(value, indent);
  if (typeof value === 'object' && value !== null) return renderRecord(value, name, indent);
  return JSON.stringify(value) ?? 'null';
}

function renderList(list: readonly unknown[], indent: string): string {
  if (list.length === 0) return '[]';
  if (list.every((item) => typeof item === 'number' || item === null)) {
    return `[${list.map((item) => JSON.stringify(item)).join(', ')}]`;
  }
  const inner = `${indent}  `;
  const items = list.map((item) => `${inner}${render(item, '', inner)}`);
  return `[\n${items.join(',\n')}\n${indent}]`;
}

function renderRecord(record: object, name: string, indent: string): string {
  const entries = Object.entries(record).filter(
    ([, value]) => value !== undefined && typeof value !== 'function',
  );
  if (entries.length === 0) return '{}';
  if (!RECORDS_IN_ORDER.has(name)) entries.sort(([left], [right]) => compareKeys(left, right));
  const inner = `${indent}  `;
  const lines = entries.map(
    ([key, value]) => `${inner}${JSON.stringify(key)}: ${render(value, key, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function compareKeys(left: string, right: string): number {
  const byRank = rankOf(left) - rankOf(right);
  // By code unit, not by locale: the order has to be the same on every machine.
  return byRank !== 0 ? byRank : left < right ? -1 : left > right ? 1 : 0;
}

const rankOf = (key: string): number => {
  const rank = FIRST_KEYS.indexOf(key);
  return rank === -1 ? FIRST_KEYS.length : rank;
};
