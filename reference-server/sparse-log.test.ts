import pino from 'pino';
import { expect, test } from 'vitest';
import { createSparseLog } from './sparse-log.ts';

test('writes a burst and then few lines, which say how many were left out', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const warn = createSparseLog(log);
  for (let n = 0; n < 500; n++) warn({ n }, 'refused');
  expect(lines.length).toBeLessThan(60);
  const written = lines.length;
  await new Promise((resolve) => {
    setTimeout(resolve, 250);
  });
  warn({ n: 500 }, 'refused');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ n: 500, leftOut: 500 - written });
});
