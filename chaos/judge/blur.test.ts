import { expect, test } from 'vitest';
import { judgeClaims } from '../../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../../reports/verdict.ts';
import { judge } from '../judge.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

async function verdictOn(history: History): Promise<Verdict> {
  const judgement = await withRun(history, judge);
  return verdictOf(judgement.findings, judgeClaims(judgement));
}

const unmet = (verdict: Verdict): readonly string[] =>
  verdict.preconditions.filter(({ met }) => !met).map(({ id }) => id);

/** All last messages answered a second after their deadline. */
function lateHistory(): History {
  const history = cleanHistory({ users: 10, perUser: 10 });
  for (const message of history.sent.filter(({ n }) => n === 9)) {
    message.acknowledgedMs = (message.acknowledgedMs ?? 0) + 6_000;
  }
  return history;
}

test('does not blame the service for what the generator may have made late', async () => {
  const history = lateHistory();
  // Both loops stood still for two seconds of the six that everybody seemed to wait.
  for (const lines of history.extraLines) lines.push('L 27000 0 2000');
  const verdict = await verdictOn(history);
  expect(verdict.verdict).toBe('inconclusive');
  // In the window itself none did, so that alone would have told nothing.
  expect(unmet(verdict)).toEqual([]);
  expect(verdict.availability).toMatchObject({ withRetries: 0.9, withRetriesAtBest: 1 });
  expect(verdict.reasons[0]).toBe(
    'Only 90 % of the messages were acknowledged within 5000 ms; the objective is 99 %. The generator may be the cause. Without what its own stops blur, it may have been 100 %.',
  );
});

test('a generator that stood still at another time, or too short, is no excuse', async () => {
  const history = lateHistory();
  for (const lines of history.extraLines) lines.push('L 9000 0 2500', 'L 27000 0 900');
  const verdict = await verdictOn(history);
  expect(verdict).toMatchObject({ verdict: 'fail', availability: { withRetriesAtBest: 0.9 } });
  expect(unmet(verdict)).toEqual(['event-loop-lag']);
});

test('a loop that stood still blurs the messages of its own users only', async () => {
  const history = lateHistory();
  history.extraLines[0]?.push('L 27000 0 2000');
  const verdict = await verdictOn(history);
  expect(verdict).toMatchObject({ verdict: 'fail', availability: { withRetriesAtBest: 0.95 } });
});

test('one stop of one event loop in a long run does not blur it, though it is as long', async () => {
  const history = cleanHistory({ users: 10, perUser: 10, intervalMs: 1_000_000 });
  history.extraLines[0]?.push('L 9000 0 2500');
  expect(unmet(await verdictOn(history))).not.toContain('event-loop-lag');
});
