/**
 * Packet rules in a server's own network namespace, in one table that bears
 * our name: put there in one step, counted, and deleted whole.
 */
import { type Cluster, FAULT_TABLE, type Moment, type ServerId } from '../../cluster/cluster.ts';
import type { Look } from './evidence.ts';
import { strikeOrFail } from './strike.ts';

/** One rule a line, as nftables writes them; each counts. */
export interface Rules {
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

/** Loopback is not the network: what runs on the server still finds its neighbours there. */
export const CUT_BOTH: Rules = {
  incoming: ['iifname != "lo" counter drop'],
  outgoing: ['oifname != "lo" counter drop'],
};

const chain = (hook: 'input' | 'output', rules: readonly string[]): string =>
  `  chain ${hook} {
    type filter hook ${hook} priority 0; policy accept;
${rules.map((rule) => `    ${rule}`).join('\n')}
  }`;

export interface Cut {
  close(): Promise<Moment>;
  /** Harmless when it is open. */
  open(): Promise<void>;
}

export function closeOff(cluster: Cluster, server: ServerId, rules: Rules): Cut {
  const table = `table inet ${FAULT_TABLE} {
${chain('input', rules.incoming)}
${chain('output', rules.outgoing)}
}`;
  const execute = (command: readonly string[]) => cluster.execOnServer(server, command);
  return {
    close: () => strikeOrFail(execute, ['nft', table], server),
    async open() {
      await execute(['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
    },
  };
}

/** Packets counted by all rules of a listed table. */
export const countPackets = (listing: string): number =>
  [...listing.matchAll(/counter packets (\d+)/g)].reduce(
    (sum, [, packets]) => sum + Number(packets),
    0,
  );

/** The rules on this server have met packets. */
export const packetsDropped = (cluster: Cluster, server: ServerId): Look => ({
  what: `packets of ${server} meet the rules`,
  async look() {
    const list = ['nft', 'list', 'table', 'inet', FAULT_TABLE];
    const packets = countPackets((await cluster.execOnServer(server, list)).stdout);
    return { ok: packets > 0, seen: `${packets} packets` };
  },
});
