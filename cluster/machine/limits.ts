/**
 * What this machine lets one process have, and how many users follow from it.
 *
 * A k6 shard spends one descriptor a socket; a TCP balancer spends two a connection (one to the
 * user, one to the chat server). Where the open-file limit cannot be raised (root without
 * CAP_SYS_RESOURCE, as in many virtual machines), the number of processes follows from it, so it is
 * computed and never assumed. `reachable` is what a container may be given with `--ulimit nofile`.
 *
 * Limit: `reachable` is tried from this process. An engine whose own limit is higher (started by
 * systemd, while we are an ordinary user) may give containers more; then the shards are merely more
 * than needed.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { HoldfastError } from '../errors.ts';
import { runCommand } from './command.ts';

/**
 * Descriptors a process keeps for itself: k6 holds some tens for scripts, logs, its pool of HTTP
 * connections and DNS; reconnect storms briefly hold the old and the new socket.
 */
export const RESERVED_OPEN_FILES = 1_000;

/** More than this is never asked for: it is the kernel's default ceiling (`fs.nr_open`). */
export const OPEN_FILES_MAX = 1_048_576;

export interface OpenFileLimit {
  readonly soft: number;
  readonly hard: number;
  /** The highest limit that a child could be given. */
  readonly reachable: number;
}

/**
 * With so many a collection of the generator's memory (0.6 GB) held nobody up: 99 % of the sends
 * within 14 ms, no stop. More were not tried.
 */
const USERS_PER_SHARD_MAX = 10_000;

/** Users one k6 process can hold; 0 when the limit leaves none. */
export const usersPerShard = (openFiles: number): number =>
  Math.min(USERS_PER_SHARD_MAX, Math.max(0, Math.floor(openFiles) - RESERVED_OPEN_FILES));

/** Connections one balancer process can hold; 0 when the limit leaves none. */
export const connectionsPerBalancer = (openFiles: number): number =>
  Math.max(0, Math.floor((openFiles - RESERVED_OPEN_FILES) / 2));

/** Chat servers get their users by hash and by count, not quite evenly: 5 % of room. */
const CHAT_ROOM = 1.05;

/** Users that so many chat servers can hold together: a descriptor each; 0 when the limit leaves none. */
export const usersOnChatServers = (servers: number, openFiles: number): number =>
  Math.floor((servers * Math.max(0, openFiles - RESERVED_OPEN_FILES)) / CHAT_ROOM);

/** k6 processes needed for that many users, at least one. Throws when the limit leaves no users. */
export function shardsFor(users: number, openFiles: number): number {
  const perShard = usersPerShard(openFiles);
  if (perShard === 0) {
    throw new HoldfastError({
      code: 'too-few-open-files',
      message: `${users} users need open files, but a process here may only have ${openFiles}, of which ${RESERVED_OPEN_FILES} are reserved.`,
      remedy: 'Raise the limit (ulimit -n 65536, or LimitNOFILE in the service) and start again.',
    });
  }
  return Math.max(1, Math.ceil(users / perShard));
}

/** Reads the `Max open files` line of `/proc/<pid>/limits`; undefined when there is none. */
export function parseOpenFiles(limits: string): { soft: number; hard: number } | undefined {
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits);
  if (match === null) return undefined;
  const bounded = (text: string | undefined): number =>
    text === 'unlimited' ? OPEN_FILES_MAX : Number(text);
  return { soft: bounded(match[1]), hard: bounded(match[2]) };
}

export async function openFileLimit(signal: AbortSignal): Promise<OpenFileLimit> {
  const own = parseOpenFiles(await readFile('/proc/self/limits', 'utf8').catch(() => ''));
  // Not Linux: the value every macOS shell grants, so that pure planning still works there.
  if (own === undefined) return { soft: 10_240, hard: 10_240, reachable: 10_240 };
  if (own.hard >= OPEN_FILES_MAX) return { ...own, reachable: OPEN_FILES_MAX };
  const raised = await runCommand('prlimit', [`--nofile=${OPEN_FILES_MAX}`, 'true'], {
    signal,
    timeoutMs: 5_000,
  });
  const canRaise = raised.kind === 'ended' && raised.exitCode === 0;
  return { ...own, reachable: canRaise ? OPEN_FILES_MAX : own.hard };
}

/** Processors this process may use, its cgroup's quota counted. */
export const usableCores = (): number => availableParallelism();

/** Memory this process may use, its cgroup's limit counted. */
export function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  // 0 means no limit is known; a limit above the machine's memory is none.
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
