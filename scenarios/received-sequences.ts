/**
 * Which sequences one member received in one channel, as ranges: in the usual
 * case one number, whatever the traffic. Counts duplicates and deliveries
 * that came after a later one.
 */
export class ReceivedSequences {
  /** Everything from 1 to here was received. */
  contiguous = 0;
  #duplicates = 0;
  #reordered = 0;
  /** Ranges beyond `contiguous`, ascending, disjoint, not touching: [from, to]. */
  readonly #ahead: [from: number, to: number][] = [];

  /** `next`: one after the highest so far; `ahead`: a gap opened; `late`: (part of) a gap was filled. */
  add(sequence: number): 'next' | 'ahead' | 'late' | 'duplicate' {
    if (sequence === this.contiguous + 1) {
      const late = this.#ahead.length > 0;
      this.contiguous = sequence;
      const first = this.#ahead[0];
      if (first !== undefined && first[0] === sequence + 1) {
        this.contiguous = first[1];
        this.#ahead.shift();
      }
      if (late) this.#reordered++;
      return late ? 'late' : 'next';
    }
    if (
      sequence <= this.contiguous ||
      this.#ahead.some(([from, to]) => from <= sequence && sequence <= to)
    ) {
      this.#duplicates++;
      return 'duplicate';
    }
    const highest = this.#ahead.at(-1)?.[1] ?? this.contiguous;
    this.#insert(sequence);
    if (sequence > highest) return sequence === highest + 1 ? 'next' : 'ahead';
    this.#reordered++;
    return 'late';
  }

  #insert(sequence: number): void {
    this.#ahead.push([sequence, sequence]);
    this.#ahead.sort((a, b) => a[0] - b[0]);
    for (let index = this.#ahead.length - 1; index > 0; index--) {
      const [before, after] = [this.#ahead[index - 1], this.#ahead[index]];
      if (before === undefined || after === undefined || before[1] + 1 !== after[0]) continue;
      before[1] = after[1];
      this.#ahead.splice(index, 1);
    }
  }

  /** The `R` lines of the client ledger. */
  lines(atMs: number, user: number, channel: number): string[] {
    const ranges: [number, number][] = [[1, this.contiguous], ...this.#ahead];
    return ranges.map(([from, to], index) => {
      const counts = index === 0 ? `${this.#duplicates} ${this.#reordered}` : '0 0';
      return `R ${atMs} ${user} ${channel} ${from} ${to} ${counts}`;
    });
  }
}
