/**
 * How another terminal reaches a run that goes on: each run listens on a socket
 * in the state directory, `<process id>.sock`, for one line that asks it to
 * abort. It answers when it heeds that, and when everything is healed.
 *
 * A socket and not a signal, because it carries who asks and brings an answer,
 * and because nobody listens on one that a killed run has left: there is no
 * process id to be mistaken.
 */
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { runningDirectory } from '../cluster/paths.ts';
import { Interrupted } from '../cluster/interrupt.ts';

const requestSchema = z.object({ kind: z.literal('abort'), by: z.string().max(200) });

const answerSchema = z.discriminatedUnion('kind', [
  /** It has begun to heal. */
  z.object({ kind: z.literal('aborting'), run: z.string() }),
  z.object({ kind: z.literal('healed') }),
]);
type Answer = Readonly<z.infer<typeof answerSchema>>;

export interface Abortable extends AsyncDisposable {
  /** Aborted when somebody asks for it. */
  readonly signal: AbortSignal;
  /** Nothing is broken any more: those who asked are told. */
  healed(): void;
}

const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** `run`: the run's directory, for those who ask. */
export async function listenForAbort(run: string): Promise<Abortable> {
  const path = join(runningDirectory(), `${process.pid}.sock`);
  await mkdir(runningDirectory(), { recursive: true, mode: 0o700 });
  // Of a process that had our number before.
  await rm(path, { force: true });
  const stop = new AbortController();
  const open = new Set<Socket>();
  const asking = new Set<Socket>();
  const tell = (socket: Socket, answer: Answer): void => void socket.write(lineOf(answer));

  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      asking.delete(socket);
    });
    const lines = createInterface({ input: socket });
    // It passes the socket's errors on; whoever hangs up is no longer interested.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const request = parsed(requestSchema, line);
      if (request === undefined) return socket.destroy();
      asking.add(socket);
      tell(socket, { kind: 'aborting', run });
      stop.abort(new Interrupted(`aborted by ${request.by}`));
    });
  });
  server.listen(path);
  await once(server, 'listening');
  const healed = (): void => {
    for (const socket of asking) tell(socket, { kind: 'healed' });
    // Whoever was told leaves at once.
    asking.clear();
  };
  return {
    signal: stop.signal,
    healed,
    async [Symbol.asyncDispose]() {
      // A run that was aborted before anything was broken has nothing to heal.
      healed();
      for (const socket of open) socket.end();
      server.close();
      await rm(path, { force: true });
    },
  };
}

export type Aborted =
  /** `tookMs`: from the request until everything was healed. */
  | { readonly kind: 'healed'; readonly pid: number; readonly run: string; readonly tookMs: number }
  | { readonly kind: 'no-answer'; readonly pid: number; readonly run: string };

/** Aborts every run that goes on; empty: none does. */
export async function abortRuns(by: string, timeoutMs: number): Promise<readonly Aborted[]> {
  const names = await readdir(runningDirectory()).catch(() => []);
  const all = await Promise.all(
    names.flatMap((name) => {
      const pid = /^(\d+)\.sock$/.exec(name)?.[1];
      return pid === undefined ? [] : [abortRun(Number(pid), by, timeoutMs)];
    }),
  );
  return all.flatMap((aborted) => aborted ?? []);
}

/** Undefined when nobody listens: a killed run's socket. */
async function abortRun(pid: number, by: string, timeoutMs: number): Promise<Aborted | undefined> {
  const beganMs = performance.now();
  const socket = connect(join(runningDirectory(), `${pid}.sock`));
  try {
    await once(socket, 'connect');
  } catch {
    return undefined;
  }
  socket.write(lineOf({ kind: 'abort', by }));
  // Whoever does not answer in time is given up; the loop below ends with the connection.
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket });
  socket.on('close', () => lines.close());
  let run = '';
  for await (const line of lines) {
    const answer = parsed(answerSchema, line);
    if (answer?.kind === 'aborting') run = answer.run;
    if (answer?.kind !== 'healed') continue;
    socket.destroy();
    return { kind: 'healed', pid, run, tookMs: Math.round(performance.now() - beganMs) };
  }
  return { kind: 'no-answer', pid, run };
}

function parsed<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
