import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSparseLog } from './sparse-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('writes a burst and then few lines, which say how many were left out', () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const warn = createSparseLog(log);
  for (let n = 0; n < 500; n++) warn({ n }, 'refused');
  expect(lines).toHaveLength(50);
  vi.advanceTimersByTime(200);
  warn({ n: 500 }, 'refused');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ n: 500, leftOut: 450 });
});
