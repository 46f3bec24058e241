/**
 * The primary's server and a replica's die in the same instant: a rack, a
 * power circuit. What the two alone had is gone for now, and two of four are
 * left to elect one. Threatens commits that were acknowledged by just these
 * two: with a quorum of one replica that is a real loss of redundancy, and the
 * one case in which an election must wait for whoever has the data.
 *
 * A commit counts when one of three replicas has it. With the primary and one
 * replica gone, the missing commit may be on neither of the two left, so
 * nobody may be promoted: writes have to stop until one of the dead is back.
 * Healing switches both on.
 */
import { activeFault } from './active-fault.ts';
import { type Look, notRunning } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPrimary, findReplica, namesOf, processesOf } from './target.ts';

const ASK_TIMEOUT_MS = 1_500;

export const killTwoServers = defineFault({
  kind: 'kill-two-servers',
  imitates: 'the primary’s server and a replica’s lose power at once',
  aim: 'the primary and a replica',
  // Sent on the wire before the strike, acknowledged after it.
  expects: { kind: 'refuses-writes', fromMs: 1_000, withinMs: 40_000 },
  leansOn: ['database'],
  options: {},
  target: async (context) => [await findPrimary(context), await findReplica(context)].join(', '),
  async prepare(context, target) {
    const { cluster } = context;
    const servers = namesOf(target);
    const noPrimary: Look = {
      what: 'nobody who may lack a commit is promoted',
      async look() {
        const members = await cluster.members(ASK_TIMEOUT_MS);
        const primary = members.find(({ role }) => role === 'primary');
        return { ok: primary === undefined, seen: primary?.server ?? 'no primary' };
      },
    };
    const dead = notRunning(
      cluster,
      servers.flatMap((server) => processesOf(cluster, server)),
    );
    return async () => {
      const moments = await Promise.all(servers.map((server) => cluster.killServer(server)));
      return activeFault(context, {
        struck: {
          fromMs: Math.min(...moments.map(({ fromMs }) => fromMs)),
          toMs: Math.max(...moments.map(({ toMs }) => toMs)),
        },
        looks: [dead, noPrimary],
        lasts: [dead],
        heal: async () => {
          await Promise.all(servers.map((server) => cluster.startServer(server)));
        },
      });
    };
  },
});
