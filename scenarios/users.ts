/**
 * The users of a shard, whatever the shape of their load (`shapes/`): they
 * connect, send at their intended times, receive what their channels get, and
 * some read history, listen to what deliveries say and how long they take, or
 * misbehave as their shape says. All arrivals are open.
 *
 * One k6 process is one shard of the users; a virtual user holds many
 * sockets, because a k6 virtual user costs megabytes and a socket kilobytes.
 * The harness ends the load through the control socket; when that socket
 * breaks, the harness is gone, and the load stops at once.
 */
import crypto from 'k6/crypto';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { WebSocket } from 'k6/websockets';
import { Sockets } from 'k6/x/sockets/v2';
import type { ControlMessage, ShardConfig } from './control.ts';
import { DeliveryTimes, listens } from './delivery-times.ts';
import { Flooder } from './flooder.ts';
import { HistoryReader, type Reading } from './history-reader.ts';
import { readsHistory } from './history.ts';
import { LedgerLines } from './ledger-lines.ts';
import { Listener } from './listener.ts';
import { randomSource } from './random.ts';
import { Sender, type Sending } from './sender.ts';
import { ABUSER, roundTripMsOf } from './shapes/shape.ts';
import { DELIVERY, Session, type SessionEnvironment, type SessionUser } from './session.ts';
import { StormTask } from './storm.ts';
import { Timetable } from './timetable.ts';

declare function open(path: string): string;
declare const __ENV: Record<string, string>;

const config = JSON.parse(open(__ENV['HOLDFAST_SHARD'] ?? '')) as ShardConfig;
const users = new SharedArray<SessionUser>(
  'users',
  () => JSON.parse(open(__ENV['HOLDFAST_USERS'] ?? '')) as SessionUser[],
);

/** Event-loop lag under this is not worth a line. */
const LAG_MS_NOTED = 50;

export const options: Options = {
  scenarios: {
    users: {
      executor: 'per-vu-iterations',
      vus: config.virtualUsers,
      iterations: 1,
      maxDuration: '48h',
    },
  },
  // A user keeps its connection; nothing is to be gained from k6's own books per message.
  systemTags: [],
  summaryTrendStats: [],
};

const md5 = (text: string): string => crypto.md5(text, 'hex');
const now = (): number => Date.now() - config.epochMs;
const ledger = new LedgerLines((lines) => console.log(lines));
const { unrecordedSpellMs } = config;
const record = (line: string): void => {
  if (unrecordedSpellMs > 0 && Math.floor(now() / unrecordedSpellMs) % 2 === 1) return;
  ledger.add(line);
};
const timetable = new Timetable(now);
const random = randomSource(config.seed, `generator/${config.shard}`);
const later = (action: () => void, delayMs: number): void => timetable.after(delayMs, action);

/** WebSocket close code of our own, orderly goodbye. */
const GOODBYE = 1000;

function sessionEnvironment(sockets: Sockets): SessionEnvironment {
  return {
    run: config.run,
    seed: config.seed,
    edges: config.edges,
    open: (url, { user, token }, session, first) =>
      sockets.open(
        url,
        { Authorization: `Bearer ${token}` },
        session,
        first,
        roundTripMsOf(config.roundTripsMs, user),
      ),
    send: (socket, text) => sockets.send(socket as number, text),
    close: (socket) => sockets.close(socket as number, GOODBYE),
    hangUp: (socket) => sockets.hangUp(socket as number),
    counts: {
      follow: (socket, channel, sequence) => sockets.follow(socket as number, channel, sequence),
      place: (socket, channel) => sockets.place(socket as number, channel),
    },
    now,
    later,
    random,
    record,
  };
}

/** Lets so many of these senders, evenly over `forMs`, send ahead of their time. */
function fireVolley(senders: readonly (Sender | Flooder)[], messages: number, forMs: number): void {
  for (let shot = 0; shot < messages; shot++) {
    const sender = senders[Math.floor(random() * senders.length)];
    later(() => sender?.advance(), random() * forMs);
  }
}

/**
 * Watches this virtual user's event loop: how late does a one-second timer fire, and how long did
 * what its sockets heard wait for its turn?
 */
function watchLag(vu: number, sockets: Sockets, finished: () => boolean): void {
  let dueMs = now() + 1_000;
  const timer = setInterval(() => {
    const lagMs = Math.max(now() - dueMs, sockets.waited());
    if (lagMs > LAG_MS_NOTED) record(`L ${now()} ${vu} ${lagMs}`);
    dueMs = now() + 1_000;
    if (finished()) clearInterval(timer);
  }, 1_000);
}

export default function virtualUser(): void {
  const vu = exec.vu.idInTest - 1;
  const from = Math.floor((vu * config.users) / config.virtualUsers);
  const to = Math.floor(((vu + 1) * config.users) / config.virtualUsers);
  const sending: Sending = { ...config, stopAtMs: Infinity, now, timetable };
  const reading: Reading = { sending, md5, record };
  const times = new DeliveryTimes(sending, config.run);
  const sockets = new Sockets(DELIVERY);
  const environment = sessionEnvironment(sockets);
  let finished = false;

  const sessions: Session[] = [];
  const senders: (Sender | Flooder)[] = [];
  const readers: HistoryReader[] = [];
  const listeners: Listener[] = [];
  for (let index = from; index < to; index++) {
    const self = users[index] as SessionUser;
    const session = new Session(environment, self);
    sessions.push(session);
    const share = (self.user % config.users) / config.users;
    later(
      () => session.connect(),
      config.connectFromMs - config.epochMs + share * config.connectMs - now(),
    );
    senders.push(
      config.abuser !== null && self.user === ABUSER
        ? new Flooder(sending, config.run, session, self)
        : new Sender(sending, session, self),
    );
    if (listens(config.seed, self.user, config.allUsers)) {
      const listener = new Listener(times, config.run, md5, self);
      session.listening = listener;
      listeners.push(listener);
    }
    if (readsHistory(config.seed, self.user, config.allUsers)) {
      readers.push(new HistoryReader(reading, session, self));
    }
  }

  if (config.storm !== null) new StormTask(sending, config.storm, sessions);

  watchLag(vu, sockets, () => finished);
  const stopTimetable = timetable.start();

  const finish = (orderly: boolean): void => {
    if (finished) return;
    finished = true;
    senders.forEach((sender) => sender.cancel());
    readers.forEach((reader) => reader.finish());
    sessions.forEach((session) => session.finish());
    listeners.flatMap((listener) => listener.lines(now())).forEach(record);
    times.lines(vu).forEach(record);
    const sent = senders.reduce((sum, sender) => sum + sender.sent, 0);
    if (orderly) record(`F ${now()} ${vu} ${to - from} ${sent}`);
    ledger.flush();
    stopTimetable();
    control.close();
    if (!orderly) exec.test.abort('the harness is gone');
  };

  const control = new WebSocket(config.controlUrl);
  control.onmessage = (event) => {
    if (typeof event?.data !== 'string') return;
    const message = JSON.parse(event.data) as ControlMessage;
    switch (message.kind) {
      case 'volley': {
        const share = (message.messages * (to - from)) / config.allUsers;
        // Half a message for each of many virtual users is still half of them sending one.
        return fireVolley(senders, Math.floor(share + random()), message.forMs);
      }
      case 'stop':
        sending.stopAtMs = message.stopAtMs - config.epochMs;
        return;
      case 'finish':
        return later(() => finish(true), message.finishAtMs - Date.now());
    }
  };
  control.onclose = () => finish(false);
  control.onerror = () => finish(false);
}
