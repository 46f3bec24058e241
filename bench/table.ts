/** Figures in columns for a terminal of 80 characters: numbers to the right, two blanks between. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  return [line(heads), ...rows.map(line)].map((text) => `${text.trimEnd()}\n`).join('');
}

/** `1200000` → `1,200,000`, on every machine. */
export const grouped = (count: number): string => Math.round(count).toLocaleString('en-GB');
