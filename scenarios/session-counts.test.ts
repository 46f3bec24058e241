/** A session whose deliveries are counted for it keeps the same books as one that sees each of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerFrame } from '../reference-server/protocol.ts';
import { Session, type SessionEnvironment, type Socket } from './session.ts';

const CHANNELS = [4, 5, 6] as const;

interface Counted {
  place: number;
  isCounted: boolean;
}

/** As `k6/x/sockets` counts: each socket on its own, until the first that is out of turn; at once. */
function counting() {
  const sockets = new Map<Socket, Map<number, Counted>>();
  const of = (socket: Socket, channel: number) => sockets.get(socket)?.get(channel);
  return {
    counts: {
      follow(socket: Socket, channel: number, place: number) {
        const followed = sockets.get(socket) ?? new Map<number, Counted>();
        sockets.set(socket, followed.set(channel, { place, isCounted: true }));
      },
      place: (socket: Socket, channel: number) => of(socket, channel)?.place ?? 0,
    },
    /** False: it is to be handed over. */
    takes(socket: Socket, channel: number, sequence: number): boolean {
      const counted = of(socket, channel);
      if (counted === undefined) return false;
      if (sequence !== counted.place + 1) counted.isCounted = false;
      if (counted.isCounted) counted.place = sequence;
      return counted.isCounted;
    },
  };
}

const play = (events: readonly Event[], isCounted: boolean, isListening: boolean) =>
  live(events, isCounted, isListening).books;

function live(events: readonly Event[], isCounted: boolean, isListening: boolean) {
  const { counts, takes } = counting();
  const lines: string[] = [];
  const joins: unknown[] = [];
  const listened: string[] = [];
  let handedOver = 0;
  let socket = 0;
  let reconnect: () => void = () => undefined;
  const noteJoin = (text: string): void => {
    const [kind, places] = JSON.parse(text) as [string, unknown];
    if (kind === 'join') joins.push(places);
  };
  const environment: SessionEnvironment = {
    ...{ run: 'r1', seed: 1, edges: ['wss://edge'], now: () => 0, random: () => 0 },
    open(_url, _token, _session, first) {
      noteJoin(first);
      return ++socket;
    },
    send: (_socket, text) => noteJoin(text),
    close: () => undefined,
    hangUp: () => undefined,
    later: (action) => void (reconnect = action),
    record: (line) => void lines.push(line),
    ...(isCounted ? { counts } : {}),
  };
  const session = new Session(environment, { user: 0, token: '', channels: CHANNELS });
  if (isListening) session.listening = { add: (text) => void listened.push(text) };
  const hear = (frame: ServerFrame) => session.onText(socket, JSON.stringify(frame));
  const join = (): void => {
    hear(['welcome', 0, CHANNELS]);
    for (const channel of CHANNELS) hear(['joined', channel, 0]);
  };
  session.connect();
  join();
  for (const event of events) {
    if (event.kind === 'delivery') {
      const { channel, sequence } = event;
      if (takes(socket, channel, sequence)) continue;
      handedOver++;
      session.onNumbered(socket, channel, sequence, `${channel} ${sequence}`);
    } else if (event.kind === 'history') {
      lines.push(`known ${session.askHistory(1, event.channel)}`);
    } else {
      if (event.kind === 'drop') session.drop();
      else session.onGone(socket, 1006);
      reconnect();
      join();
    }
  }
  session.finish();
  return { books: { lines, joins, listened }, handedOver };
}

type Event =
  | { readonly kind: 'delivery'; readonly channel: number; readonly sequence: number }
  | { readonly kind: 'history'; readonly channel: number }
  | { readonly kind: 'gone' | 'drop' };

const channel = fc.constantFrom(...CHANNELS);
/** Mostly in their turn: small steps forward from a place that the generator of events keeps. */
const events = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.record({ channel, step: fc.constant(1) }) },
      { weight: 2, arbitrary: fc.record({ channel, step: fc.integer({ min: -2, max: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ channel, kind: fc.constant('history' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('gone' as const, 'drop') }) },
    ),
    { maxLength: 80 },
  )
  .map((steps) => {
    const at = new Map<number, number>();
    return steps.map((step): Event => {
      if (!('step' in step)) return step;
      const sequence = Math.max(1, (at.get(step.channel) ?? 0) + step.step);
      at.set(step.channel, Math.max(at.get(step.channel) ?? 0, sequence));
      return { kind: 'delivery', channel: step.channel, sequence };
    });
  });

test('whatever comes, is lost, comes twice or out of turn, and however often the socket goes', () => {
  fc.assert(
    fc.property(events, (happened) => {
      const seen = play(happened, false, false);
      expect(play(happened, true, false)).toEqual(seen);
    }),
    { numRuns: 2_000 },
  );
});

test('a gap that is open when the socket goes is the session’s to close: all comes to it', () => {
  const delivery = (sequence: number): Event => ({ kind: 'delivery', channel: 4, sequence });
  const happened: Event[] = [
    ...[delivery(1), delivery(4), { kind: 'gone' } as const],
    ...[delivery(2), delivery(3), { kind: 'history', channel: 4 } as const],
    ...[delivery(4), delivery(5), delivery(5)],
  ];
  const seen = play(happened, false, false);
  expect(play(happened, true, false)).toEqual(seen);
  expect(seen.lines).toContain('known 4');
  expect(seen.lines).toContain('R 0 0 4 1 5 2 2');
});

test('who listens is handed every delivery, each once', () => {
  fc.assert(
    fc.property(events, (happened) => {
      expect(play(happened, true, true)).toEqual(play(happened, false, true));
    }),
  );
});

test('a book that is counted elsewhere has all of it where it is needed', () => {
  const delivery = (sequence: number): Event => ({ kind: 'delivery', channel: 4, sequence });
  const { books, handedOver } = live(
    [delivery(1), delivery(2), { kind: 'history', channel: 4 }, { kind: 'gone' }, delivery(3)],
    true,
    false,
  );
  expect(handedOver, 'all came in their turn').toBe(0);
  expect(books.lines).toContain('known 2');
  expect(books.lines).toContain('R 0 0 4 1 3 0 0');
  expect(books.joins[1]).toEqual([
    [4, 2],
    [5, 0],
    [6, 0],
  ]);
});
