import { describe, expect, it } from 'vitest';
import { concludeCapacity, saturationWords } from './conclude.ts';
import {
  sampleGeneratorLimited,
  sampleHealthy,
  sampleNoStep,
  sampleStep,
  sampleSweep,
} from './sample-sweep.fixture.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');
const resultOf = (sweep: Parameters<typeof concludeCapacity>[0]) => {
  const { result, exitCode } = concludeCapacity(sweep);
  return { ...result, words: plain(result.words), exitCode };
};

describe('what follows from a sweep', () => {
  it('is the service’s limit where the service failed under a fit generator', () => {
    expect(resultOf(sampleSweep)).toEqual({
      kind: 'found',
      users: 30_000,
      ceiling: { users: 35_000, kind: 'failed', times: 2 },
      limitedBy: 'service',
      words:
        '30 000 users; 35 000 were too many in 2 tries: 99 % of the steady load took up to 1.4 s; the objective is 1 s.',
      exitCode: 0,
    });
  });

  it('is "at least" where the system is healthy to the end, and says whose end it was', () => {
    expect(resultOf(sampleHealthy)).toMatchObject({
      kind: 'at-least',
      users: 54_285,
      ceiling: null,
      limitedBy: 'machine',
      words: 'At least 54 285 users, limited by this machine: its open files allow 54 285.',
      exitCode: 0,
    });
    const search = { ...sampleHealthy.search, toIs: 'asked' as const };
    expect(resultOf({ ...sampleHealthy, search }).words).toContain('limited by --to');
    expect(resultOf({ ...sampleHealthy, ended: 'no-time' }).limitedBy).toBe('time');
  });

  it('is "at least" where the generator could not tell', () => {
    expect(resultOf(sampleGeneratorLimited)).toMatchObject({
      kind: 'at-least',
      users: 10_000,
      limitedBy: 'generator',
      words:
        'At least 10 000 users, limited by the generator: at 15 000 it could not tell in 2 tries: The generator had cores to spare: 1.61 of 2 cores; required: at most 75 %.',
      exitCode: 0,
    });
  });

  it('says what was not tried when the time was over before the gap was narrow', () => {
    const steps = sampleSweep.steps.slice(0, 3);
    const { words, users } = resultOf({ ...sampleSweep, steps, ended: 'no-time' });
    expect(users).toBe(20_000);
    expect(words).toContain('What lies between 20 000 and 40 000 was not tried for lack of time.');
  });

  it('fails where not even the smallest load held, and is inconclusive where the generator is why', () => {
    const failing = sampleStep(10_000, { kind: 'failed', reasons: ['It lost 3 messages.'] });
    expect(resultOf({ ...sampleSweep, steps: [failing] })).toMatchObject({
      kind: 'none',
      users: 0,
      exitCode: 1,
    });
    expect(resultOf({ ...sampleSweep, steps: [{ ...failing, kind: 'generator' }] }).exitCode).toBe(
      2,
    );
  });

  it('leaves with what is known when it is broken off', () => {
    const steps = sampleSweep.steps.slice(0, 2);
    expect(resultOf({ ...sampleSweep, steps, ended: 'interrupted' })).toMatchObject({
      kind: 'at-least',
      users: 20_000,
      limitedBy: 'interrupted',
      exitCode: 2,
    });
    expect(resultOf(sampleNoStep)).toMatchObject({ kind: 'none', users: 0, exitCode: 2 });
  });
});

describe('which part was full', () => {
  it('names the machine and its largest parts at the largest load', () => {
    expect(plain(saturationWords(concludeCapacity(sampleSweep)))).toBe(
      'At 40 000 users full: the machine’s cores; 1.97 of 2 cores were busy (1.79 with ours: generator 0.84, database 0.44, balancer 0.28), 49 % of the memory in use by ours.',
    );
  });

  it('names a process that fills its one core', () => {
    const usage = [{ id: 'app2/chat', cores: 0.95, memoryBytes: 1 }];
    const steps = [sampleStep(10_000, { usage, busyCores: 1.1 })];
    const { saturation } = concludeCapacity({ ...sampleSweep, steps });
    expect(saturation).toMatchObject({
      full: ['process'],
      fullProcesses: [{ id: 'app2/chat', cores: 0.95 }],
    });
  });

  it('says when the cores went to what is none of ours', () => {
    const steps = [sampleStep(10_000, { busyCores: 2 })];
    expect(plain(saturationWords(concludeCapacity({ ...sampleSweep, steps })))).toContain(
      'The other 1.38 cores went to what is none of ours',
    );
  });

  it('says when nothing was full, and when nothing is known', () => {
    const steps = [sampleStep(10_000)];
    expect(saturationWords(concludeCapacity({ ...sampleSweep, steps }))).toContain(
      'nothing was full',
    );
    expect(saturationWords(concludeCapacity(sampleNoStep))).toContain('not known');
  });
});
