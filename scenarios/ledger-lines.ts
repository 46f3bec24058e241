/**
 * Gathers the lines of the client ledger for a moment and writes them in one
 * piece: k6 takes 80 µs for each piece, whatever its length, which for two lines
 * a message was an eighth of the generator's CPU (`bench/recording.ts`).
 *
 * A generator that is killed loses the lines of that moment; its run is
 * inconclusive anyway, for it never said that it finished.
 */

/** Some twenty lines of a virtual user with 5,000 users; what watches the run sees it that much later. */
const GATHER_MS = 100;
/** At the end each member's receipts come at once: they need not be one text of a megabyte. */
const LINES_MAX = 1_000;

export class LedgerLines {
  private readonly write: (lines: string) => void;
  private waiting: string[] = [];

  /** `write`: gets one or more whole lines, without the last line's end. */
  constructor(write: (lines: string) => void) {
    this.write = write;
  }

  /** A timer of the engine and not of the timetable: it keeps the generator alive until it is written. */
  add(line: string): void {
    const waiting = this.waiting.push(line);
    if (waiting >= LINES_MAX) this.flush();
    else if (waiting === 1) setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.waiting.length === 0) return;
    this.write(this.waiting.join('\n'));
    this.waiting = [];
  }
}
