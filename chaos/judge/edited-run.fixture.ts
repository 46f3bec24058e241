/** Edits to the files of a run directory, as somebody would make them who wants another verdict. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `run`: the directory. */
export type Edit = (run: string) => void;

/** Throws where the edit changes nothing: the test that rests on it would be none. */
export const rewrite =
  (file: string, change: (text: string) => string): Edit =>
  (run) => {
    const before = readFileSync(join(run, file), 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`the edit changes nothing in ${file}`);
    writeFileSync(join(run, file), after);
  };

/** Without the first line for which `isMeant` says so. */
export const withoutLine = (file: string, isMeant: (line: string) => boolean): Edit =>
  rewrite(file, (text) => {
    const lines = text.split('\n');
    const at = lines.findIndex(isMeant);
    return lines.toSpliced(at, at === -1 ? 0 : 1).join('\n');
  });

export const withoutLines = (file: string, isMeant: (line: string) => boolean): Edit =>
  rewrite(file, (text) =>
    text
      .split('\n')
      .filter((line) => !isMeant(line))
      .join('\n'),
  );

export const all =
  (...edits: readonly Edit[]): Edit =>
  (run) =>
    edits.forEach((edit) => edit(run));
