/** Users who do not do as most: one who floods, and all of whom lose their socket at once. */
import { expect, test } from 'vitest';
import { createPopulation } from './population.ts';
import { Flooder } from './flooder.ts';
import { Session, type SessionUser, type Socket } from './session.ts';
import { StormTask } from './storm.ts';
import { Timetable } from './timetable.ts';

const SCHEDULE = { seed: 7, sendFromMs: 1_000, intervalMs: 1_000, rates: [], epochMs: 0 };

/** A service of the test's own hand: what users send is kept, what they hear is told. */
function start(users: number) {
  let nowMs = 0;
  const now = (): number => nowMs;
  const timetable = new Timetable(now);
  const lines: string[] = [];
  const frames: unknown[][] = [];
  const { channelsOfUser } = createPopulation(7, Math.max(users, 2));
  const sockets = new Map<Session, Socket>();
  const environment = {
    ...{ run: 'abc', seed: 7, edges: ['ws://edge'], now, random: () => 0.5 },
    later: (action: () => void, delayMs: number) => timetable.after(delayMs, action),
    record: (line: string) => void lines.push(line),
    open(_url: string, _user: SessionUser, session: Session): Socket {
      const socket = sockets.size;
      sockets.set(session, socket);
      return socket;
    },
    send: (_socket: Socket, text: string) => void frames.push(JSON.parse(text) as unknown[]),
    close: () => undefined,
    hangUp: () => undefined,
  };
  const selves = Array.from({ length: users }, (_, user) => ({
    ...{ user, token: '' },
    channels: channelsOfUser[user] ?? ([1, 2, 3] as const),
  }));
  const sessions = selves.map((self) => new Session(environment, self));
  const tell = (session: Session | undefined, ...frame: unknown[]): void => {
    const socket = session && sockets.get(session);
    if (socket !== undefined) session?.onText(socket, JSON.stringify(frame));
  };
  const join = (): void => {
    sessions.forEach((session, user) => {
      session.connect();
      for (const channel of selves[user]?.channels ?? []) tell(session, 'joined', channel, 0);
    });
  };
  return {
    ...{ lines, frames, sessions, selves, tell, join },
    sending: { ...SCHEDULE, stopAtMs: Infinity, now, timetable, hotShare: 0 },
    advanceTo(ms: number) {
      for (; nowMs < ms; nowMs += 10) timetable.catchUp();
    },
  };
}

test('who floods waits for no answer, sends nothing again, and keeps book of what is answered', () => {
  const { sending, sessions, selves, lines, frames, join, tell, advanceTo } = start(1);
  const [session, self] = [sessions[0], selves[0]];
  if (session === undefined || self === undefined) throw new TypeError('no user');
  join();
  // A thousand messages a second: more than one in each step of the timetable.
  const rates = [{ every: 1, first: 0, spans: [{ fromMs: 0, times: 1_000 }] }];
  const flooder = new Flooder({ ...sending, rates }, 'abc', session, self);
  advanceTo(1_500);
  const sent = frames.filter(([kind]) => kind === 'send');
  expect(sent.length).toBeGreaterThan(450);
  expect(new Set(sent.map(([, key]) => key)).size).toBe(sent.length);

  tell(session, 'ack', 'abc-0-1', self.channels[0], 5);
  tell(session, 'error', 'busy', 'abc-0-2', '');
  tell(session, 'ack', 'abc-0-2', self.channels[0], 6);
  expect(lines.slice(-2).map((line) => line.split(' ').filter((_, at) => at !== 1))).toEqual([
    ['A', '0', '1', '5'],
    ['E', '0', '2', '5'],
  ]);
  flooder.cancel();
  const before = frames.length;
  advanceTo(9_000);
  expect(frames.length).toBe(before);
});

test('in a storm each loses its socket once, evenly over its time, and comes back', () => {
  const { sending, sessions, lines, join, advanceTo } = start(20);
  join();
  new StormTask(sending, { fromMs: 1_000, toMs: 3_000 }, sessions);
  const gone = (): number => lines.filter((line) => line.startsWith('X')).length;
  advanceTo(2_000);
  expect(gone()).toBe(0);
  advanceTo(3_010);
  expect(gone()).toBeGreaterThanOrEqual(10);
  expect(gone()).toBeLessThanOrEqual(11);
  advanceTo(8_000);
  expect(gone()).toBe(20);
});
