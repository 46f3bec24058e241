import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from './command.ts';
import { spawnDaemon, type DaemonPlace } from './docker-daemon.ts';
import { askEngine } from './docker-engine.ts';

const signal = AbortSignal.timeout(110_000);
const mayStartEngines = process.getuid?.() === 0 && (await findProgram('dockerd')) !== undefined;

/** An engine of its own beside the machine's: no bridge and no firewall rules, so they never meet. */
const placeIn = (folder: string): DaemonPlace => ({
  args: [
    `--host=unix://${join(folder, 'socket')}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    '--bridge=none',
    '--iptables=false',
  ],
  socket: join(folder, 'socket'),
  logFile: join(folder, 'log'),
});

describe.runIf(mayStartEngines)('starting a Docker engine', () => {
  let folder = '';
  let place: DaemonPlace;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-dockerd-'));
    place = placeIn(folder);
  });

  afterEach(async () => {
    // Where mounts are private, an engine mounts its folder of data on itself and leaves it so.
    await execa('umount', [join(folder, 'data')], { reject: false });
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  it('returns when the engine answers, and leaves it running', async () => {
    const lines: string[] = [];
    const pid = await spawnDaemon(place, (line) => lines.push(line), signal);
    try {
      expect(Number(await readFile(join(folder, 'pid'), 'utf8'))).toBe(pid);
      expect(await askEngine(signal, `unix://${place.socket}`)).toMatchObject({
        kind: 'answers',
        engine: { rootDirectory: join(folder, 'data') },
      });
      expect(lines).toEqual([`starting the Docker engine (dockerd, log in ${place.logFile})`]);
    } finally {
      process.kill(pid, 'SIGTERM');
      await expect
        .poll(() => readFile(join(folder, 'pid'), 'utf8').catch(() => 'gone'), { timeout: 20_000 })
        .toBe('gone');
    }
  }, 120_000);

  it('gives up soon when the engine ends, and shows what it wrote last', async () => {
    const refused = { ...place, args: ['--no-such-option'] };
    await expect(spawnDaemon(refused, () => undefined, signal)).rejects.toMatchObject({
      code: 'docker-does-not-start',
      exitCode: 70,
      message: expect.stringContaining('unknown flag: --no-such-option'),
    });
  }, 30_000);
});
