/**
 * One user floods the service while others go on as before, on every chat
 * server: is the one limited, and do the others notice? After the load, when
 * the rows are read, so that no ledger knows of it (`flood-tried`).
 *
 * The bystander who waited the longest is the one that counts: only those on
 * the flooded server could notice anything.
 *
 * Limit: the machine does nothing else then. It shows what a flood costs
 * others, not what it costs on top of a full load.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { signToken } from '../reference-server/token.ts';
import type { Population } from '../scenarios/population.ts';
import { doorOf, visit, type Door, type Visit } from './door.ts';
import type { EventLog } from './event-log.ts';
import { percentile } from './statistics.ts';

/** Balancers give new sockets to the server with the fewest: six are on all three. */
const BYSTANDERS = 6;
const PHASE_MS = 2_000;
/** Of each bystander: far below what a user may. */
const BYSTANDER_EVERY_MS = 50;
/** Of the flood: 1,000 messages a second, in portions. */
const PORTION_EVERY_MS = 10;
const PORTION = 10;
const LAST_ANSWERS_MS = 1_000;
const TOKEN_SEC = 600;

export async function tryFlood(
  cluster: Cluster,
  population: Population,
  log: EventLog,
): Promise<void> {
  try {
    log.write({ kind: 'flood-tried', ...(await flood(cluster, population)) });
  } catch (error) {
    log.write({ kind: 'note', text: `not tried: a flood: ${String(error)}` });
  }
}

async function flood(cluster: Cluster, population: Population) {
  const door = await doorOf(cluster);
  const count = Math.min(BYSTANDERS, population.users - 1);
  const enter = (user: number): Promise<Talker> => enterAs(door, cluster, population, user);
  await using sockets = new AsyncDisposableStack();
  const abuser = sockets.use(await enter(0));
  const bystanders: Talker[] = [];
  for (let user = 1; user <= count; user++) bystanders.push(sockets.use(await enter(user)));

  for (const each of bystanders) void each.talk(PHASE_MS, BYSTANDER_EVERY_MS, 1);
  await pause(PHASE_MS + LAST_ANSWERS_MS);
  const quiet = bystanders.map((each) => each.takeFigures());
  for (const each of bystanders) void each.talk(PHASE_MS, BYSTANDER_EVERY_MS, 1);
  void abuser.talk(PHASE_MS, PORTION_EVERY_MS, PORTION);
  await pause(PHASE_MS + LAST_ANSWERS_MS);
  const noisy = bystanders.map((each) => each.takeFigures());
  const flooded = abuser.takeFigures();
  return {
    forMs: PHASE_MS,
    sent: flooded.sent,
    acknowledged: flooded.latenciesMs.length,
    limited: flooded.limited,
    bystanders: noisy.reduce((sum, { sent }) => sum + sent, 0),
    bystandersUnanswered: [...quiet, ...noisy].reduce(
      (sum, { sent, latenciesMs }) => sum + sent - latenciesMs.length,
      0,
    ),
    quietMs: slowest(quiet),
    floodMs: slowest(noisy),
  };
}

interface Figures {
  readonly sent: number;
  readonly limited: number;
  /** Ascending. */
  readonly latenciesMs: readonly number[];
}

interface Talker extends Disposable {
  /** Sends so many messages at once, every so often. */
  talk(forMs: number, everyMs: number, atOnce: number): Promise<void>;
  /** Since they were taken last. */
  takeFigures(): Figures;
}

async function enterAs(
  door: Door,
  cluster: Cluster,
  population: Population,
  user: number,
): Promise<Talker> {
  const channel = population.channelsOfUser[user]?.[0] ?? 0;
  const nonce = `flood-${user}-${Date.now()}`;
  const waiting = new Map<string, number>();
  let [sent, limited] = [0, 0];
  let latenciesMs: number[] = [];
  let total = 0;
  const token = await signToken(cluster.secrets.tokenSecret, user, TOKEN_SEC);
  const socket: Visit = await visit(door, user, token, ([kind, first, second]) => {
    if (kind === 'error' && first === 'rate-limited') limited++;
    const key = kind === 'ack' ? first : kind === 'error' ? second : undefined;
    const sentMs = typeof key === 'string' ? waiting.get(key) : undefined;
    if (typeof key !== 'string' || sentMs === undefined) return;
    waiting.delete(key);
    if (kind === 'ack') latenciesMs.push(performance.now() - sentMs);
  });
  return {
    async talk(forMs, everyMs, atOnce) {
      const untilMs = performance.now() + forMs;
      while (performance.now() < untilMs) {
        for (let n = 0; n < atOnce; n++) {
          const key = `${nonce}-${++total}`;
          waiting.set(key, performance.now());
          socket.send(['send', key, channel, 'is anybody there?']);
          sent++;
        }
        await pause(everyMs);
      }
    },
    takeFigures() {
      const figures = { sent, limited, latenciesMs: latenciesMs.sort((a, b) => a - b) };
      [sent, limited, latenciesMs] = [0, 0, []];
      waiting.clear();
      return figures;
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

/** The largest of each percentile; one of whom nothing was answered waited for all of the time. */
function slowest(all: readonly Figures[]): { readonly p50: number; readonly p95: number } {
  const largest = (percent: number): number =>
    Math.max(...all.map(({ latenciesMs }) => percentile(latenciesMs, percent) ?? PHASE_MS));
  return { p50: Math.round(largest(50)), p95: Math.round(largest(95)) };
}
