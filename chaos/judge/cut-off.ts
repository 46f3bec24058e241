/**
 * Faults that cut users off: they take down what holds users' sockets, so
 * users losing theirs is what has to happen, and coming back is what has to
 * follow. All other faults leave users connected; who loses a socket then
 * counts against the plateau.
 */
import type { FaultKind } from '../faults/index.ts';
import { CONNECTION_FIELDS } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import type { Window } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';

const CUTS_USERS_OFF: readonly FaultKind[] = [
  'kill-chat-server',
  'drain-chat-server',
  'rolling-restart-chat',
  'kill-app-server',
  'kill-balancer',
];

/** A user tries again after at most 16 s (`scenarios/session.ts`), and a handshake takes a while. */
const RECONNECT_MS = 20_000;

export const cutsUsersOff = ({ kind }: Pick<FaultSpan, 'kind'>): boolean =>
  CUTS_USERS_OFF.some((each) => each === kind);

/** From the strike until the last user should be back. */
export const timesCutOff = (spans: readonly FaultSpan[]): readonly Window[] =>
  spans
    .filter(cutsUsersOff)
    .map(({ struckMs, overMs }) => ({ fromMs: struckMs, toMs: overMs + RECONNECT_MS }));

export interface CutOff {
  /** Users who lost a socket while the fault lasted. */
  readonly users: number;
  /** Those of them who were connected again before the window ended. */
  readonly back: number;
}

export function cutOffIn({ records, baseMs }: Ledgers, span: FaultSpan, window: Window): CutOff {
  const entries = records.connections.view();
  /** User → connected again since. */
  const users = new Map<number, boolean>();
  for (let at = 0; at < entries.length; at += CONNECTION_FIELDS) {
    const atMs = (entries[at] as number) + baseMs;
    const user = entries[at + 1] as number;
    const closed = (entries[at + 2] as number) < 0;
    if (atMs >= window.toMs) continue;
    if (closed && atMs >= span.struckMs && atMs <= span.overMs) users.set(user, false);
    else if (users.has(user)) users.set(user, !closed);
  }
  const back = [...users.values()].filter((isBack) => isBack).length;
  return { users: users.size, back };
}
