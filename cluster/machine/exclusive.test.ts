import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exclusively } from './exclusive.ts';

const name = (): string => `test-${process.pid}-${Math.random()}`;
const signal = AbortSignal.timeout(30_000);
const quiet = { log: () => undefined, signal };
const source = fileURLToPath(new URL('exclusive.ts', import.meta.url));

/** Another process that takes the lock, says so, and keeps it until it is killed. */
const holder = (lock: string) =>
  execa(process.execPath, ['--input-type=module', '--eval', HOLD, source, lock], {
    reject: false,
    timeout: 20_000,
  });

const HOLD = `
  const [source, lock] = process.argv.slice(1);
  const { exclusively } = await import(source);
  const ever = { log: () => {}, signal: new AbortController().signal };
  await exclusively(lock, ever, () => new Promise(() => {
    console.log('held');
    setInterval(() => {}, 1000);
  }));`;

describe.runIf(process.platform === 'linux')('one at a time', () => {
  it('never lets two in at once, and lets all in', async () => {
    const lock = name();
    let inside = 0;
    let most = 0;
    const runs = Array.from({ length: 20 }, (_, index) =>
      exclusively(lock, quiet, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        return index;
      }),
    );
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(most).toBe(1);
  });

  it('says once that it waits', async () => {
    const lock = name();
    const lines: string[] = [];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const first = exclusively(lock, quiet, () => released);
    const second = exclusively(
      lock,
      {
        log: (line) => {
          lines.push(line);
          release();
        },
        signal,
      },
      async () => 'done',
    );
    await first;
    expect(await second).toBe('done');
    expect(lines).toEqual([
      `another holdfast is busy with ${lock} on this machine; waiting for it`,
    ]);
  });

  it('gives the lock back when the work fails', async () => {
    const lock = name();
    await expect(
      exclusively(lock, quiet, () => Promise.reject(new Error('broke'))),
    ).rejects.toThrow('broke');
    expect(await exclusively(lock, quiet, async () => 'next')).toBe('next');
  });

  it('gets in at once when the process that held the lock was killed', async () => {
    const lock = name();
    const other = holder(lock);
    await new Promise((resolve) => other.stdout.once('data', resolve));
    const waiting = exclusively(
      lock,
      { log: () => other.kill('SIGKILL'), signal },
      async () => 'in',
    );
    expect(await waiting).toBe('in');
    await other;
  });

  it('stops waiting when it is told to', async () => {
    const lock = name();
    const stop = new AbortController();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const first = exclusively(lock, quiet, () => released);
    await expect(
      exclusively(
        lock,
        { log: () => stop.abort(new Error('stop')), signal: stop.signal },
        async () => 'in',
      ),
    ).rejects.toThrow('stop');
    release();
    await first;
  });
});
