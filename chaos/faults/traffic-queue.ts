/**
 * A queue on a server's network interface that holds its outgoing packets up
 * (tc), all of them or those to some servers, and what the kernel counts in
 * it. Incoming packets pass: a server is delayed by what it sends, as a slow
 * uplink does.
 */
import type { Cluster, Moment, Server, ServerId } from '../../cluster/cluster.ts';
import { type Look } from './evidence.ts';
import type { FarEnd } from './link.ts';
import { strikeOrFail } from './strike.ts';

/** The network interface of a server. */
const INTERFACE = 'eth0';
/** Of the classes that only sort packets: far beyond what one machine sends itself. */
const UNLIMITED = '32gbit';

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
  towards: FarEnd,
): Queue => ({
  put: () =>
    strikeOrFail(
      (command) => cluster.execOnServer(server, command),
      towards === 'everybody'
        ? ['tc', 'qdisc', 'replace', 'dev', INTERFACE, 'root', ...queue]
        : ['sh', '-c', sorting(queue, towards)],
      server,
    ),
  async remove() {
    await cluster.execOnServer(server, ['tc', 'qdisc', 'del', 'dev', INTERFACE, 'root']);
  },
});

/** Packets to these addresses go through the queue, all others past it. */
const sorting = (queue: readonly string[], towards: readonly Server[]): string => `set -e
tc qdisc replace dev ${INTERFACE} root handle 1: htb default 1
tc class add dev ${INTERFACE} parent 1: classid 1:1 htb rate ${UNLIMITED} quantum 60000
tc class add dev ${INTERFACE} parent 1: classid 1:2 htb rate ${UNLIMITED} quantum 60000
tc qdisc add dev ${INTERFACE} parent 1:2 ${queue.join(' ')}
${towards.map(({ address }) => `tc filter add dev ${INTERFACE} parent 1: protocol ip u32 match ip dst ${address}/32 flowid 1:2`).join('\n')}`;

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
    const own = listing
      .split(/^(?=qdisc )/m)
      .find((each) => each.startsWith(`qdisc ${discipline} `));
    const counted = Number(new RegExp(`${count} (\\d+)`).exec(own ?? '')?.[1] ?? 0);
    return {
      ok: counted > 0,
      seen: (own ?? listing).trim().replace(/\s+/g, ' ').slice(0, 200),
    };
  },
});
