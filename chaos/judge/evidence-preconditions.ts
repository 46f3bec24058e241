/** Is the evidence itself whole: the run, its ledgers, the rows of every node, the clocks? */
import type { Precondition } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import { listed, type Evidence, type PreconditionOf } from './evidence.ts';

/**
 * Times of servers are only held against those of the harness for the first
 * commit after a promotion; 50 ms is a twentieth of what is told about it.
 */
const CLOCK_OFFSET_MS_MAX = 50;

function runComplete({ events }: Evidence): Precondition {
  const ended = eventsOf(events, 'run-ended').at(-1);
  const interrupted = eventsOf(events, 'interrupted')[0];
  const state =
    interrupted !== undefined
      ? `interrupted: ${interrupted.reason}`
      : ended === undefined
        ? 'the event log ends before the run does'
        : ended.complete
          ? 'complete'
          : 'ended early';
  return {
    id: 'run-complete',
    title: 'The run went through to its end',
    met: state === 'complete',
    measured: state,
    required: 'complete, not interrupted',
  };
}

function ledgersWhole({ ledgers, eventProblems }: Evidence): Precondition {
  const problems = [
    ...eventProblems,
    ...ledgers.clientProblems,
    ...ledgers.rowProblems,
    ...ledgers.population.problems,
  ];
  return {
    id: 'ledgers-whole',
    title: 'Every line of the evidence can be read and agrees with the plan',
    met: problems.length === 0 && ledgers.shards.length > 0,
    measured:
      problems.length > 0
        ? problems.join('; ')
        : ledgers.shards.length === 0
          ? 'there is no client ledger'
          : 'no line is missing or malformed',
    required: 'no line missing or malformed',
  };
}

function rowsComplete({ ledgers, events }: Evidence): Precondition {
  const reads = eventsOf(events, 'rows-read');
  const complete = ledgers.nodes.filter(
    (node) =>
      ledgers.rows.some((rows) => rows.node === node && rows.complete) &&
      reads.findLast((event) => event.node === node)?.complete === true,
  );
  const lacking = ledgers.nodes.filter((node) => !complete.includes(node));
  return {
    id: 'rows-complete',
    title: 'The rows of every database node were read to the end',
    met: ledgers.nodes.length > 0 && lacking.length === 0,
    measured:
      ledgers.nodes.length === 0
        ? 'environment.json names no database nodes'
        : `complete: ${listed(complete)}; not: ${listed(lacking)}`,
    required: ledgers.nodes.length === 0 ? 'every database node' : ledgers.nodes.join(', '),
  };
}

function clocksAgree({ events }: Evidence): Precondition {
  const clocks = eventsOf(events, 'clock');
  const beyond = ({ offsetMs, uncertaintyMs }: (typeof clocks)[number]): number =>
    Math.max(0, Math.abs(offsetMs) - uncertaintyMs);
  const worst = clocks.reduce<(typeof clocks)[number] | undefined>(
    (most, each) => (most === undefined || beyond(each) > beyond(most) ? each : most),
    undefined,
  );
  return {
    id: 'clocks',
    title: 'The clocks of the servers and of the harness agree',
    met: worst !== undefined && beyond(worst) <= CLOCK_OFFSET_MS_MAX,
    measured:
      worst === undefined
        ? 'not measured'
        : `${worst.server} is off by ${worst.offsetMs} ± ${worst.uncertaintyMs} ms`,
    required: `within ${CLOCK_OFFSET_MS_MAX} ms, beyond what the measurement is uncertain by`,
  };
}

export const EVIDENCE_PRECONDITIONS: readonly PreconditionOf[] = [
  runComplete,
  ledgersWhole,
  rowsComplete,
  clocksAgree,
];
