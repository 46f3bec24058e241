/** kill -9 of a harness in the middle of faults, on a real cluster: who heals then? */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../cluster/cluster.ts';
import { startCluster } from '../../cluster/docker/start-cluster.ts';
import { awaitCondition } from '../../cluster/await.ts';
import type { FaultKind } from '../faults/index.ts';
import { tracesOfFaults } from '../faults/testing/traces.ts';
import { awaitRedundancy } from '../redundancy.ts';
import { inRun, runFiles } from '../run-directory.ts';
import { createWatchdog } from './watchdog.ts';

/** What is promised: everything is healed so soon after the harness is gone. */
const HEALED_MS_MAX = 10_000;

const { signal } = new AbortController();
let cluster: Cluster;
let run: string;

beforeAll(async () => {
  run = mkdtempSync(join(tmpdir(), 'holdfast-watchdog-'));
  mkdirSync(inRun(run, runFiles.ledger));
  const id = `test-watchdog-${process.pid}`;
  const options = { users: 20, keep: false, movableClocks: true, log: () => undefined, signal };
  cluster = await startCluster({ id, ...options });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(run, { recursive: true });
});

const whole = () => awaitRedundancy(cluster, { timeoutMs: 120_000, signal });

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** A harness that strikes with these and then waits; and the process id of its watchdog. */
async function strikeWith(...kinds: readonly FaultKind[]) {
  const script = join(import.meta.dirname, 'testing/strike.ts');
  const harness = execa(process.execPath, [script, cluster.id, run, ...kinds], { reject: false });
  onTestFinished(() => void harness.kill('SIGKILL'));
  const pid = await new Promise<number>((struck, failed) => {
    harness.stdout.on('data', (words: Buffer) => struck(Number(words.toString())));
    void harness.then(({ stderr }) => failed(new Error(`it ended before it struck: ${stderr}`)));
  });
  return { harness, watchdog: pid };
}

test.for([
  { kinds: ['cut-link'] },
  { kinds: ['disk-full'] },
  { kinds: ['clock-jump', 'delay'] },
  { kinds: ['clock-drift'] },
  { kinds: ['freeze-postgres'] },
  { kinds: ['packet-loss', 'limit-bandwidth', 'slow-disk', 'kill-nats'] },
] as const)(
  'a harness killed during $kinds leaves nothing broken after 10 s',
  async ({ kinds }) => {
    await whole();
    const { harness, watchdog } = await strikeWith(...kinds);
    expect(await tracesOfFaults(cluster)).not.toEqual([]);

    const killedMs = performance.now();
    harness.kill('SIGKILL');
    await awaitCondition(
      () => ({ met: !isThere(watchdog), seen: `process ${watchdog} is there` }),
      { what: 'the watchdog to heal and to end', timeoutMs: 60_000, everyMs: 20, signal },
    );
    const tookMs = performance.now() - killedMs;
    console.log(`${kinds.join(', ')}: healed ${Math.round(tookMs)} ms after the kill`);
    expect(await tracesOfFaults(cluster)).toEqual([]);
    expect(tookMs).toBeLessThan(HEALED_MS_MAX);
    expect(readFileSync(inRun(run, runFiles.events), 'utf8').trim().split('\n').at(-1)).toContain(
      'watchdog: the harness is gone; healed in',
    );
  },
);

test('a harness that healed by itself and ends takes its watchdog along, which touches nothing', async () => {
  await whole();
  writeFileSync(inRun(run, runFiles.events), '');
  const { harness, watchdog } = await strikeWith('noop');
  expect(isThere(watchdog)).toBe(true);
  harness.stdin.end();
  await harness;
  expect(isThere(watchdog)).toBe(false);
  expect(readFileSync(inRun(run, runFiles.events), 'utf8')).toBe('');
});

test('there is one watchdog however many faults follow, and another if it was killed', async () => {
  await using watchdog = createWatchdog(cluster.id, run);
  expect(watchdog.pid).toBeUndefined();
  await watchdog.arm();
  const first = watchdog.pid ?? 0;
  await watchdog.arm();
  expect(watchdog.pid).toBe(first);
  process.kill(first, 'SIGKILL');
  await awaitCondition(() => ({ met: watchdog.pid === undefined, seen: 'it is there' }), {
    what: 'the killed watchdog to be gone',
    timeoutMs: 5_000,
    everyMs: 10,
    signal,
  });
  await watchdog.arm();
  expect(watchdog.pid).not.toBe(first);
  watchdog.disarm();
});

test('a second watchdog of a cluster waits until the first is done', async () => {
  const first = createWatchdog(cluster.id, run);
  await first.arm();
  await using second = createWatchdog(cluster.id, run);
  const armed = second.arm().then(() => 'armed');
  expect(await Promise.race([armed, Promise.resolve('waiting')])).toBe('waiting');
  first.disarm();
  await first[Symbol.asyncDispose]();
  expect(await armed).toBe('armed');
  second.disarm();
});
