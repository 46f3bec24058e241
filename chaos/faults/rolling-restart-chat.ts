/**
 * Every chat server is restarted, one after the other, as a release does: each
 * is told to leave, and only when it is back in service the next. Threatens
 * what is in its queue when it goes, and deliveries while users move from one
 * to the next; each user may move several times.
 *
 * Runs in the background from the strike on. Healing lets it finish.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '../../cluster/cluster.ts';
import { awaitEnd, awaitReady } from '../service-process.ts';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { findApps, namesOf } from './target.ts';

/** Two good checks of the balancers, half a second apart, bring it back. */
const BACK_IN_POOL_MS = 1_500;

export const rollingRestartChat = defineFault({
  kind: 'rolling-restart-chat',
  imitates: 'a release restarts every chat server, one after the other',
  aim: 'all app servers',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  leansOn: ['chat'],
  holdSec: 45,
  options: {},
  target: findApps,
  async prepare(context, target) {
    return async () => {
      const atMs = Date.now();
      const restarted: string[] = [];
      const rolling = (async () => {
        for (const server of namesOf(target)) {
          await restart(context, server);
          restarted.push(server);
        }
      })();
      // Its failure is told by `heal`, which waits for it, and by the proof.
      rolling.catch(() => undefined);
      const all: Look = {
        what: `restarted and ready again: ${target}`,
        look: () =>
          Promise.resolve({
            ok: restarted.length === namesOf(target).length,
            seen: restarted.join(', ') || 'none yet',
          }),
      };
      return activeFault(context, {
        struck: { fromMs: atMs, toMs: atMs },
        looks: [all],
        lasts: NOTHING_LASTS,
        heal: async () => {
          await Promise.allSettled([rolling]);
          await Promise.all(
            namesOf(target).map((server) => context.cluster.startProcess(`${server}/chat`)),
          );
        },
      });
    };
  },
});

async function restart(context: FaultContext, server: string): Promise<void> {
  const { cluster, signal } = context;
  const process: ServiceProcess = { id: `${server}/chat`, server, component: 'chat' };
  await cluster.signalProcess(process.id, 'SIGTERM');
  await awaitEnd(context, process);
  await cluster.startProcess(process.id);
  await awaitReady(context, process);
  await pause(BACK_IN_POOL_MS, undefined, { signal });
}
