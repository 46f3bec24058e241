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
import { type Cluster, FAULT_TABLE, type ServerId } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { type Look, observe, outOfReach } from './evidence.ts';
import type { Fault } from './fault.ts';
import { strikeWith } from './strike.ts';
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
  async prepare(context, target) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    const heal = async () => {
      await cluster.execOnServer(target, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
    };
    return async () => {
      const { struck, result } = await strikeWith(
        (command) => cluster.execOnServer(target, command),
        ['nft', CUT],
      );
      if (result.exitCode !== 0) {
        await heal();
        throw new HoldfastError({
          code: 'fault-not-injected',
          message: `nft could not cut ${target} off (exit ${result.exitCode}): ${result.stderr.trim()}`,
          remedy: 'holdfast doctor says whether this kernel has nftables in a network namespace',
        });
      }
      const looks = [dropping(cluster, target), aliveBehind(cluster, target), ...unreachable];
      return {
        struck,
        prove: (timeoutMs) => observe(looks, timeoutMs, context.signal),
        heal,
        [Symbol.asyncDispose]: heal,
      };
    };
  },
} as const satisfies Fault;

const dropping = (cluster: Cluster, server: ServerId): Look => ({
  what: `packets to and from ${server} are dropped`,
  async look() {
    const list = ['nft', 'list', 'table', 'inet', FAULT_TABLE];
    const packets = packetsDropped((await cluster.execOnServer(server, list)).stdout);
    return { ok: packets > 0, seen: `${packets} packets` };
  },
});

const aliveBehind = (cluster: Cluster, server: ServerId): Look => ({
  what: `PostgreSQL on ${server} is alive behind the cut`,
  async look() {
    const { exitCode, stdout } = await cluster.execInProcess(`${server}/patroni`, [
      'pgrep',
      '-o',
      '-x',
      'postgres',
    ]);
    return { ok: exitCode === 0, seen: exitCode === 0 ? `process ${stdout.trim()}` : 'no process' };
  },
});
