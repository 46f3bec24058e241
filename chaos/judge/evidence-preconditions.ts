/** Is the evidence itself whole: the run, its ledgers, the rows of every node, the clocks? */
import { isDeepStrictEqual } from 'node:util';
import { shapedLoadOf } from '../../scenarios/shapes/index.ts';
import type { Precondition } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import { listed, NO_WINDOW, type Evidence, type PreconditionOf } from './evidence.ts';

/**
 * Times of servers are only held against those of the harness for the first
 * commit after a promotion; 50 ms is a twentieth of what is told about it.
 */
const CLOCK_OFFSET_MS_MAX = 50;
/** Timers fire a millisecond early now and then. */
const TIMER_SLACK_MS = 20;

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

/** Sentences: where the users' side of the evidence is not that of this plan. */
function strayFromPlan({ plan, ledgers: { shards, schedule } }: Evidence): readonly string[] {
  if (shards.length === 0) return [];
  const held = Math.max(...shards.map(({ header }) => header.firstUser + header.users));
  const compared: readonly (readonly [what: string, planned: number, seen: number])[] = [
    ['the seed', plan.seed, schedule.seed],
    ['users', plan.users, held],
    ['the interval in ms', plan.intervalSec * 1_000, schedule.intervalMs],
  ];
  const { rates } = shapedLoadOf(plan);
  return [
    ...compared
      .filter(([, planned, seen]) => planned !== seen)
      .map(([what, planned, seen]) => `${what}: ${planned} in the plan, ${seen} in the ledgers`),
    ...(isDeepStrictEqual(rates, schedule.rates)
      ? []
      : [`the rates in the ledgers are not those of the shape ${plan.shape.kind}`]),
  ];
}

function ledgersWhole(evidence: Evidence): Precondition {
  const { ledgers, eventProblems } = evidence;
  const problems = [
    ...strayFromPlan(evidence),
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
  // Whoever was seen to be a member of the database has to be read, whatever the environment names.
  const seen = [
    ...eventsOf(events, 'member').map(({ server }) => server),
    ...reads.map(({ node }) => node),
  ];
  const nodes = [...new Set([...ledgers.nodes, ...seen])].sort();
  const complete = nodes.filter((node) => {
    const rows = ledgers.rows.find((each) => each.node === node);
    const read = reads.findLast((event) => event.node === node);
    return (
      ledgers.nodes.includes(node) &&
      rows?.complete === true &&
      read?.complete === true &&
      read.rows === rows.table.rows
    );
  });
  const lacking = nodes.filter((node) => !complete.includes(node));
  return {
    id: 'rows-complete',
    title: 'The rows of every database node were read to the end',
    met: ledgers.nodes.length > 0 && lacking.length === 0,
    measured:
      ledgers.nodes.length === 0
        ? 'environment.json names no database nodes'
        : `complete: ${listed(complete)}; not: ${listed(lacking)}`,
    required: nodes.length === 0 ? 'every database node' : nodes.join(', '),
  };
}

/** A window that was cut would leave out the very time that matters. */
function windowWhole({ plan, window, spans }: Evidence): Precondition {
  const steadyToMs = spans[0]?.struckMs ?? window?.toMs ?? 0;
  const steadyMs = window === null ? null : Math.min(steadyToMs, window.toMs) - window.fromMs;
  return {
    id: 'window-whole',
    title: 'The window begins with the steady phase of the plan',
    met: steadyMs !== null && steadyMs >= plan.steadySec * 1_000 - TIMER_SLACK_MS,
    measured: steadyMs === null ? NO_WINDOW : `steady for ${(steadyMs / 1_000).toFixed(1)} s`,
    required: `at least ${plan.steadySec} s`,
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
  windowWhole,
  clocksAgree,
];
