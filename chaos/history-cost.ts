/**
 * What a page of history costs the database, with the service's cache and
 * without: the newest page of a channel is asked for again and again, and then
 * the same messages by their place, which the cache does not serve. After the
 * load, when the rows are read; nobody writes, so the pages have to be the same
 * (`history-tried`).
 *
 * The queries are those that the chat servers count; that they count right is
 * shown by their own tests against a real database.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { signToken } from '../reference-server/token.ts';
import type { Population } from '../scenarios/population.ts';
import { doorOf, visit, type Frame } from './door.ts';
import type { EventLog } from './event-log.ts';
import { growthOf, readCounters, totalOf } from './service-counters.ts';

const REQUESTS = 25;
const PAGE_MESSAGES = 20;
const ANSWER_TIMEOUT_MS = 5_000;
const TOKEN_SEC = 600;
/** Who has no messages in any channel has no history to ask for; the next one may. */
const USERS_TRIED = 20;

export async function tryHistoryCost(
  cluster: Cluster,
  population: Population,
  log: EventLog,
): Promise<void> {
  try {
    for (let user = 0; user < Math.min(USERS_TRIED, population.users); user++) {
      const cost = await costFor(cluster, population, user);
      if (cost === undefined) continue;
      log.write({ kind: 'history-tried', requests: REQUESTS, ...cost });
      return;
    }
    log.write({ kind: 'note', text: 'not tried: what history costs: no channel has any' });
  } catch (error) {
    log.write({ kind: 'note', text: `not tried: what history costs: ${String(error)}` });
  }
}

async function costFor(cluster: Cluster, population: Population, user: number) {
  const token = await signToken(cluster.secrets.tokenSecret, user, TOKEN_SEC);
  let answered: ((frame: Frame) => void) | undefined;
  using socket = await visit(await doorOf(cluster), user, token, (frame) => answered?.(frame));
  let requests = 0;

  async function ask(channel: number, before: number): Promise<readonly unknown[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    answered = resolve;
    const late = setTimeout(
      () => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)),
      ANSWER_TIMEOUT_MS,
    );
    socket.send(['history', ++requests, channel, before, PAGE_MESSAGES]);
    try {
      const frame = await promise;
      const page = frame[3];
      if (frame[0] === 'history' && Array.isArray(page)) return page;
      throw new Error(`the answer was ${frame.slice(0, 3).join(' ')}`);
    } finally {
      clearTimeout(late);
    }
  }

  async function readsOf(pages: Set<string>, channel: number, before: number): Promise<number> {
    const counted = await readCounters(cluster);
    for (let n = 0; n < REQUESTS; n++) pages.add(JSON.stringify(await ask(channel, before)));
    const grew = growthOf(counted, await readCounters(cluster));
    return totalOf(new Map(Object.entries(grew)), 'chat_history_database_reads_total');
  }

  // The room first: the most is written there.
  for (const channel of [...(population.channelsOfUser[user] ?? [])].reverse()) {
    const last = (await ask(channel, 0)).at(-1);
    const head = Array.isArray(last) ? Number(last[0]) : 0;
    if (head === 0) continue;
    const pages = new Set<string>();
    const readsWith = await readsOf(pages, channel, 0);
    const readsWithout = await readsOf(pages, channel, head + 1);
    return { readsWith, readsWithout, same: pages.size === 1 };
  }
  return undefined;
}
