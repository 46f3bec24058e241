/** Real client ledgers, written line by line, and what is live to be seen of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLiveLedger } from './live-ledger.ts';
import { planSchema } from './plan.ts';
import { clientLedgerFile, runFiles } from './run-directory.ts';
import { figuresOf, metCondition } from './stop-conditions.ts';

const EPOCH_MS = 1_760_000_000_000;
/** 1 % of 2 messages a second in 100 s: 2 messages. */
const PLAN = { users: 4, intervalSec: 2, steadySec: 95, faults: [{ kind: 'noop', holdSec: 0 }] };

function figuresFrom(lines: readonly string[], atMs: number) {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-live-'));
  try {
    mkdirSync(join(run, runFiles.ledger));
    writeFileSync(
      join(run, clientLedgerFile(0)),
      ['{}', ...lines].map((line) => `${line}\n`).join(''),
    );
    const plan = planSchema.parse(PLAN);
    using live = openLiveLedger(run, { ledgers: 1, epochMs: EPOCH_MS }, plan);
    live.update();
    return figuresOf(live, plan, EPOCH_MS + atMs);
  } finally {
    rmSync(run, { recursive: true });
  }
}

const CONNECTED = [0, 1, 2, 3].map((user) => `C 100 ${user} 0 20`);

test('what went well spends nothing and waits for nothing', () => {
  const lines = [...CONNECTED, 'S 2000 0 0 1 2000 1', 'A 2012 0 0 1'];
  expect(figuresFrom(lines, 4_000)).toEqual({
    errorBudgetSpentPercent: 0,
    oldestUnansweredMs: 0,
    latencyP99Ms: 12,
    sendLagP99Ms: 0,
    usersDisconnectedPercent: 0,
  });
});

test('late answers and answers that are overdue spend the error budget', () => {
  const late = ['S 2000 0 0 1 2000 1', 'A 7500 0 0 1'];
  expect(figuresFrom([...CONNECTED, ...late], 8_000).errorBudgetSpentPercent).toBeCloseTo(50);
  const overdue = ['S 2500 1 0 1 2500 1'];
  const figures = figuresFrom([...CONNECTED, ...late, ...overdue], 8_000);
  expect(figures.errorBudgetSpentPercent).toBeCloseTo(100);
  expect(figures).toMatchObject({ oldestUnansweredMs: 5_500, latencyP99Ms: 5_500 });
});

test('only what the generator alone delayed is its send lag', () => {
  const own = ['S 2300 0 0 1 2000 1', 'A 2310 0 0 1'];
  // Its first message is answered only after the second was meant.
  const waited = ['S 2000 1 0 1 2000 1', 'A 4500 1 0 2', 'S 4500 1 1 1 3000 1'];
  expect(figuresFrom([...CONNECTED, ...own], 5_000).sendLagP99Ms).toBe(300);
  expect(figuresFrom([...CONNECTED, ...waited], 5_000).sendLagP99Ms).toBe(0);
});

test('users who lost their socket count as disconnected', () => {
  const figures = figuresFrom([...CONNECTED, 'X 3000 2 1006'], 4_000);
  expect(figures.usersDisconnectedPercent).toBe(25);
});

test('the condition that is met is named, with its bound and the last figures', () => {
  const stopWhen = { latencyP99Ms: 4_000, oldestUnansweredMs: 60_000 };
  const plan = planSchema.parse({ ...PLAN, stopWhen });
  const lines = [...CONNECTED, 'S 2000 0 0 1 2000 1', 'A 7500 0 0 1'];
  const figures = figuresFrom(lines, 8_000);
  expect(metCondition(planSchema.parse(PLAN), figures)).toBeUndefined();
  expect(metCondition(plan, figures)).toMatchObject({
    condition: 'latencyP99Ms',
    words: expect.stringContaining('latencyP99Ms is 5500, to be stopped at 4000; last figures:'),
  });
  expect(metCondition(plan, { ...figures, latencyP99Ms: 3_999 })).toBeUndefined();
});

test('refuses a condition that there is none of, and names those that there are', () => {
  const { error } = planSchema.safeParse({ ...PLAN, stopWhen: { lagMs: 5 } });
  expect(error?.issues[0]?.path).toEqual(['stopWhen']);
  expect(error?.issues[0]?.message).toMatch(/there is no lagMs; use some of errorBudgetSpent/);
  const negative = planSchema.safeParse({ ...PLAN, stopWhen: { latencyP99Ms: -1 } });
  expect(negative.error?.issues[0]?.path).toEqual(['stopWhen', 'latencyP99Ms']);
});
