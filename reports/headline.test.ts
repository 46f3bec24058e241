import { describe, expect, it } from 'vitest';
import { headlineOf, slowestFault } from './headline.ts';
import { recoverySegments } from './recovery.ts';
import { sampleFault } from './sample-fault.fixture.ts';
import {
  sampleFailure,
  sampleInconclusive,
  sampleNothing,
  sampleVerdict,
} from './sample-run.fixture.ts';

const figure = (verdict: typeof sampleVerdict, id: string) =>
  headlineOf(verdict).figures.find((one) => one.id === id);

describe('the headline', () => {
  it('asks with the load and the faults of the plan', () => {
    expect(headlineOf(sampleVerdict).question).toBe(
      'With 20\u202f000 users on it and these three things breaking (kill-postgres, kill-server, cut-link): did it lose anything it had acknowledged, and was it there for its users?',
    );
    const stormy = { ...sampleVerdict, plan: { ...sampleVerdict.plan, shape: 'spike' } };
    expect(headlineOf(stormy).question).toContain('users on it (spike) and');
    const quiet = { ...sampleVerdict, plan: { ...sampleVerdict.plan, faults: [] } };
    expect(headlineOf(quiet).question).toContain('and nothing breaking');
    const unguarded = { ...quiet, plan: { ...quiet.plan, guard: false } };
    expect(headlineOf(unguarded).question).toContain('breaking, without the failover guard:');
  });

  it('answers a failure with what failed: loss first, then availability', () => {
    expect(headlineOf(sampleFailure).answer).toBe(
      'It lost 3 messages it had acknowledged, and it was not there for its users.',
    );
    const away = { ...sampleFailure, messages: sampleVerdict.messages };
    expect(headlineOf(away).answer).toContain('not there for its users');
    const other = { ...away, availability: sampleVerdict.availability };
    expect(headlineOf(other).answer).toContain('other than');
  });

  it('marks what breaks the requirement by itself', () => {
    expect(figure(sampleFailure, 'lost')).toMatchObject({ value: '3', tone: 'bad' });
    expect(figure(sampleFailure, 'available')?.tone).toBe('bad');
    expect(figure(sampleVerdict, 'available')?.tone).toBe('good');
  });

  it('says how long acknowledgements and deliveries took', () => {
    expect(figure(sampleVerdict, 'latency')).toMatchObject({
      value: '2.6\u202fs',
      note: 'to the acknowledgement, half within 13\u202fms; delivered: half within 21\u202fms, 99\u202f% within 2.8\u202fs',
    });
    expect(figure(sampleNothing, 'latency')?.note).toContain('deliveries not measured');
  });

  it('says how busy the machine was, and never too idle', () => {
    expect(figure(sampleVerdict, 'users')?.note).toContain(
      '; 1.39 of 2 cores busy with everything, 30\u202f% idle',
    );
    const full = { ...sampleVerdict, machine: { busyCores: 2.01, cores: 2 } };
    expect(figure(full, 'users')?.note).toContain(' 0\u202f% idle');
    const unknown = { ...sampleVerdict, machine: { busyCores: null, cores: null } };
    expect(figure(unknown, 'users')?.note).not.toContain('idle');
  });

  it('says what of the latency is the way to far users', () => {
    const far = { ...sampleVerdict.plan, roundTripsMs: [45, 0, 45, 10] };
    expect(figure({ ...sampleVerdict, plan: far }, 'latency')?.note).toContain(
      '99\u202f% within 2.8\u202fs; round trips of 10, 45\u202fms to its regions are in it',
    );
  });

  it('praises no figure of an inconclusive run', () => {
    const tones = headlineOf(sampleInconclusive).figures.map(({ tone }) => tone);
    expect(tones).not.toContain('good');
  });

  it('shows no figure where nothing was measured', () => {
    expect(figure(sampleNothing, 'lost')?.value).toBe('–');
    expect(figure(sampleNothing, 'available')?.value).toBe('–');
    expect(figure(sampleNothing, 'users')?.note).toBe('planned; no message was offered');
  });

  it('takes a fault without a return of the load for the slowest', () => {
    const never = sampleFault(0);
    const stuck = { ...never, recoveryMs: { ...never.recoveryMs, load99: null } };
    const faults = [sampleFault(2), stuck, { ...stuck, kind: 'noop' }];
    expect(slowestFault(faults)).toBe(stuck);
    expect(figure({ ...sampleVerdict, faults }, 'recovery')).toMatchObject({
      value: 'not seen',
      tone: 'bad',
    });
  });
});

describe('recovery segments', () => {
  it('split the time from the fault by what users had', () => {
    const segments = recoverySegments(sampleFault(1).recoveryMs);
    expect(segments.map(({ ends, state }) => [ends, state])).toEqual([
      ['detected', 'silent'],
      ['promoted', 'silent'],
      ['firstCommit', 'silent'],
      ['firstAcknowledgement', 'silent'],
      ['load99', 'partial'],
      ['redundancyRestored', 'served'],
    ]);
    expect(segments[0]?.fromMs).toBe(0);
    for (const [index, { fromMs }] of segments.entries()) {
      if (index > 0) expect(fromMs).toBe(segments[index - 1]?.toMs);
    }
  });

  it('go by time where milestones come out of order, and leave out what was not seen', () => {
    const segments = recoverySegments({
      detected: null,
      promoted: null,
      firstCommit: 900,
      firstAcknowledgement: 1_000,
      load99: 9_000,
      redundancyRestored: 4_000,
      longestGap: 1_000,
    });
    expect(segments.map(({ ends, state, toMs }) => [ends, state, toMs])).toEqual([
      ['firstCommit', 'silent', 900],
      ['firstAcknowledgement', 'silent', 1_000],
      ['redundancyRestored', 'partial', 4_000],
      ['load99', 'partial', 9_000],
    ]);
  });
});
