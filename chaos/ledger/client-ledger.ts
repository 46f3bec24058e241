/**
 * Reads the client ledger of one shard (format: `scenarios/client-ledger.ts`)
 * into the records of the run.
 *
 * It goes through the bytes once and allocates nothing per line. A torn last
 * line is tolerated and told; a line that cannot be (malformed, or against
 * what the same user's earlier lines say) is left out and told with file and
 * line, and then nothing that needs the whole ledger is concluded from it.
 *
 * Limits: lines of one user have to stand in the order in which they
 * happened; lines of different users may be mixed at will.
 */
import { basename } from 'node:path';
import type { ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import type { ClientRecords } from './client-records.ts';
import { readIntegers } from './integers.ts';
import { readLines } from './lines.ts';
import { collectProblems } from './problems.ts';
import { ERROR, FIELDS, HISTORY, RECEIVED } from './record-letters.ts';
import { shardReader } from './shard-reader.ts';

export interface ShardLedger {
  readonly header: ClientLedgerHeader;
  readonly file: string;
  readonly lines: number;
  readonly torn: boolean;
  readonly problems: readonly string[];
  /** Virtual users with an `F` line, and the users they held. */
  readonly finishedVirtualUsers: number;
  readonly finishedUsers: number;
}

const BLANK = 0x20;
export function readClientLedger(
  path: string,
  header: ClientLedgerHeader,
  records: ClientRecords,
  baseMs: number,
): ShardLedger {
  const file = basename(path);
  const problems = collectProblems();
  const values = new Int32Array(8);
  const reader = shardReader(header, records, baseMs);
  const { lines, torn } = readLines(path, (bytes, start, end, line) => {
    if (line === 1) return;
    const letter = bytes[start] as number;
    const fields = FIELDS[letter] ?? 0;
    const whole =
      fields !== 0 &&
      bytes[start + 1] === BLANK &&
      readIntegers(bytes, start + 2, end, values) === fields;
    const complaint = !whole
      ? 'is malformed'
      : isWithinBounds(letter, values, fields)
        ? reader.take(letter, values, line)
        : 'is out of bounds';
    if (complaint !== '') {
      const text = bytes.toString('latin1', start, Math.min(end, start + 80));
      problems.add(`${file}:${line} ${complaint}: "${text}"`);
    }
  });
  const { readersDone, ...finished } = reader.finished();
  const allFinished = finished.finishedVirtualUsers === header.virtualUsers;
  if (allFinished && readersDone !== header.readers) {
    problems.add(`${file} says how ${readersDone} of ${header.readers} readers of history ended`);
  }
  return { header, file, lines, torn, problems: problems.list(), ...finished };
}

/** A negative count would take away from what others counted. */
function isWithinBounds(letter: number, values: Int32Array, fields: number): boolean {
  if (letter === ERROR) {
    const [, user = 0, n = 0, code = 0] = values;
    return n >= -1 && user >= 0 && code >= 0;
  }
  for (let field = 1; field < fields; field++) if ((values[field] as number) < 0) return false;
  if (letter !== RECEIVED && letter !== HISTORY) return true;
  const range = letter === HISTORY ? 4 : 3;
  const [from, to] = [values[range] as number, values[range + 1] as number];
  return from >= 1 && to >= from - 1;
}
