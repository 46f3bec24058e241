import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LedgerLines } from './ledger-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('writes the lines of a moment in one piece, in their order', () => {
  const written: string[] = [];
  const lines = new LedgerLines((piece) => void written.push(piece));
  lines.add('S 1');
  vi.advanceTimersByTime(60);
  lines.add('A 2');
  expect(written).toEqual([]);
  vi.advanceTimersByTime(40);
  expect(written).toEqual(['S 1\nA 2']);
  lines.add('S 3');
  vi.advanceTimersByTime(100);
  expect(written).toEqual(['S 1\nA 2', 'S 3']);
  expect(vi.getTimerCount()).toBe(0);
});

test('writes at once what waits when it is told to, and nothing twice', () => {
  const written: string[] = [];
  const lines = new LedgerLines((piece) => void written.push(piece));
  lines.add('F 1');
  lines.flush();
  expect(written).toEqual(['F 1']);
  lines.add('X 2');
  vi.advanceTimersByTime(200);
  expect(written).toEqual(['F 1', 'X 2']);
});
