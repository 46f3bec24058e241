/**
 * How many processes of each role of the chat service there were while the
 * load ran, by who answered when all were looked at, and what those that were
 * started meanwhile have done.
 *
 * Limit: what came and went between two looks was not there.
 */
import type { ServiceComponent } from '../../cluster/cluster.ts';
import type { RunEvent } from '../events.ts';
import { eventsOf } from '../ledger/events.ts';

export interface ObservedRole {
  /** How many there were, in the order in which that changed. */
  readonly counts: readonly number[];
  /** How often that changed while the other roles' did not. */
  readonly changedAlone: number;
}

export interface ObservedScaling {
  readonly roles: Readonly<Record<ServiceComponent, ObservedRole>>;
  /** Processes that were not there the look before, in order, with what they had done when last seen. */
  readonly started: readonly {
    readonly process: string;
    readonly work: number;
    /** Looks at which it was there, the first included. */
    readonly looks: number;
  }[];
}

const ROLES = ['chat', 'ingest', 'history'] as const satisfies readonly ServiceComponent[];

type Look = Readonly<Record<string, number>>;

const countOf = (look: Look, role: ServiceComponent): number =>
  Object.keys(look).filter((process) => process.endsWith(`/${role}`)).length;

/** Null: nobody looked, as where the service is one process a server. */
export function observeScaling(events: readonly RunEvent[]): ObservedScaling | null {
  const fromMs = eventsOf(events, 'window-began')[0]?.atMs ?? Infinity;
  const toMs = eventsOf(events, 'window-ended')[0]?.atMs ?? Infinity;
  const looks = eventsOf(events, 'roles')
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .map(({ done }) => done);
  if (looks.length === 0) return null;
  const role = (own: ServiceComponent): ObservedRole => {
    const counts: number[] = [];
    let changedAlone = 0;
    looks.forEach((look, index) => {
      const before = looks[index - 1];
      const count = countOf(look, own);
      if (counts.at(-1) !== count) counts.push(count);
      if (before === undefined || countOf(before, own) === count) return;
      const others = ROLES.filter((other) => other !== own);
      if (others.every((other) => countOf(before, other) === countOf(look, other))) changedAlone++;
    });
    return { counts, changedAlone };
  };
  return {
    roles: { chat: role('chat'), ingest: role('ingest'), history: role('history') },
    started: startedIn(looks),
  };
}

function startedIn(looks: readonly Look[]): ObservedScaling['started'] {
  return looks.slice(1).flatMap((look, index) =>
    Object.keys(look)
      .filter((process) => looks[index]?.[process] === undefined)
      .map((process) => {
        const since = looks.slice(index + 1);
        const end = since.findIndex((each) => each[process] === undefined);
        const there = end === -1 ? since : since.slice(0, end);
        return { process, work: there.at(-1)?.[process] ?? 0, looks: there.length };
      }),
  );
}
