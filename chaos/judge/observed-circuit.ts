/**
 * What the circuit breakers of the chat servers did in a run, and what users
 * felt while they were open: from the fault before the first opening to the
 * last closing that was seen.
 *
 * A message that was sent when a breaker was open has to be refused at once. One
 * that waited already when it opened is not part of that: it may still be
 * stored, and waits for its deadline.
 *
 * Limit: states are looked at every few seconds, so of two openings between two
 * looks the earlier is counted and its time is not known.
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
  readonly seconds: number;
  /** Answers `busy` meanwhile to messages sent when it was open: the quickest 99 % took at most so long. */
  readonly refused: number;
  readonly refusedMsP99: number | null;
  /** Sockets of users that closed meanwhile, but for those that a fault cut off. */
  readonly socketsClosed: number;
  /** The largest chat server before and meanwhile; null: not sampled. */
  readonly memoryBytes: { readonly before: number; readonly most: number } | null;
}

interface CircuitEvidence {
  readonly events: readonly RunEvent[];
  readonly ledgers: Ledgers;
  readonly usage: Series['usage'];
  readonly cutOff: readonly Window[];
}

/** Null: none opened. */
export function observeCircuit(evidence: CircuitEvidence): ObservedCircuit | null {
  const { events, usage } = evidence;
  const looks = eventsOf(events, 'circuit');
  const last = new Map<string, (typeof looks)[number]>();
  const servers = new Set<string>();
  let opened = 0;
  let firstMs: number | undefined;
  const openedAtMs: number[] = [];
  for (const look of looks) {
    const before = last.get(look.server)?.opened ?? 0;
    // Less than before: the server was started anew, and its counter with it.
    const more = look.opened < before ? look.opened : look.opened - before;
    last.set(look.server, look);
    if (more === 0) continue;
    opened += more;
    servers.add(look.server);
    openedAtMs.push(look.openedAtMs);
    firstMs ??= look.atMs;
  }
  if (firstMs === undefined) return null;
  const openedMs = firstMs;
  const closedMs = looks.findLast(({ state }) => state === 'closed')?.atMs ?? openedMs;
  const stillOpen = [...last.values()].filter(({ state }) => state !== 'closed');
  const struck = eventsOf(events, 'fault-injecting').findLast(({ atMs }) => atMs <= openedMs);
  const span: Window = {
    fromMs: struck?.atMs ?? openedMs,
    toMs: stillOpen.length > 0 ? (events.at(-1)?.atMs ?? closedMs) : Math.max(openedMs, closedMs),
  };
  return {
    opened,
    servers: [...servers].sort(),
    stillOpen: stillOpen.map(({ server }) => server).sort(),
    seconds: Math.round((span.toMs - span.fromMs) / 1_000),
    ...refusalsIn(evidence, span, openedAtMs),
    socketsClosed: closingsIn(evidence, span),
    memoryBytes: memoryIn(usage, span),
  };
}

function refusalsIn({ ledgers }: CircuitEvidence, span: Window, openedAtMs: readonly number[]) {
  const { busy, messages } = ledgers.records;
  const entries = busy.view();
  const tookMs: number[] = [];
  for (let at = 0; at < entries.length; at += BUSY_FIELDS) {
    const sentMs = (messages.firstSentMs[entries[at] as number] as number) + ledgers.baseMs;
    const atMs = (entries[at + 1] as number) + ledgers.baseMs;
    if (atMs < span.fromMs || atMs > span.toMs) continue;
    // Whatever server it was sent to had opened by then.
    const opened = openedAtMs.filter((each) => each <= atMs);
    if (opened.length > 0 && sentMs >= Math.max(...opened)) tookMs.push(entries[at + 2] as number);
  }
  tookMs.sort((a, b) => a - b);
  return { refused: tookMs.length, refusedMsP99: percentile(tookMs, 99) };
}

function closingsIn({ ledgers, cutOff }: CircuitEvidence, span: Window): number {
  const entries = ledgers.records.connections.view();
  let closed = 0;
  for (let at = 0; at < entries.length; at += CONNECTION_FIELDS) {
    const atMs = (entries[at] as number) + ledgers.baseMs;
    const isWithin = ({ fromMs, toMs }: Window): boolean => atMs >= fromMs && atMs <= toMs;
    if (entries[at + 2] === -1 && isWithin(span) && !cutOff.some(isWithin)) closed++;
  }
  return closed;
}

function memoryIn(usage: Series['usage'], span: Window): ObservedCircuit['memoryBytes'] {
  let [before, most] = [0, 0];
  for (const { id, atMs, memoryBytes } of usage) {
    if (!id.endsWith('/chat')) continue;
    atMs.forEach((sampledMs, sample) => {
      const bytes = memoryBytes[sample] ?? 0;
      if (sampledMs < span.fromMs) before = Math.max(before, bytes);
      else if (sampledMs <= span.toMs) most = Math.max(most, bytes);
    });
  }
  return before === 0 || most === 0 ? null : { before, most };
}
