import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../errors.ts';
import type { Check, Finding } from './check.ts';
import { setUp } from './set-up.ts';

const signal = AbortSignal.timeout(30_000);
const log = (): void => undefined;
const ok: Finding = { kind: 'ok', found: 'there', means: 'good', mend: [] };
const missing: Finding = { kind: 'missing', found: 'gone', means: 'bad', mend: ['bring it'] };

/** A check of a machine part that one mending brings; it counts how often it is mended. */
function mendable(before: Finding): Check & { readonly mended: () => number } {
  let times = 0;
  return {
    id: 'part',
    title: 'Part',
    needed: 'always',
    probe: async () => (times === 0 ? before : ok),
    mendIt: async () => {
      times += 1;
    },
    mended: () => times,
  };
}

const unmendable = (finding: Finding, error?: HoldfastError): Check => ({
  id: 'part',
  title: 'Part',
  needed: 'always',
  probe: async () => finding,
  ...(error === undefined ? {} : { mendIt: () => Promise.reject(error) }),
});

describe('setting the machine up', () => {
  it('mends what is missing, and what is limited where something can be done', async () => {
    const part = mendable(missing);
    const limited = mendable({ ...missing, kind: 'limited' });
    const reports = await setUp({ log, signal, checks: [part, limited] });
    expect(reports.map(({ kind }) => kind)).toEqual(['ok', 'ok']);
    expect([part.mended(), limited.mended()]).toEqual([1, 1]);
  });

  it('does nothing the second time', async () => {
    const part = mendable(missing);
    await setUp({ log, signal, checks: [part] });
    await setUp({ log, signal, checks: [part] });
    expect(part.mended()).toBe(1);
  });

  it('mends once when two set up at the same time', async () => {
    const part = mendable(missing);
    await Promise.all([
      setUp({ log, signal, checks: [part] }),
      setUp({ log, signal, checks: [part] }),
    ]);
    expect(part.mended()).toBe(1);
  });

  it('does not begin to mend the rest when something cannot be had', async () => {
    const refusal = new HoldfastError({ code: 'may-not-install', message: 'no', remedy: 'x' });
    const long = mendable(missing);
    const failed = setUp({ log, signal, checks: [unmendable(missing, refusal), long] });
    await expect(failed).rejects.toThrow('Part: gone; Part: gone');
    expect(long.mended()).toBe(0);
  });

  it('leaves alone what is not asked for', async () => {
    const browser: Check = { ...unmendable(missing), needed: 'browser-tests' };
    expect(await setUp({ log, signal, checks: [browser] })).toEqual([]);
    await expect(
      setUp({ log, signal, need: ['browser-tests'], checks: [browser] }),
    ).rejects.toMatchObject({ code: 'machine-not-ready' });
  });

  it('goes on where a mere limit cannot be mended', async () => {
    const refusal = new HoldfastError({ code: 'may-not-install', message: 'no', remedy: 'x' });
    const lines: string[] = [];
    const reports = await setUp({
      log: (line) => lines.push(line),
      signal,
      checks: [unmendable({ ...missing, kind: 'limited' }, refusal)],
    });
    expect(reports[0]?.kind).toBe('limited');
    expect(lines).toEqual(['Part: going on without (no)']);
  });

  it('says everything that is missing at once, with each command once', async () => {
    const refusal = new HoldfastError({
      code: 'may-not-install',
      message: 'needs root',
      remedy: 'x',
    });
    const failure = setUp({
      log,
      signal,
      checks: [
        unmendable(missing, refusal),
        { ...unmendable({ ...missing, mend: ['bring it', 'start it'] }), title: 'Other' },
      ],
    });
    await expect(failure).rejects.toBeInstanceOf(HoldfastError);
    await expect(failure).rejects.toMatchObject({
      exitCode: 70,
      message: 'This machine cannot run it yet. Part: gone; Other: gone; needs root',
      remedy: 'bring it\nstart it',
    });
  });
});
