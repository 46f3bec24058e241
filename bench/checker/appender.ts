/** Writes a file line by line, a megabyte at a time: the ledgers of five million messages are 1.5 GB. */
import { closeSync, openSync, writeSync } from 'node:fs';

const CHUNK_CHARACTERS = 1 << 20;

export interface Appender extends Disposable {
  /** `text` holds whole lines. */
  add(text: string): void;
}

export function appendTo(path: string): Appender {
  const file = openSync(path, 'a');
  let waiting = '';
  const flush = (): void => {
    writeSync(file, waiting);
    waiting = '';
  };
  return {
    add(text) {
      waiting += text;
      if (waiting.length >= CHUNK_CHARACTERS) flush();
    },
    [Symbol.dispose]() {
      flush();
      closeSync(file);
    },
  };
}
