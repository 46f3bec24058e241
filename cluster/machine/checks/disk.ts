/**
 * Free disk where evidence is written and where Docker keeps images and volumes. A run that runs
 * out of disk loses its evidence, so it is refused before.
 */
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Check, Finding } from '../check.ts';
import { askEngine } from '../docker-engine.ts';

const GIB = 1024 ** 3;

interface Room {
  /** Below this a run is refused. */
  readonly bytesMin: number;
  /** Below this it is tight. */
  readonly bytesEnough: number;
  readonly use: string;
}

/** An hour at 333 messages/s is 1.2 million messages: a few hundred MB of ledgers. */
const RUN_ROOM: Room = { bytesMin: 0.5 * GIB, bytesEnough: 2 * GIB, use: 'evidence of a run' };
/** Images, build cache, and four databases with their WAL. */
const DOCKER_ROOM: Room = { bytesMin: 4 * GIB, bytesEnough: 10 * GIB, use: 'images and databases' };

export const runDisk: Check = {
  id: 'disk-runs',
  title: 'Disk for run directories',
  needed: 'always',
  probe: async () => judgeDisk(resolve('runs'), await freeBytes(resolve('runs')), RUN_ROOM),
};

export const dockerDisk: Check = {
  id: 'disk-docker',
  title: 'Disk for Docker',
  needed: 'always',
  async probe(signal) {
    const answer = await askEngine(signal);
    const folder = answer.kind === 'answers' ? answer.engine.rootDirectory : '/var/lib/docker';
    return judgeDisk(folder, await freeBytes(folder), DOCKER_ROOM);
  },
};

/** Free bytes for this user in the file system of that folder, or of its nearest parent. */
export async function freeBytes(folder: string): Promise<number> {
  const seen = await statfs(folder).catch(() => undefined);
  if (seen !== undefined) return seen.bavail * seen.bsize;
  const parent = dirname(folder);
  return parent === folder ? 0 : freeBytes(parent);
}

function judgeDisk(folder: string, bytes: number, { bytesMin, bytesEnough, use }: Room): Finding {
  const found = `${(bytes / GIB).toFixed(1)} GiB free at ${folder}`;
  if (bytes >= bytesEnough) return { kind: 'ok', found, means: `enough for ${use}`, mend: [] };
  return {
    kind: bytes < bytesMin ? 'missing' : 'limited',
    found,
    means: `${use} should have ${bytesEnough / GIB} GiB and must have ${bytesMin / GIB} GiB`,
    mend: [`df -h ${folder}`, `du -xh --max-depth=2 ${folder} | sort -h | tail`],
  };
}
