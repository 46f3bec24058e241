/**
 * Which sequences one member received in one channel, as ranges: in the usual
 * case one number, whatever the traffic. Counts duplicates and deliveries
 * that came after a later one.
 */
export class ReceivedSequences {
  /** Everything from 1 to here was received. */
  contiguous = 0;
  private duplicates = 0;
  private reordered = 0;
  /** Ranges beyond `contiguous`, ascending, disjoint, not touching: [from, to]. */
  private ahead: [from: number, to: number][] | undefined;

  /** There is no gap in it. */
  get isWhole(): boolean {
    return this.ahead === undefined;
  }

  /** Takes the next one, where nothing is missing; false: it is not, and was not taken. */
  addNext(sequence: number): boolean {
    if (sequence !== this.contiguous + 1 || !this.isWhole) return false;
    this.contiguous = sequence;
    return true;
  }

  /** Somebody else saw all up to here come one after the other; for a book that was whole before. */
  cameUpTo(sequence: number): void {
    if (sequence > this.contiguous) this.contiguous = sequence;
  }

  /** `next`: one after the highest so far; `ahead`: a gap opened; `late`: (part of) a gap was filled. */
  add(sequence: number): 'next' | 'ahead' | 'late' | 'duplicate' {
    if (this.addNext(sequence)) return 'next';
    return this.addOutOfTurn(sequence, this.ahead ?? []);
  }

  private addOutOfTurn(
    sequence: number,
    ahead: [number, number][],
  ): ReturnType<ReceivedSequences['add']> {
    const received = ahead.some(([from, to]) => from <= sequence && sequence <= to);
    if (sequence <= this.contiguous || received) {
      this.duplicates++;
      return 'duplicate';
    }
    const highest = ahead.at(-1)?.[1] ?? this.contiguous;
    const merged = withSequence([[0, this.contiguous], ...ahead], sequence);
    this.contiguous = merged[0]?.[1] ?? 0;
    this.ahead = merged.length > 1 ? merged.slice(1) : undefined;
    if (sequence > highest) return sequence === highest + 1 ? 'next' : 'ahead';
    this.reordered++;
    return 'late';
  }

  /** The `R` lines of the client ledger. */
  lines(atMs: number, user: number, channel: number): string[] {
    const ranges: [number, number][] = [[1, this.contiguous], ...(this.ahead ?? [])];
    return ranges.map(([from, to], index) => {
      const counts = index === 0 ? `${this.duplicates} ${this.reordered}` : '0 0';
      return `R ${atMs} ${user} ${channel} ${from} ${to} ${counts}`;
    });
  }
}

/** The ranges with one more sequence in them, those that touch joined. */
function withSequence(ranges: readonly [number, number][], sequence: number): [number, number][] {
  const sorted = [...ranges, [sequence, sequence] as [number, number]].sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && last[1] + 1 === from) last[1] = to;
    else joined.push([from, to]);
  }
  return joined;
}
