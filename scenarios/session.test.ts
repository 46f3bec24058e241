import { expect, test } from 'vitest';
import type { ServerFrame } from '../reference-server/protocol.ts';
import { Session } from './session.ts';

const CHANNEL = 4;

/** A joined session on a clock of its own; random numbers are all the same. */
function joinedSession(random: number) {
  let nowMs = 0;
  let planned: { atMs: number; action: () => void }[] = [];
  const sent: { atMs: number; frame: string }[] = [];
  const lines: string[] = [];
  const socket = 1;
  const ended: string[] = [];
  const session = new Session(
    {
      run: 'r1',
      seed: 1,
      edges: ['wss://edge'],
      open: () => socket,
      send: (_socket, text) =>
        void sent.push({ atMs: nowMs, frame: (JSON.parse(text) as [string])[0] }),
      close: () => void ended.push('goodbye'),
      hangUp: () => void ended.push('without a word'),
      now: () => nowMs,
      later: (action, delayMs) => void planned.push({ atMs: nowMs + delayMs, action }),
      random: () => random,
      record: (line) => void lines.push(line),
    },
    { user: 0, token: '', channels: [CHANNEL, CHANNEL + 1, CHANNEL + 2] },
  );
  const hear = (frame: ServerFrame) => session.onText(socket, JSON.stringify(frame));
  session.connect();
  for (const channel of [CHANNEL, CHANNEL + 1, CHANNEL + 2]) hear(['joined', channel, 0]);
  return {
    session,
    hear,
    lines,
    ended,
    /** When the message was sent, so far. */
    sentAtMs: () => sent.filter(({ frame }) => frame === 'send').map(({ atMs }) => atMs),
    advanceTo(toMs: number) {
      for (;;) {
        const due = planned.filter(({ atMs }) => atMs <= toMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        planned = planned.filter((each) => each !== due);
        nowMs = due.atMs;
        due.action();
      }
      nowMs = toMs;
    },
  };
}

test('waits as long as a busy service says, and twice as long after each refusal in a row', () => {
  const { session, hear, sentAtMs, advanceTo } = joinedSession(0);
  session.send(0, CHANNEL, 0);
  const busy: ServerFrame = ['error', 'busy', 'r1-0-0', 'the database confirms nothing', 1_000];
  const expected = [0];
  for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
    hear(busy);
    const nextMs = (expected.at(-1) ?? 0) + pauseMs;
    advanceTo(nextMs - 1);
    expect(sentAtMs()).toEqual(expected);
    advanceTo(nextMs);
    expected.push(nextMs);
    expect(sentAtMs()).toEqual(expected);
  }
});

test('waits as long as a service says that has been away for long, and no longer', () => {
  const { session, hear, sentAtMs, advanceTo } = joinedSession(0);
  session.send(0, CHANNEL, 0);
  for (const awayMs of [6_000, 14_000, 28_000]) {
    hear(['error', 'busy', 'r1-0-0', 'the database confirms nothing', awayMs]);
    advanceTo((sentAtMs().at(-1) ?? 0) + awayMs);
  }
  expect(sentAtMs()).toEqual([0, 6_000, 20_000, 48_000]);
});

test('spreads those who come back, never before they may', () => {
  const { session, hear, sentAtMs, advanceTo } = joinedSession(0.99);
  session.send(0, CHANNEL, 0);
  hear(['error', 'rate-limited', 'r1-0-0', 'too many requests', 1_000]);
  advanceTo(1_494);
  expect(sentAtMs()).toEqual([0]);
  advanceTo(1_495);
  expect(sentAtMs()).toEqual([0, 1_495]);
});

test('comes back soon where a service does not say when', () => {
  const { session, hear, sentAtMs, advanceTo } = joinedSession(0);
  session.send(0, CHANNEL, 0);
  hear(['error', 'busy', 'r1-0-0', 'this server is leaving']);
  advanceTo(200);
  expect(sentAtMs()).toEqual([0, 200]);
});

test('sends again what is unconfirmed, and is content with its acknowledgement', () => {
  const { session, hear, lines, sentAtMs, advanceTo } = joinedSession(0);
  session.send(0, CHANNEL, 0);
  hear(['error', 'unconfirmed', 'r1-0-0', 'no commit within 10000 ms', 1_000]);
  advanceTo(1_000);
  expect(sentAtMs()).toEqual([0, 1_000]);
  hear(['ack', 'r1-0-0', CHANNEL, 1]);
  advanceTo(60_000);
  expect(sentAtMs()).toEqual([0, 1_000]);
  expect(session.outstanding).toBe(0);
  expect(lines).toContain('E 0 0 0 8');
  expect(lines.at(-1)).toBe('A 1000 0 0 1');
});

test('gives up what can never be stored, and goes on with the next', () => {
  const { session, hear, sentAtMs, advanceTo } = joinedSession(0);
  session.send(0, CHANNEL, 0);
  session.send(1, CHANNEL, 5);
  hear(['error', 'not-a-member', 'r1-0-0', 'channel 4']);
  expect(session.outstanding).toBe(1);
  expect(sentAtMs()).toEqual([0, 0]);
  hear(['ack', 'r1-0-1', CHANNEL, 1]);
  advanceTo(10_000);
  expect(sentAtMs()).toEqual([0, 0]);
});

test('loses its socket without a word, and says goodbye to a server that leaves', () => {
  const { session, hear, ended, advanceTo } = joinedSession(0);
  session.drop();
  expect(ended).toEqual(['without a word']);
  advanceTo(0);
  hear(['bye', 'leaving']);
  expect(ended).toEqual(['without a word', 'goodbye']);
});
