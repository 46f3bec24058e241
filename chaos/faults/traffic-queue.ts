/**
 * A queue on a server's network interface that holds its outgoing packets up
 * (tc), and what the kernel counts in it. Incoming packets pass: a server is
 * delayed by what it sends, as a slow uplink does.
 */
import type { Cluster, Moment, ServerId } from '../../cluster/cluster.ts';
import { type Look } from './evidence.ts';
import { strikeOrFail } from './strike.ts';

/** The network interface of a server. */
const INTERFACE = 'eth0';

export interface Queue {
  put(): Promise<Moment>;
  /** Harmless when there is none. */
  remove(): Promise<void>;
}

/** `queue`: as tc writes it: `netem delay 100ms`. */
export const trafficQueue = (
  cluster: Cluster,
  server: ServerId,
  queue: readonly string[],
): Queue => ({
  put: () =>
    strikeOrFail(
      (command) => cluster.execOnServer(server, command),
      ['tc', 'qdisc', 'replace', 'dev', INTERFACE, 'root', ...queue],
      server,
    ),
  async remove() {
    await cluster.execOnServer(server, ['tc', 'qdisc', 'del', 'dev', INTERFACE, 'root']);
  },
});

/** The queue is there and has held packets up: sent some, or met its limit, as `count` says. */
export const queueCounts = (
  cluster: Cluster,
  server: ServerId,
  discipline: string,
  count: 'Sent' | 'overlimits',
): Look => ({
  what: `the ${discipline} queue of ${server} counts packets (${count})`,
  async look() {
    const show = ['tc', '-s', 'qdisc', 'show', 'dev', INTERFACE];
    const listing = (await cluster.execOnServer(server, show)).stdout;
    const counted = Number(new RegExp(`${count} (\\d+)`).exec(listing)?.[1] ?? 0);
    return {
      ok: listing.includes(`qdisc ${discipline} `) && counted > 0,
      seen: listing.trim().replace(/\s+/g, ' ').slice(0, 200),
    };
  },
});
