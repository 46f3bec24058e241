/**
 * What the circuit breakers of the chat servers did in a run, and what users
 * felt while they were open. The servers say when theirs opened and closed last;
 * openings that overlap are one outage.
 *
 * A message that was sent when every breaker of the outage was open has to be
 * refused at once. One that waited already when a breaker opened is not part of
 * that: it may still be stored, and waits for its deadline.
 *
 * Limit: the servers are looked at every few seconds, so of two openings of one
 * of them between two looks the earlier is counted and its time is not known.
 */
import type { RunEvent } from '../events.ts';
import type { Series } from '../findings.ts';
import { BUSY_FIELDS, CONNECTION_FIELDS } from '../ledger/client-records.ts';
import { eventsOf } from '../ledger/events.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { percentile } from '../statistics.ts';
import type { Window } from './outcomes.ts';

export interface ObservedCircuit {
  /** How often one opened, all servers together. */
  readonly opened: number;
  readonly servers: readonly string[];
  /** Seen open last. */
  readonly stillOpen: readonly string[];
  /** How long one was open, all outages together. */
  readonly seconds: number;
  /** Answers `busy` meanwhile to messages sent when it was open: the quickest 99 % took at most so long. */
  readonly refused: number;
  readonly refusedMsP99: number | null;
  /** Sockets of users that closed meanwhile, but for those that a fault cut off. */
  readonly socketsClosed: number;
  /** The largest chat server before and meanwhile; null: not sampled. */
  readonly memoryBytes: { readonly before: number; readonly most: number } | null;
}

/** Usage is sampled at least so often. */
const SAMPLED_MS = 10_000;

type CircuitLook = Extract<RunEvent, { readonly kind: 'circuit' }>;

interface CircuitEvidence {
  readonly events: readonly RunEvent[];
  readonly ledgers: Ledgers;
  readonly usage: Series['usage'];
  readonly cutOff: readonly Window[];
}

/** One time that one server's breaker was open. */
interface Opening {
  readonly server: string;
  readonly openedMs: number;
  /** Not set: still open when it was last looked at. */
  closedMs?: number;
}

/** Openings that overlap. */
interface Outage extends Window {
  /** Every breaker that opened in it was open from here to there; empty where the first closed early. */
  readonly allOpen: Window;
}

/** In the order in which they were seen. */
function readOpenings(looks: readonly CircuitLook[]): {
  readonly openings: readonly Opening[];
  readonly opened: number;
} {
  const openings: Opening[] = [];
  const open = new Map<string, Opening>();
  const counts = new Map<string, number>();
  let opened = 0;
  for (const { atMs, server, state, opened: count, openedAtMs, closedAtMs } of looks) {
    const had = counts.get(server) ?? 0;
    counts.set(server, count);
    const before = open.get(server);
    // It closed since, and when is not known: it opened again, or its server was started anew.
    if (before !== undefined && count !== had) before.closedMs = atMs;
    else if (before !== undefined && state === 'closed') before.closedMs = closedAtMs;
    if (before?.closedMs !== undefined) open.delete(server);
    // Less than before: the server was started anew, and its counter with it.
    const more = count < had ? count : count - had;
    if (more === 0) continue;
    opened += more;
    const opening: Opening = { server, openedMs: openedAtMs };
    openings.push(opening);
    if (state === 'closed') opening.closedMs = closedAtMs;
    else open.set(server, opening);
  }
  return { openings, opened };
}

function gatherOutages(openings: readonly Opening[], endMs: number): readonly Outage[] {
  const outages: Outage[] = [];
  const inOrder = openings.toSorted((left, right) => left.openedMs - right.openedMs);
  for (const { openedMs, closedMs = endMs } of inOrder) {
    const last = outages.at(-1);
    if (last === undefined || openedMs > last.toMs) {
      const window: Window = { fromMs: openedMs, toMs: closedMs };
      outages.push({ ...window, allOpen: window });
    } else {
      outages[outages.length - 1] = {
        fromMs: last.fromMs,
        toMs: Math.max(last.toMs, closedMs),
        allOpen: { fromMs: openedMs, toMs: Math.min(last.allOpen.toMs, closedMs) },
      };
    }
  }
  return outages;
}

/** Null: none opened. */
export function observeCircuit(evidence: CircuitEvidence): ObservedCircuit | null {
  const { events, usage } = evidence;
  const { openings, opened } = readOpenings(eventsOf(events, 'circuit'));
  if (openings.length === 0) return null;
  const outages = gatherOutages(openings, events.at(-1)?.atMs ?? 0);
  const stillOpen = openings.filter(({ closedMs }) => closedMs === undefined);
  const openMs = outages.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return {
    opened,
    servers: namesOf(openings),
    stillOpen: namesOf(stillOpen),
    seconds: Math.round(openMs / 100) / 10,
    ...refusalsIn(evidence, outages),
    socketsClosed: closingsIn(evidence, outages),
    memoryBytes: memoryIn(usage, outages),
  };
}

const namesOf = (openings: readonly Opening[]): readonly string[] =>
  [...new Set(openings.map(({ server }) => server))].sort();

const isWithin = (atMs: number, { fromMs, toMs }: Window): boolean =>
  atMs >= fromMs && atMs <= toMs;

function refusalsIn({ ledgers }: CircuitEvidence, outages: readonly Outage[]) {
  const { busy, messages } = ledgers.records;
  const entries = busy.view();
  const tookMs: number[] = [];
  for (let at = 0; at < entries.length; at += BUSY_FIELDS) {
    const firstSentMs = (messages.firstSentMs[entries[at] as number] as number) + ledgers.baseMs;
    const took = entries[at + 2] as number;
    const sentMs = (entries[at + 1] as number) - took + ledgers.baseMs;
    const wasOpen = ({ allOpen }: Outage): boolean =>
      isWithin(firstSentMs, allOpen) && isWithin(sentMs, allOpen);
    if (outages.some(wasOpen)) tookMs.push(took);
  }
  tookMs.sort((a, b) => a - b);
  return { refused: tookMs.length, refusedMsP99: percentile(tookMs, 99) };
}

function closingsIn({ ledgers, cutOff }: CircuitEvidence, outages: readonly Outage[]): number {
  const entries = ledgers.records.connections.view();
  let closed = 0;
  for (let at = 0; at < entries.length; at += CONNECTION_FIELDS) {
    const atMs = (entries[at] as number) + ledgers.baseMs;
    const inAny = (windows: readonly Window[]): boolean =>
      windows.some((window) => isWithin(atMs, window));
    if (entries[at + 2] === -1 && inAny(outages) && !inAny(cutOff)) closed++;
  }
  return closed;
}

/** Sampled every few seconds: one right after a short outage still shows what it took. */
function memoryIn(
  usage: Series['usage'],
  outages: readonly Outage[],
): ObservedCircuit['memoryBytes'] {
  let [before, most] = [0, 0];
  const firstMs = outages[0]?.fromMs ?? 0;
  for (const { id, atMs, memoryBytes } of usage) {
    if (!id.endsWith('/chat')) continue;
    atMs.forEach((sampledMs, sample) => {
      const bytes = memoryBytes[sample] ?? 0;
      const meanwhile = ({ fromMs, toMs }: Outage): boolean =>
        sampledMs >= fromMs && sampledMs <= toMs + SAMPLED_MS;
      if (sampledMs < firstMs) before = Math.max(before, bytes);
      else if (outages.some(meanwhile)) most = Math.max(most, bytes);
    });
  }
  return before === 0 || most === 0 ? null : { before, most };
}
