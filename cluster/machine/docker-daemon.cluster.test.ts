import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProgram } from './command.ts';
import { spawnDaemon, type DaemonPlace } from './docker-daemon.ts';
import { askEngine } from './docker-engine.ts';

const signal = AbortSignal.timeout(110_000);
const dockerd = await findProgram('dockerd');
const mayStartEngines = process.getuid?.() === 0 && dockerd !== undefined;

/**
 * A `dockerd` that sees no network but its own: told to have no bridge, the real one takes away
 * `docker0` wherever it finds it, and with it the network of the machine's own engine.
 */
const secludeDaemon = async (folder: string): Promise<void> => {
  await mkdir(folder);
  const script = `#!/bin/sh\nexec unshare --net ${dockerd} "$@"\n`;
  await writeFile(join(folder, 'dockerd'), script, { mode: 0o755 });
  vi.stubEnv('PATH', [folder, process.env['PATH']].join(delimiter));
};

/** The default network of the machine's own engine. */
const MACHINE_BRIDGE = '/sys/class/net/docker0';

/** An engine of its own beside the machine's. */
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
    await secludeDaemon(join(folder, 'bin'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    // Where mounts are private, an engine mounts its folder of data on itself and leaves it so.
    await execa('umount', [join(folder, 'data')], { reject: false });
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  it('returns when the engine answers, and leaves it running', async () => {
    const lines: string[] = [];
    const hadBridge = existsSync(MACHINE_BRIDGE);
    const pid = await spawnDaemon(place, (line) => lines.push(line), signal);
    try {
      expect(Number(await readFile(join(folder, 'pid'), 'utf8'))).toBe(pid);
      expect(await askEngine(signal, `unix://${place.socket}`)).toMatchObject({
        kind: 'answers',
        engine: { rootDirectory: join(folder, 'data') },
      });
      expect(existsSync(MACHINE_BRIDGE)).toBe(hadBridge);
      expect(lines).toEqual([`starting the Docker engine (dockerd, log in ${place.logFile})`]);
    } finally {
      process.kill(pid, 'SIGTERM');
      await expect
        .poll(() => readFile(join(folder, 'pid'), 'utf8').catch(() => 'gone'))
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
