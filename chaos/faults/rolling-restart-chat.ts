/**
 * Every chat server is restarted, one after the other, as a release does: each
 * is told to leave, and only when it is back in service the next. Threatens
 * what is in its queue when it goes, and deliveries while users move from one
 * to the next; each user may move several times.
 *
 * Runs in the background from the strike on. Healing lets it finish.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ports } from '../../cluster/ports.ts';
import { awaitCondition } from '../../cluster/await.ts';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { namesOf } from './target.ts';

/** It drains within 10 s and starts within 2; a loaded machine takes longer. */
const STEP_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 200;
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
  target: async ({ cluster }) =>
    cluster.servers
      .filter(({ role }) => role === 'app')
      .map(({ id }) => id)
      .join(', '),
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

async function restart({ cluster, signal }: FaultContext, server: string): Promise<void> {
  const process = `${server}/chat`;
  const address = cluster.servers.find(({ id }) => id === server)?.address ?? '';
  const waiting = { timeoutMs: STEP_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal };
  await cluster.signalProcess(process, 'SIGTERM');
  await awaitCondition(
    async () => {
      const runs = await cluster.isRunning(process);
      return { met: !runs, seen: runs ? 'it runs' : 'it ended' };
    },
    { what: `${process} to end`, ...waiting },
  );
  await cluster.startProcess(process);
  await awaitCondition(
    async () => {
      const limit = AbortSignal.timeout(LOOK_EVERY_MS * 5);
      const answer = await fetch(`http://${address}:${ports.chat}/readyz`, { signal: limit }).catch(
        () => undefined,
      );
      return { met: answer?.ok === true, seen: String(answer?.status ?? 'no answer') };
    },
    { what: `${process} to be ready`, ...waiting },
  );
  await pause(BACK_IN_POOL_MS, undefined, { signal });
}
