/** Where words go: results to standard output, progress to standard error. */
export const useColor = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';

export const printResult = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

export const printJson = (value: unknown): void => printResult(JSON.stringify(value, null, 2));

export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Prose: broken at blanks to 80 columns; a path or a word that is longer stays whole. */
export const sayWrapped = (text: string): void =>
  say(text.replace(/(?=[^\n]{81})([^\n]{1,80}) /g, '$1\n'));
