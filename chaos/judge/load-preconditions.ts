/**
 * Was the load really on the service, and was the generator fit to judge it?
 * A generator that cannot keep up measures itself.
 */
import type { Precondition } from '../findings.ts';
import { LOOP_LAG_FIELDS, SEND_LAG_FIELDS } from '../ledger/client-records.ts';
import { eventsOf } from '../ledger/events.ts';
import { hasFinished } from '../ledger/ledgers.ts';
import { percentile } from '../statistics.ts';
import { NO_WINDOW, type Evidence, type PreconditionOf } from './evidence.ts';

/** Users who lose their socket for reasons of their own come back within seconds; 1 % are away at most. */
const PLATEAU_SHARE = 0.99;
const OFFERED_SHARE = 0.99;
/** A tenth of the as-sent bound of 1 s: what the generator adds must not decide about a message. */
const SEND_LAG_MS_MAX = 100;
/** So much of the error budget may be the generator's own doing. */
const BLUR_OF_BUDGET = 0.1;

function usersConnected({ plan, observed }: Evidence): Precondition {
  const byUsers = observed.users?.max ?? null;
  const byServers = observed.socketsMax;
  return {
    id: 'users-connected',
    title: 'All users are connected at once, by the count of the servers and of the generator',
    met: byUsers !== null && byServers !== null && Math.min(byUsers, byServers) >= plan.users,
    measured: `${byServers ?? 'not counted'} sockets by the servers, ${byUsers ?? 'not counted'} by the generator`,
    required: `at least ${plan.users} by both in the window`,
  };
}

function plateauHeld({ plan, observed }: Evidence): Precondition {
  const required = Math.ceil(PLATEAU_SHARE * plan.users);
  const { users } = observed;
  return {
    id: 'plateau-held',
    title: 'The users stay connected, but for those whom a fault cuts off',
    met: users !== null && users.min >= required,
    measured: users === null ? NO_WINDOW : `never under ${users.min} users`,
    required: `never under ${required} users (99 %)`,
  };
}

function offeredLoad({ outcomes }: Evidence): Precondition {
  const share = outcomes === null || outcomes.count === 0 ? null : outcomes.sent / outcomes.count;
  return {
    id: 'offered-load',
    title: 'The messages that users meant to send in the window were sent',
    met: share !== null && share >= OFFERED_SHARE,
    measured:
      outcomes === null
        ? NO_WINDOW
        : `${outcomes.sent} of ${outcomes.count} messages${share === null ? '' : ` (${(share * 100).toFixed(2)} %)`}`,
    required: 'at least 99 %',
  };
}

/** Only first attempts of users who were connected with nothing under way: nothing else delayed them. */
function sendLag(evidence: Evidence): Precondition {
  const lags = lagsInWindow(
    evidence,
    evidence.ledgers.records.sendLags.view(),
    SEND_LAG_FIELDS,
  ).sort();
  const p99 = percentile(lags, 99);
  return {
    id: 'send-lag',
    title: 'The generator sends when the user means to',
    met: p99 !== null && p99 <= SEND_LAG_MS_MAX,
    measured: p99 === null ? 'no send to measure it on' : `99 % within ${p99} ms`,
    required: `99 % within ${SEND_LAG_MS_MAX} ms`,
  };
}

/**
 * While a virtual user's event loop stands still for as long as the as-sent bound, its users'
 * messages look late and nothing can be said of them. Availability is a share of messages, so what
 * blurs it is a share of the users' time, and may be a tenth of the error budget. The longest stop
 * says little: it grows with the number of loops and the length of the run.
 */
function eventLoopLag({ window, plan, ledgers }: Evidence): Precondition {
  const { asSentMs, availability } = plan.objective;
  const lags = lagsInWindow({ window, ledgers }, ledgers.records.loopLags.view(), LOOP_LAG_FIELDS);
  const stops = lags.filter((lag) => lag >= asSentMs);
  const stoppedMs = stops.reduce((sum, lag) => sum + lag, 0);
  const longestMs = lags.reduce((most, lag) => Math.max(most, lag), 0);
  const loops = ledgers.shards.reduce((sum, { header }) => sum + header.virtualUsers, 0);
  const loopMs = window === null ? 0 : (window.toMs - window.fromMs) * loops;
  const share = loopMs === 0 ? null : stoppedMs / loopMs;
  const shareMax = (1 - availability) * BLUR_OF_BUDGET;
  return {
    id: 'event-loop-lag',
    title: 'The event loops of the generator did not stand still',
    met: share !== null && share <= shareMax,
    measured:
      share === null
        ? NO_WINDOW
        : `${percent(share)} of their time, in ${stops.length} stops; the longest lag ${longestMs} ms`,
    required: `at most ${percent(shareMax)} of their time in stops of ${asSentMs} ms or more`,
  };
}

const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

function lagsInWindow(
  { window, ledgers }: Pick<Evidence, 'window' | 'ledgers'>,
  entries: Int32Array,
  fields: number,
): Int32Array {
  if (window === null) return new Int32Array(0);
  const lags = new Int32Array(entries.length / fields);
  let count = 0;
  for (let at = 0; at < entries.length; at += fields) {
    const atMs = (entries[at] as number) + ledgers.baseMs;
    if (atMs >= window.fromMs && atMs < window.toMs) {
      lags[count++] = entries[at + 1] as number;
    }
  }
  return lags.subarray(0, count);
}

function shardsFinished({ ledgers, events }: Evidence): Precondition {
  const { shards } = ledgers;
  const exits = eventsOf(events, 'shard-exited');
  const wrong = shards.flatMap((shard) => {
    const number = shard.header.shard;
    const exit = exits.findLast((event) => event.shard === number);
    const parts: string[] = [];
    if (!hasFinished(shard)) {
      parts.push(
        `${shard.finishedVirtualUsers} of ${shard.header.virtualUsers} virtual users finished`,
      );
    }
    if (shard.torn) parts.push('its ledger ends in the middle of a line');
    if (exit === undefined) parts.push('its exit was not seen');
    else if (exit.exitCode !== 0) parts.push(`exited with ${exit.exitCode}`);
    return parts.length === 0 ? [] : [`shard ${number}: ${parts.join(', ')}`];
  });
  const failed = exits.filter(
    ({ shard, exitCode }) => exitCode !== 0 && !shards.some(({ header }) => header.shard === shard),
  );
  wrong.push(...failed.map(({ shard, exitCode }) => `shard ${shard}: exited with ${exitCode}`));
  return {
    id: 'shards-finished',
    title: 'Every shard of the generator finished in good order',
    met: shards.length > 0 && wrong.length === 0,
    measured: wrong.length === 0 ? `${shards.length} shards finished` : wrong.join('; '),
    required: 'every virtual user finished, every shard exited with 0',
  };
}

export const LOAD_PRECONDITIONS: readonly PreconditionOf[] = [
  usersConnected,
  plateauHeld,
  offeredLoad,
  sendLag,
  eventLoopLag,
  shardsFinished,
];
