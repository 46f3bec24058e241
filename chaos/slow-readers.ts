/**
 * Users who stop reading their sockets for a while (`slow-readers`): they run
 * in the harness, because a paused socket of Node's closes its TCP window, and
 * k6 reads on whatever its script does. Their sessions and their ledger are
 * those of all users; they are a shard of their own, and only read. Those of them
 * who listen note what they were shown, and not how long it took: they slept.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ControlMessage } from '../scenarios/control.ts';
import { listens } from '../scenarios/delivery-times.ts';
import { Listener } from '../scenarios/listener.ts';
import { randomSource } from '../scenarios/random.ts';
import { Session, type SessionEnvironment, type SessionUser } from '../scenarios/session.ts';
import type { Spell } from '../scenarios/shapes/shape.ts';
import { Timetable } from '../scenarios/timetable.ts';

export interface SlowReadersOptions {
  /** Their client ledger, which has its header already. */
  readonly ledger: string;
  /** First part of every message key. */
  readonly runNonce: string;
  readonly seed: number;
  /** All users of the run. */
  readonly users: number;
  readonly epochMs: number;
  readonly connectFromMs: number;
  readonly sendFromMs: number;
  readonly edges: readonly string[];
  readonly caFile: string;
  readonly logins: readonly SessionUser[];
  /** When they do not read, since the start of sending. */
  readonly spell: Spell;
}

export interface SlowReaders extends AsyncDisposable {
  tell(message: ControlMessage): void;
  /** They left in good order, and their ledger is written; rejects where that is not possible. */
  readonly finished: Promise<void>;
}

export async function startSlowReaders(options: SlowReadersOptions): Promise<SlowReaders> {
  const { epochMs, logins, spell } = options;
  const ca = await readFile(options.caFile, 'utf8');
  const ledger = createWriteStream(options.ledger, { flags: 'a' });
  const now = (): number => Date.now() - epochMs;
  const timetable = new Timetable(now);
  const stopTimetable = timetable.start();
  const open = new Set<WebSocket>();
  let asleep = false;

  const environment: SessionEnvironment = {
    run: options.runNonce,
    seed: options.seed,
    edges: options.edges,
    now,
    later: (action, delayMs) => timetable.after(delayMs, action),
    random: randomSource(options.seed, 'generator/slow-readers'),
    // What a user hears after it left is no part of the load.
    record: (line) => void (ledger.writableEnded || ledger.write(`${line}\n`)),
    open(url, { token }, session, first) {
      const headers = { Authorization: `Bearer ${token}` };
      const socket = new WebSocket(url, { headers, ca, perMessageDeflate: false });
      open.add(socket);
      socket.on('open', () => {
        socket.send(first);
        if (asleep) socket.pause();
      });
      socket.on('message', (bytes: Buffer) => session.onText(socket, bytes.toString()));
      socket.on('error', () => session.onGone(socket, ABNORMAL));
      socket.on('close', (code) => {
        open.delete(socket);
        session.onGone(socket, code);
      });
      return socket;
    },
    send(socket, text) {
      const own = socket as WebSocket;
      // One that is on its way out takes nothing more; that it went is told by its close.
      if (own.readyState === WebSocket.OPEN) own.send(text);
    },
    close: (socket) => (socket as WebSocket).close(GOODBYE),
    hangUp: (socket) => (socket as WebSocket).terminate(),
  };
  const listeners: Listener[] = [];
  const sessions = logins.map((self) => {
    const session = new Session(environment, self);
    if (listens(options.seed, self.user, options.users)) {
      const listener = new Listener(UNTIMED, options.runNonce, md5, self);
      session.listening = listener;
      listeners.push(listener);
    }
    return session;
  });
  for (const session of sessions) {
    timetable.after(options.connectFromMs - Date.now(), () => session.connect());
  }
  const at = (sinceMs: number, run: () => void): void =>
    timetable.at(options.sendFromMs - epochMs + sinceMs, { run });
  at(spell.fromMs, () => {
    asleep = true;
    for (const socket of open) socket.pause();
  });
  at(spell.toMs, () => {
    asleep = false;
    for (const socket of open) socket.resume();
  });

  const { promise: finished, resolve: left, reject: failed } = Promise.withResolvers<void>();
  // Told to whoever waits for the load's end; nobody does where that is broken off.
  finished.catch(() => undefined);
  ledger.on('error', failed);
  const finish = async (): Promise<void> => {
    for (const session of sessions) session.finish();
    listeners.flatMap((listener) => listener.lines(now())).forEach(environment.record);
    environment.record(`F ${now()} 0 ${logins.length} 0`);
    stopTimetable();
    ledger.end();
    await once(ledger, 'finish');
  };
  return {
    finished,
    tell(message) {
      if (message.kind === 'finish') {
        timetable.after(message.finishAtMs - Date.now(), () => void finish().then(left, failed));
      }
    },
    async [Symbol.asyncDispose]() {
      stopTimetable();
      for (const socket of open) socket.terminate();
      if (ledger.writableEnded) return;
      ledger.end();
      await once(ledger, 'finish');
    },
  };
}

/** WebSocket close code of our own, orderly goodbye. */
const GOODBYE = 1000;
/** A socket that went without a closing frame. */
const ABNORMAL = 1006;

const UNTIMED = { add: () => undefined };

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
