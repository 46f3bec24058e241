/** What one fault did to the service and to its users. */
import type { Elsewhere, FaultReport, Recovery } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { messageCount, NEVER } from '../ledger/messages.ts';
import { judgeExpectation, type Around } from './expectations.ts';
import type { Outcomes } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';
import { unavailableSec } from './unavailable.ts';

export interface FaultCost {
  readonly asSentMs: number;
  readonly objective: number;
}

/** `stricken`: what the fault itself is judged by (`by-database.ts`); its cost is all users'. */
export function faultReport(
  stricken: Ledgers,
  outcomes: Outcomes | null,
  span: FaultSpan & { readonly recovery: Recovery; readonly elsewhere: Elsewhere | null },
  { around, ...cost }: FaultCost & { readonly around: Around },
): FaultReport {
  return {
    id: span.id,
    kind: span.kind,
    target: span.target,
    injectedAt: span.injectedMs === null ? null : isoTime(span.struckMs),
    healedAt: isoTime(span.healedMs),
    inFlight: inFlightAt(stricken, span),
    proof: span.proof,
    newPrimary: span.newPrimary,
    recoveryMs: span.recovery,
    expectation: judgeExpectation(stricken, span, around),
    ...costOf(outcomes, span, cost),
    elsewhere: span.elsewhere,
  };
}

export function isoTime(atMs: number): string;
export function isoTime(atMs: number | null): string | null;
export function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/**
 * Messages sent and not acknowledged when it struck, by the ledgers. It struck at some instant in a
 * span of milliseconds: the least of all these instants counts.
 */
export function inFlightAt(
  { records, baseMs }: Ledgers,
  { struckMs, injectedMs }: FaultSpan,
): number {
  if (injectedMs === null) return 0;
  const { messages } = records;
  const instants = Math.max(1, Math.floor(injectedMs - struckMs) + 1);
  const inFlight = new Int32Array(instants);
  for (let message = 0; message < messageCount(messages); message++) {
    const sentMs = messages.firstSentMs[message] as number;
    const answeredMs = messages.acknowledgedMs[message] as number;
    if (sentMs === NEVER) continue;
    const from = Math.max(0, sentMs + baseMs - struckMs);
    const to = answeredMs === NEVER ? instants : Math.min(instants, answeredMs + baseMs - struckMs);
    for (let instant = from; instant < to; instant++)
      inFlight[instant] = (inFlight[instant] ?? 0) + 1;
  }
  return inFlight.reduce((least, count) => Math.min(least, count));
}

/** Both over the messages meant while the fault lasted. */
function costOf(outcomes: Outcomes | null, span: FaultSpan, { asSentMs, objective }: FaultCost) {
  if (outcomes === null) {
    const unavailableSec = { asSent: 0, withRetries: 0 };
    return { unavailableSec, budgetSpent: null, userSecondsLost: 0 };
  }
  let bad = 0;
  for (let each = 0; each < outcomes.count; each++) {
    const atMs = (outcomes.intendedMs[each] as number) + outcomes.baseMs;
    if (atMs >= span.struckMs && atMs <= span.overMs) bad += 1 - (outcomes.good[each] as number);
  }
  // Rounded, because 1 − 0.99 is not 0.01 in binary and a budget of 150 messages is not 150.0000001.
  const budget = Math.round((1 - objective) * outcomes.count * 1e6) / 1e6;
  const away = (good: Uint8Array): number =>
    unavailableSec(outcomes, good, span.struckMs, span.overMs);
  return {
    unavailableSec: { asSent: away(outcomes.asSent), withRetries: away(outcomes.good) },
    budgetSpent: budget === 0 ? null : bad / budget,
    userSecondsLost: userSecondsLost(outcomes, asSentMs, span.struckMs, span.overMs),
  };
}

/** Sum of the time that messages meant in [fromMs, toMs] waited past the as-sent bound. */
export function userSecondsLost(
  { baseMs, window, count, intendedMs, latencyMs }: Outcomes,
  asSentMs: number,
  fromMs: number,
  toMs: number,
): number {
  let lostMs = 0;
  for (let each = 0; each < count; each++) {
    const atMs = (intendedMs[each] as number) + baseMs;
    if (atMs < fromMs || atMs > toMs) continue;
    const tookMs = latencyMs[each] as number;
    const waitedMs = tookMs === NEVER ? window.toMs - atMs : tookMs;
    lostMs += Math.max(0, waitedMs - asSentMs);
  }
  return lostMs / 1_000;
}
