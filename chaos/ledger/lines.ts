/**
 * Lines of a file straight from its bytes, for ledgers of millions of lines.
 *
 * The file is read by chunks into one buffer that is used again; a line is
 * handed over as a range of that buffer, so nothing is allocated per line.
 * A last line without its newline is torn: whoever wrote it was killed while
 * writing. It is reported and not handed over.
 *
 * Limits: the range is valid only during the call; a line is at most
 * `LINE_BYTES_MAX` long.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
/** Large enough that system calls do not matter, small enough for the cache of a small machine. */
const CHUNK_BYTES = 1 << 20;
/** A channel of 100,000 members takes about 700 kB; anything longer than this is not a ledger. */
const LINE_BYTES_MAX = 1 << 26;
/** A first line is a header: a few hundred bytes. */
const FIRST_LINE_BYTES_MAX = 1 << 16;

export interface LinesRead {
  /** Whole lines. */
  readonly lines: number;
  readonly torn: boolean;
}

/** `line` counts from 1. */
export type OnLine = (bytes: Buffer, start: number, end: number, line: number) => void;

export function readLines(path: string, onLine: OnLine): LinesRead {
  const file = openSync(path, 'r');
  try {
    let buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let kept = 0;
    let lines = 0;
    for (;;) {
      if (kept === buffer.length) buffer = enlarge(buffer, path);
      const got = readSync(file, buffer, kept, buffer.length - kept, null);
      if (got === 0) return { lines, torn: kept > 0 };
      const filled = kept + got;
      const chunk = buffer.subarray(0, filled);
      let start = 0;
      for (let end = newlineFrom(chunk, kept); end !== -1; end = newlineFrom(chunk, start)) {
        onLine(chunk, start, end, ++lines);
        start = end + 1;
      }
      chunk.copy(buffer, 0, start, filled);
      kept = filled - start;
    }
  } finally {
    closeSync(file);
  }
}

/** A walk: a search by the runtime costs more than the bytes of a short line. */
function newlineFrom(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === NEWLINE) return at;
  return -1;
}

/** The first line, or null when the file has not even one whole line. */
export function readFirstLine(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(FIRST_LINE_BYTES_MAX);
    const got = readSync(file, buffer, 0, buffer.length, 0);
    const end = buffer.subarray(0, got).indexOf(NEWLINE);
    return end === -1 ? null : buffer.toString('utf8', 0, end);
  } finally {
    closeSync(file);
  }
}

function enlarge(buffer: Buffer, path: string): Buffer {
  if (buffer.length * 2 > LINE_BYTES_MAX) {
    throw new RangeError(`${path} has a line of more than ${LINE_BYTES_MAX / 2} bytes`);
  }
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}
