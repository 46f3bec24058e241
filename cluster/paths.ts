/**
 * Where the cluster room keeps things on the host: the project's own files, and
 * the state of clusters that are up and of runs that go on, in the folder that the XDG base directory
 * convention gives to such state.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '..');

const stateDirectory = (): string =>
  join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'holdfast');

export const clustersDirectory = (): string => join(stateDirectory(), 'clusters');

/** A socket for each run that goes on, by the process id of its harness. */
export const runningDirectory = (): string => join(stateDirectory(), 'running');

export const clusterDirectory = (id: string): string => join(clustersDirectory(), id);
