import { describe, expect, it } from 'vitest';
import { sampleFailure, sampleInconclusive, sampleVerdict } from './sample-run.fixture.ts';
import { renderTogether } from './terminal-together.ts';
import { together } from './together.ts';
import type { Verdict } from './verdict.ts';

const named = (verdict: Verdict, run: string): Verdict => ({ ...verdict, run });
const passes = (count: number): readonly Verdict[] =>
  Array.from({ length: count }, (_, index) => named(sampleVerdict, `run-${index}`));

describe('several runs together', () => {
  it('add up their failovers, and the bound gets tighter, exactly', () => {
    const { verdict, exitCode, confidence } = together(passes(20));
    expect({ verdict, exitCode }).toEqual({ verdict: 'pass', exitCode: 0 });
    expect(confidence).toEqual({
      failovers: 60,
      losing: 0,
      upperBound95: expect.closeTo(1 - 0.05 ** (1 / 60), 12),
    });
  });

  it('are as good as the worst of them: fail over inconclusive over pass', () => {
    expect(together([sampleVerdict, sampleInconclusive])).toMatchObject({
      verdict: 'inconclusive',
      exitCode: 2,
    });
    expect(together([sampleInconclusive, sampleFailure, sampleVerdict])).toMatchObject({
      verdict: 'fail',
      exitCode: 1,
    });
  });

  it('count nothing of a run that is inconclusive', () => {
    const alone = together(passes(1));
    const both = together([...passes(1), named(sampleInconclusive, 'another')]);
    expect(both.counted).toBe(1);
    expect(both).toMatchObject({
      confidence: alone.confidence,
      messages: alone.messages,
      recoveryByFault: alone.recoveryByFault,
    });
  });

  it('count a run that failed with a precondition unmet only for what it lost', () => {
    const unmet = { id: 'clocks', title: '', met: false, measured: '', required: '' };
    const doubtful = { ...named(sampleFailure, 'doubtful'), preconditions: [unmet] };
    const losing = { failovers: 3, losing: 1, upperBound95: 0.865 };
    expect(together([{ ...doubtful, confidence: { ...losing, losing: 0 } }]).counted).toBe(0);
    expect(together([{ ...doubtful, confidence: losing }]).confidence.losing).toBe(1);
  });

  it('weigh every message the same, not every run', () => {
    const phase = (messages: number, good: number) => ({
      ...sampleVerdict.availability,
      byPhase: { steady: { messages, asSent: good / messages, withRetries: good / messages } },
    });
    const small = { ...named(sampleVerdict, 'small'), availability: phase(10, 5) };
    const large = { ...named(sampleVerdict, 'large'), availability: phase(999_990, 999_985) };
    expect(together([small, large]).availability).toEqual({
      messages: 1_000_000,
      asSent: 0.99999,
      withRetries: 0.99999,
    });
  });

  it('tell recovery as a distribution by kind, and one that never came back as the longest', () => {
    const [first] = sampleVerdict.faults;
    if (first === undefined) throw new Error('the sample has no fault');
    const runs = [1_000, 2_000, null].map((load99, index) => ({
      ...named(sampleVerdict, `run-${index}`),
      faults: [{ ...first, kind: 'kill-server', recoveryMs: { ...first.recoveryMs, load99 } }],
    }));
    expect(together(runs).recoveryByFault).toEqual({
      'kill-server': {
        faults: 3,
        load99: { min: 1_000, median: 2_000, p95: null, max: null },
        longestGap: { min: 1_940, median: 1_940, p95: 1_940, max: 1_940 },
        unavailableSec: first.unavailableSec,
      },
    });
  });

  it('say nothing about loss without a failover that counts', () => {
    expect(together([sampleInconclusive]).confidence).toEqual({
      failovers: 0,
      losing: 0,
      upperBound95: null,
    });
  });

  it('are told in a few plain lines', () => {
    const text = renderTogether(together([...passes(2), named(sampleInconclusive, 'another')]));
    expect(text).toContain('TOGETHER: INCONCLUSIVE');
    expect(text).toContain('2 runs of 3 count');
    expect(text).toContain('Failovers: 6, 0 lost anything; at 95 % confidence at most 39.304');
    expect(text).toMatch(/kill-server × \d: silent for .+; 99 % of the load back after/);
  });
});
