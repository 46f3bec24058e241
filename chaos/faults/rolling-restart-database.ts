/**
 * The whole database is restarted, one member after the other, as an upgrade
 * does: first each replica, then the primary hands over, then it is restarted
 * too. Threatens the quorum if the next goes before the last is back, and
 * every session at the hand-over.
 *
 * Each member's Patroni is told to end (SIGTERM), which stops its PostgreSQL
 * in good order; its supervisor starts it again. Runs in the background from
 * the strike on. Healing lets it finish.
 */
import { awaitCondition } from '../../cluster/await.ts';
import { lookAtRedundancy } from '../redundancy.ts';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import { type Look, promotedElsewhere, timelineOf } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { findPatroni } from './processes.ts';
import { askPatroni } from './switchover.ts';
import { findPrimary, namesOf } from './target.ts';

/** A member is back within 10 s; a loaded machine takes longer. */
const STEP_TIMEOUT_MS = 90_000;

export const rollingRestartDatabase = defineFault({
  kind: 'rolling-restart-database',
  imitates: 'an upgrade restarts every database server, the primary last',
  aim: 'all database servers',
  failover: true,
  expects: { kind: 'keeps-going', gapMsMax: 8_000 },
  leansOn: ['database'],
  holdSec: 90,
  options: {},
  target: async (context) => {
    const primary = await findPrimary(context);
    const replicas = context.cluster.servers.filter(
      ({ id, role }) => role === 'db' && id !== primary,
    );
    return [...replicas.map(({ id }) => id), primary].join(', ');
  },
  async prepare(context, target) {
    const servers = namesOf(target);
    const primary = servers.at(-1) ?? '';
    const timeline = await timelineOf(context.cluster, primary);
    return async () => {
      const atMs = Date.now();
      const restarted: string[] = [];
      const rolling = (async () => {
        for (const server of servers) {
          if (server === primary) await handOver(context, primary);
          await restart(context, server);
          restarted.push(server);
        }
      })();
      // Its failure is told by the proof, which never sees the last member restarted.
      rolling.catch(() => undefined);
      const all: Look = {
        what: `restarted and following again: ${target}`,
        look: () =>
          Promise.resolve({
            ok: restarted.length === servers.length,
            seen: restarted.join(', ') || 'none yet',
          }),
      };
      return activeFault(context, {
        struck: { fromMs: atMs, toMs: atMs },
        looks: [all, promotedElsewhere(context.cluster, primary, timeline)],
        lasts: NOTHING_LASTS,
        heal: async () => {
          await Promise.allSettled([rolling]);
        },
      });
    };
  },
});

async function handOver({ cluster, signal }: FaultContext, leader: string) {
  await cluster.execInProcess(`${leader}/patroni`, askPatroni('switchover', { leader }));
  await awaitCondition(() => lookAtRedundancy(cluster), {
    what: `another than ${leader} to lead and all others to follow`,
    timeoutMs: STEP_TIMEOUT_MS,
    everyMs: 250,
    signal,
  });
}

async function restart({ cluster, signal }: FaultContext, server: string): Promise<void> {
  const old = await findPatroni(cluster, server);
  await cluster.execInProcess(`${server}/patroni`, ['kill', '-TERM', old]);
  await awaitCondition(
    async () => {
      const now = await findPatroni(cluster, server).catch(() => '');
      const whole = await lookAtRedundancy(cluster);
      return {
        met: now !== '' && now !== old && whole.met,
        seen: `Patroni is process ${now}, was ${old}; ${whole.seen}`,
      };
    },
    { what: `${server} to follow again`, timeoutMs: STEP_TIMEOUT_MS, everyMs: 250, signal },
  );
}
