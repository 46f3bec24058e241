/**
 * A made-up run whose channels are shared by two databases: db1 to db4, of
 * which an outage takes the primary, and db5 to db8. Nothing but tests imports it.
 */
import { databaseOf } from '../../reference-server/placement.ts';
import type { RunEvent } from '../events.ts';
import { databaseAt, NODES } from './run-events.fixture.ts';
import { cleanHistory, rowOf, type History, type HistoryOptions } from './run-history.fixture.ts';

const OTHERS = ['db5', 'db6', 'db7', 'db8'];

/** As `cleanHistory`; the outage holds up only what goes to the first database. */
export function twoDatabases(options: HistoryOptions = {}): History {
  const history = cleanHistory(options);
  const { faultAtMs: _, ...calm } = options;
  const undisturbed = cleanHistory(calm);
  const nodes = [...NODES, ...OTHERS];
  for (const [place, message] of history.sent.entries()) {
    if (databaseOf(message.channel, 2) === 0) continue;
    Object.assign(message, undisturbed.sent[place]);
  }
  history.rows = {};
  for (const [place, node] of nodes.entries()) {
    history.rows[node] = history.sent
      .filter(({ channel }) => databaseOf(channel, 2) === databaseAt(place))
      .map((message) => rowOf(history.schedule, message));
  }
  const plan = { ...history.plan, databases: 2 };
  return { ...history, plan, nodes, events: eventsOf(history) };
}

function eventsOf({ events, rows }: History): RunEvent[] {
  return events.flatMap((event): RunEvent[] => {
    switch (event.kind) {
      case 'rows-read': {
        const twin = OTHERS[NODES.indexOf(event.node)] ?? '';
        const read = (node: string) => ({ ...event, node, rows: rows[node]?.length ?? 0 });
        return [read(event.node), read(twin)];
      }
      case 'replica-write':
        return [event, { ...event, node: OTHERS[NODES.indexOf(event.node)] ?? '' }];
      case 'member':
        return event.atMs !== events[1]?.atMs
          ? [event]
          : [event, { ...event, server: OTHERS[NODES.indexOf(event.server)] ?? '', database: 1 }];
      case 'leader':
        return event.leader === 'db1' ? [event, { ...event, leader: 'db5', database: 1 }] : [event];
      default:
        return [event];
    }
  });
}
