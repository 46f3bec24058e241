import { expect, it } from 'vitest';
import { holdAgainstBars } from './bars.ts';

it('meets all three bars from 25,000 requests a second and CPU on', () => {
  const { lines, met } = holdAgainstBars(25_000, 6_000);
  expect(met).toBe(true);
  expect(lines.at(-1)).toBe(
    'balancer, in all: two edges of 2 CPUs: 100,000 requests/s, 4 times one CPU (bar 100,000) met',
  );
});

it('misses what two edges do not reach, however much nine servers would', () => {
  const { lines, met } = holdAgainstBars(10_000, 3_000);
  expect(met).toBe(false);
  expect(lines.filter((line) => line.endsWith(' met'))).toHaveLength(3);
  expect(lines.filter((line) => line.endsWith('not met'))).toEqual([
    'balancer, in all: two edges of 2 CPUs: 40,000 requests/s, 4 times one CPU (bar 100,000) not met',
  ]);
  expect(lines[0]).toContain('180,000 requests/s');
  expect(lines[2]).toBe('With a new connection for each request two edges would do 12,000/s.');
});
