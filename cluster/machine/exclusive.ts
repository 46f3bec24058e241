/**
 * One at a time on this machine: two set-ups, or two builds of the same k6, must not meet.
 *
 * The lock is a listening socket with a name in Linux's abstract namespace. The kernel gives it to
 * one process only and takes it back when that process ends, however it ends: no stale lock file,
 * no guess whether a process id was reused. Whoever waits is connected to the holder and wakes when
 * the connection closes.
 *
 * Limit: the namespace belongs to the network namespace, so two containers that share a cache
 * folder do not see each other; what is made in the cache is therefore renamed into place as well.
 * Elsewhere than on Linux there is no lock.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Log } from './check.ts';

export interface ExclusiveOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs `work` while no other process holds `name`; waits for its turn, as long as it takes. */
export async function exclusively<Result>(
  name: string,
  { log, signal }: ExclusiveOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  if (process.platform !== 'linux') return work();
  await using _lock = await acquire(`\0holdfast-${name}`, name, { log, signal });
  return await work();
}

async function acquire(
  address: string,
  name: string,
  { log, signal }: ExclusiveOptions,
): Promise<AsyncDisposable> {
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    const waiting = new Set<Socket>();
    const server = await tryListen(address, waiting);
    if (server !== undefined) {
      return {
        async [Symbol.asyncDispose]() {
          const closed = once(server, 'close');
          server.close();
          for (const socket of waiting) socket.destroy();
          await closed;
        },
      };
    }
    if (!told) log(`another holdfast is busy with ${name} on this machine; waiting for it`);
    told = true;
    signal.throwIfAborted();
    await untilHolderLeaves(address, signal);
  }
}

/** Undefined when somebody else holds the address. */
function tryListen(address: string, waiting: Set<Socket>): Promise<Server | undefined> {
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => waiting.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

function untilHolderLeaves(address: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    // The holder may be gone before we connect: then it is our turn to try.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    socket.resume();
  });
}
