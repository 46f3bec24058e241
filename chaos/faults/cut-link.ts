/**
 * The primary's server is off the network, in both directions, while every
 * process on it lives: a dead switch port, a pulled cable. The dangerous
 * one: the old primary still believes in itself, with commits under way.
 * Threatens split brain; quorum commit is what makes it unable to
 * acknowledge anything.
 *
 * nftables rules in the server's own namespace drop all but loopback and
 * count what they drop. Healing deletes the table.
 */
import { FAULT_TABLE } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { observe, portSilent, promotedElsewhere, timelineOf } from './evidence.ts';
import type { Fault } from './fault.ts';
import { findPrimary } from './target.ts';

const CUT = `
table inet ${FAULT_TABLE} {
  chain incoming { type filter hook input priority -300; policy accept; iifname != "lo" counter drop; }
  chain outgoing { type filter hook output priority -300; policy accept; oifname != "lo" counter drop; }
}`;

/** Packets counted by all rules of a listed table. */
export function packetsDropped(listing: string): number {
  return [...listing.matchAll(/counter packets (\d+)/g)].reduce(
    (sum, [, packets]) => sum + Number(packets),
    0,
  );
}

export const cutLink = {
  kind: 'cut-link',
  imitates: 'the primary’s server drops off the network, all its processes alive',
  aim: 'primary',
  failover: true,
  target: findPrimary,
  async inject({ cluster, signal }, target) {
    const timeline = await timelineOf(cluster, target);
    const heal = async () => {
      await cluster.execOnServer(target, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
    };
    const cut = await cluster.execOnServer(target, ['nft', CUT]);
    if (cut.exitCode !== 0) {
      await heal();
      throw new HoldfastError({
        code: 'fault-not-injected',
        message: `nft could not cut ${target} off (exit ${cut.exitCode}): ${cut.stderr.trim()}`,
        remedy: 'holdfast doctor says whether this kernel has nftables in a network namespace',
      });
    }
    return {
      target,
      prove: (timeoutMs) =>
        observe(
          [
            {
              what: `packets to and from ${target} are dropped`,
              async look() {
                const listing = await cluster.execOnServer(target, [
                  'nft',
                  'list',
                  'table',
                  'inet',
                  FAULT_TABLE,
                ]);
                const packets = packetsDropped(listing.stdout);
                return { ok: packets > 0, seen: `${packets} packets` };
              },
            },
            {
              what: `PostgreSQL on ${target} is alive behind the cut`,
              async look() {
                const found = await cluster.execInProcess(`${target}/patroni`, [
                  'pgrep',
                  '-o',
                  '-x',
                  'postgres',
                ]);
                return {
                  ok: found.exitCode === 0,
                  seen: found.exitCode === 0 ? `process ${found.stdout.trim()}` : 'no process',
                };
              },
            },
            portSilent(cluster, target, cluster.secrets.database.port),
            promotedElsewhere(cluster, target, timeline),
          ],
          timeoutMs,
          signal,
        ),
      heal,
      [Symbol.asyncDispose]: heal,
    };
  },
} as const satisfies Fault;
