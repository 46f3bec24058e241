/**
 * Somebody who looks at the newest pages of their channels, through an edge as
 * all users do: for what has to be seen serving them. The load's own readers
 * are few, and may not come by for many seconds.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { signToken } from '../reference-server/token.ts';
import { doorOf, visit } from './door.ts';

/** One of those whom the load logs in too; any would do. */
const USER = 1;
const TOKEN_SEC = 60;
const PAGE_MESSAGES = 10;
/** A page takes milliseconds. */
const ANSWERS_TIMEOUT_MS = 2_000;

/** Asks for so many, one channel after the other; resolves with how many came. */
export async function readPages(
  cluster: Cluster,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const token = await signToken(cluster.secrets.tokenSecret, USER, TOKEN_SEC);
  const answered = Promise.withResolvers<void>();
  let answers = 0;
  let pages = 0;
  using reader = await visit(await doorOf(cluster), USER, token, ([kind]) => {
    if (kind === 'history') pages++;
    if ((kind === 'history' || kind === 'error') && ++answers === count) answered.resolve();
  });
  for (let request = 1; request <= count; request++) {
    const channel = reader.channels[request % reader.channels.length] ?? 0;
    reader.send(['history', request, channel, 0, PAGE_MESSAGES]);
  }
  await Promise.race([answered.promise, pause(ANSWERS_TIMEOUT_MS, undefined, { signal })]);
  return pages;
}
