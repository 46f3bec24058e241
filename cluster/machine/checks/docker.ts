/**
 * Docker is where the nine servers run: reachable, new enough, and on a storage driver that does
 * not copy whole images for every container.
 *
 * 20.10 is the oldest engine that this was run on. The `docker` command is not needed for a run;
 * the engine is spoken to over its socket.
 */
import { aptCommands, aptInstall } from '../apt.ts';
import type { Check, Finding } from '../check.ts';
import { findProgram } from '../command.ts';
import { startCommands, startDocker } from '../docker-daemon.ts';
import { askEngine, SYSTEM_SOCKET, type DockerEngine } from '../docker-engine.ts';
import { isAtLeast, parseVersion } from '../version.ts';

/** Copies every layer for every container: works, takes many times the disk and the time. */
const SLOW_DRIVERS = ['vfs', 'devicemapper'];
const PACKAGES = ['docker.io'];
/** From Debian 13 on the command-line client is a package of its own. */
const PACKAGES_IF_KNOWN = ['docker-cli'];

export const docker: Check = {
  id: 'docker',
  title: 'Docker engine',
  needed: 'always',
  async probe(signal) {
    const answer = await askEngine(signal);
    if (answer.kind === 'answers') return judgeEngine(answer.engine);
    const nothingRuns = 'no cluster can be started, so nothing runs';
    if (answer.kind === 'forbidden') {
      return {
        kind: 'missing',
        found: `an engine at ${answer.address} that this user may not talk to`,
        means: nothingRuns,
        mend: ['sudo usermod -aG docker "$USER"', 'newgrp docker'],
      };
    }
    const isInstalled = (await findProgram('dockerd')) !== undefined;
    return {
      kind: 'missing',
      found: isInstalled
        ? `installed, but no answer at ${answer.address} (${answer.seen})`
        : `not installed, no answer at ${answer.address} (${answer.seen})`,
      means: nothingRuns,
      mend: isInstalled ? startCommands() : [...aptCommands(PACKAGES), ...startCommands()],
    };
  },
  async mendIt(log, signal) {
    // Who may talk to an engine that runs is for its owner to say.
    if ((await askEngine(signal)).kind === 'forbidden') return;
    if ((await findProgram('dockerd')) === undefined) {
      await aptInstall(PACKAGES, log, signal, PACKAGES_IF_KNOWN);
    }
    // The package's own start script may have started it.
    const answer = await askEngine(signal, `unix://${SYSTEM_SOCKET}`);
    if (answer.kind !== 'answers') await startDocker(log, signal);
  },
};

export function judgeEngine(engine: DockerEngine): Finding {
  const found = `${engine.version} at ${engine.address}, storage ${engine.storageDriver}, cgroup v${engine.cgroupVersion}`;
  const version = parseVersion(engine.version);
  if (version !== undefined && !isAtLeast(version, 20, 10)) {
    return {
      kind: 'limited',
      found,
      means: 'older than 20.10, the oldest engine this was tried on; it may or may not work',
      mend: [],
    };
  }
  if (SLOW_DRIVERS.includes(engine.storageDriver)) {
    return {
      kind: 'limited',
      found,
      means: `every container gets a full copy of its image: slow, and about 1 GB of disk each`,
      mend: [],
    };
  }
  return { kind: 'ok', found, means: 'the cluster can run here', mend: [] };
}
