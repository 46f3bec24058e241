import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReceivedSequences } from './received-sequences.ts';

function receive(...sequences: number[]) {
  const book = new ReceivedSequences();
  const answers = sequences.map((sequence) => book.add(sequence));
  return { answers, lines: book.lines(9, 5, 7) };
}

test('an unbroken stream is one range', () => {
  expect(receive(1, 2, 3)).toEqual({
    answers: ['next', 'next', 'next'],
    lines: ['R 9 5 7 1 3 0 0'],
  });
});

test('a member that received nothing has an empty range', () => {
  expect(receive().lines).toEqual(['R 9 5 7 1 0 0 0']);
});

test('a gap that is never filled leaves two ranges', () => {
  expect(receive(1, 3, 4)).toEqual({
    answers: ['next', 'ahead', 'next'],
    lines: ['R 9 5 7 1 1 0 0', 'R 9 5 7 3 4 0 0'],
  });
});

test('a gap that is filled afterwards joins the ranges and counts as reordered', () => {
  expect(receive(1, 3, 2)).toEqual({
    answers: ['next', 'ahead', 'late'],
    lines: ['R 9 5 7 1 3 0 1'],
  });
});

test('a delivery that was there before counts as a duplicate, in and beyond the range', () => {
  expect(receive(1, 1, 3, 3).lines).toEqual(['R 9 5 7 1 1 2 0', 'R 9 5 7 3 3 0 0']);
});

test('any order of any deliveries ends in exactly the ranges of the set received', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (sequences) => {
      const covered = new Set<number>();
      for (const line of receive(...sequences).lines) {
        const [, , , , from, to] = line.split(' ');
        for (let sequence = Number(from); sequence <= Number(to); sequence++) {
          expect(covered.has(sequence)).toBe(false);
          covered.add(sequence);
        }
      }
      expect([...covered].sort((a, b) => a - b)).toEqual(
        [...new Set(sequences)].sort((a, b) => a - b),
      );
    }),
  );
});

test('duplicates are what was received less what was distinct', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (sequences) => {
      const duplicates = Number(receive(...sequences).lines[0]?.split(' ')[6]);
      expect(duplicates).toBe(sequences.length - new Set(sequences).size);
    }),
  );
});
