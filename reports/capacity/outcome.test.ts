import { describe, expect, it } from 'vitest';
import { sampleVerdict } from '../sample-run.fixture.ts';
import type { Verdict } from '../verdict.ts';
import { outcomeOf } from './outcome.ts';

const FIT = ['shards-finished', 'send-lag', 'generator-clocks', 'ledgers-whole', 'event-loop-lag'];

/** The sample run with these preconditions unmet, and steady load as fast as that. */
function verdictOf(unmet: readonly string[], changed: Partial<Verdict> = {}): Verdict {
  const ids = [...FIT, 'generator-cpu', 'users-connected', 'plateau-held', 'faults-proven'];
  return {
    ...sampleVerdict,
    verdict: unmet.length === 0 ? 'pass' : 'inconclusive',
    preconditions: [...new Set([...ids, ...unmet])].map((id) => ({
      ...{ id, title: `About ${id}`, met: !unmet.includes(id) },
      ...{ measured: 'so much', required: 'as much' },
    })),
    latencyByPhaseMs: { steady: { p50: 10, p95: 80, p99: 400, max: 900 } },
    ...changed,
  };
}
const slow = { latencyByPhaseMs: { steady: { p50: 10, p95: 80, p99: 1_001, max: 2_000 } } };

describe('what a run says about its load', () => {
  it('held: it passed, and its steady load was fast enough', () => {
    expect(outcomeOf(verdictOf([]), 1_000)).toEqual({ kind: 'held', reasons: [] });
  });

  it('failed: the steady load was too slow, though it passed', () => {
    const { kind, reasons } = outcomeOf(verdictOf([], slow), 1_000);
    expect(kind).toBe('failed');
    expect(reasons[0]?.replaceAll('\u202f', ' ')).toBe(
      '99 % of the steady load took up to 1 s; the objective is 1 s',
    );
  });

  it('is not put off by what a fault does to latency: that has a promise of its own', () => {
    const latencyMs = { p50: 10, p95: 2_000, p99: 4_000, max: 4_900 };
    expect(outcomeOf(verdictOf([], { latencyMs }), 1_000).kind).toBe('held');
  });

  it('failed: a loss is one, whatever the generator was like', () => {
    const lost = { verdict: 'fail', reasons: ['It lost 3 messages.'] } as const;
    expect(outcomeOf(verdictOf(['send-lag', 'generator-cpu'], lost), 1_000)).toEqual({
      kind: 'failed',
      reasons: ['It lost 3 messages.'],
    });
  });

  it('the generator: one that was not fit says nothing against the service, however slow it was', () => {
    expect(outcomeOf(verdictOf(['generator-cpu'], slow), 1_000)).toEqual({
      kind: 'generator',
      reasons: ['About generator-cpu: so much; required: as much'],
    });
  });

  it('the generator: availability that its own stops may have cost', () => {
    const availability = { ...sampleVerdict.availability, withRetries: 0.98 };
    const doubtful = { verdict: 'inconclusive', availability } as const;
    expect(outcomeOf(verdictOf([], doubtful), 1_000).kind).toBe('generator');
  });

  it('failed: a fit generator could not keep its users connected', () => {
    expect(outcomeOf(verdictOf(['plateau-held']), 1_000).kind).toBe('failed');
    expect(outcomeOf(verdictOf(['plateau-held', 'ledgers-whole']), 1_000).kind).toBe('unknown');
  });

  it('not known: broken off, or a fault that did not bite', () => {
    expect(outcomeOf(verdictOf(['run-complete', 'send-lag']), 1_000)).toEqual({
      kind: 'unknown',
      reasons: ['so much'],
    });
    expect(outcomeOf(verdictOf(['faults-proven']), 1_000).kind).toBe('unknown');
    expect(outcomeOf(verdictOf([], { latencyByPhaseMs: {} }), 1_000).kind).toBe('unknown');
  });
});
