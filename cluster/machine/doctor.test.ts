import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../errors.ts';
import type { Check } from './check.ts';
import { CHECKS } from './checks/index.ts';
import { judgeEngine } from './checks/docker.ts';
import { judgeMemory } from './checks/memory.ts';
import { judgeOpenFiles } from './checks/open-files.ts';
import { doctor, examine } from './doctor.ts';

const broken = (error: unknown): Check => ({
  id: 'broken',
  title: 'Broken',
  needed: 'always',
  probe: async () => {
    throw error;
  },
});

describe('the doctor', () => {
  it('answers every check within its time, each with what it found and what follows', async () => {
    const reports = await doctor(new AbortController().signal);
    expect(reports.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
    for (const { id, found, means, kind, mend } of reports) {
      expect(found, id).not.toBe('');
      expect(means, id).not.toBe('');
      expect(found, id).not.toContain('the check itself broke');
      expect(found, id).not.toContain('no answer within 12 s');
      if (kind === 'missing') expect(mend, id).not.toHaveLength(0);
    }
  });

  it('waits no longer for a check than it was told', async () => {
    const endless: Check = {
      ...broken(undefined),
      probe: async (signal) => {
        await once(signal, 'abort');
        throw signal.reason;
      },
    };
    const report = await examine(endless, new AbortController().signal, 100);
    expect(report).toMatchObject({ kind: 'limited', found: 'no answer within 0.1 s' });
  });

  it('gives every check an id of its own', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  });

  it('turns a check that breaks into a finding', async () => {
    const [report] = await doctor(new AbortController().signal, [
      broken(new Error('no such thing')),
    ]);
    expect(report).toMatchObject({ kind: 'limited', means: 'not known' });
    expect(report?.found).toContain('no such thing');
  });

  it('shows an error with a remedy as something missing', async () => {
    const error = new HoldfastError({ code: 'x', message: 'K6_BIN is old', remedy: 'unset it' });
    const [report] = await doctor(new AbortController().signal, [broken(error)]);
    expect(report).toMatchObject({ kind: 'missing', found: 'K6_BIN is old', mend: ['unset it'] });
  });

  it('stops when it is told to', async () => {
    await expect(doctor(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});

describe('judging what was found', () => {
  const engine = {
    address: 'unix:///var/run/docker.sock',
    version: '20.10.24+dfsg1',
    storageDriver: 'overlay2',
    rootDirectory: '/var/lib/docker',
    cgroupVersion: '1',
    os: 'linux',
  };

  it.each([
    ['20.10.24+dfsg1', 'overlay2', 'ok'],
    ['28.2.2', 'overlayfs', 'ok'],
    ['19.3.15', 'overlay2', 'limited'],
    ['28.2.2', 'vfs', 'limited'],
  ])('calls Docker %s on %s %s', (version, storageDriver, kind) => {
    expect(judgeEngine({ ...engine, version, storageDriver }).kind).toBe(kind);
  });

  it('says how many users follow from the open files', () => {
    const finding = judgeOpenFiles({ soft: 20_000, hard: 20_000, reachable: 20_000 });
    expect(finding).toMatchObject({ kind: 'ok', mend: [] });
    expect(finding.found).toContain('cannot be raised');
    expect(finding.means).toContain('10000 users a k6 process (2 for 20000)');
    expect(judgeOpenFiles({ soft: 512, hard: 512, reachable: 512 }).kind).toBe('missing');
    expect(judgeOpenFiles({ soft: 1_024, hard: 4_000, reachable: 4_000 }).kind).toBe('limited');
  });

  it('calls 24 GiB enough for 20,000 users and 4 GiB not', () => {
    expect(judgeMemory(24 * 1024 ** 3).kind).toBe('ok');
    expect(judgeMemory(4 * 1024 ** 3).kind).toBe('limited');
    expect(judgeMemory(2 * 1024 ** 3).means).toContain('hardly enough');
  });
});
