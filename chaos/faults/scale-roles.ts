/**
 * Not a failure but an operation that must not become one: the chat service is
 * scaled while the load runs, each role for itself. All ingests but one and all
 * history servers but one are told to leave; then one more of one role is
 * started, then of the other, in turn, until all are there again. Gateways stay
 * as they are. Threatens what an ingest holds when it leaves, and whatever a
 * gateway asks of somebody who is not there any more, or not yet.
 *
 * Proven step by step by the new process's own counter: it stores messages, or
 * serves pages, while the number of the other role stands. So that history has
 * something to do, pages are asked for meanwhile (`chaos/page-reader.ts`).
 *
 * Runs in the background from the strike on. Healing lets it finish.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { awaitCondition } from '../../cluster/await.ts';
import { isOfService, type ServiceProcess } from '../../cluster/cluster.ts';
import { readPages } from '../page-reader.ts';
import { readCounters, workOf } from '../service-counters.ts';
import { awaitEnd, awaitReady } from '../service-process.ts';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { rolesApart } from './mechanisms.ts';
import { findApps, noTarget } from './target.ts';

/** Requests come at once; a loaded machine takes longer. */
const WORK_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 250;
/** The sampler, whose `roles` events the claim is judged by, looks every 5 s. */
const SEEN_MS = 6_500;
/** With three that serve, one of them is left out of eight by one chance in 26. */
const PAGES_AT_ONCE = 8;

type ScaledRole = 'ingest' | 'history';

/** In turn, so that each is seen to change while the other stands. */
const inTurn = (ingests: readonly ServiceProcess[], histories: readonly ServiceProcess[]) =>
  ingests.flatMap((ingest, index) => [ingest, ...histories.slice(index, index + 1)]);

export const scaleRoles = defineFault({
  kind: 'scale-roles',
  imitates: 'ingest and history are scaled down and up again, each for itself, under load',
  aim: 'all app servers',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [rolesApart],
  leansOn: ['chat'],
  holdSec: 75,
  options: {},
  target: findApps,
  async prepare(context) {
    const { cluster } = context;
    const all = (role: ScaledRole) =>
      cluster.processes.filter(isOfService).filter(({ component }) => component === role);
    const [ingests, histories] = [all('ingest').slice(1), all('history').slice(1)];
    if (ingests.length === 0 || histories.length === 0) {
      throw noTarget('this cluster has no processes of ingest and history to scale');
    }
    const steps = inTurn(ingests, histories);
    return async () => {
      const fromMs = Date.now();
      await Promise.all(steps.map(({ id }) => cluster.signalProcess(id, 'SIGTERM')));
      const toMs = Date.now();
      /** Process → what was seen of it. */
      const seen = new Map<string, string>();
      const scaling = (async () => {
        await Promise.all(steps.map((process) => awaitEnd(context, process)));
        await pause(SEEN_MS, undefined, { signal: context.signal });
        for (const process of steps) seen.set(process.id, await scaleUp(context, process));
      })();
      // Its failure is told by `heal`, which waits for it, and by the proof.
      scaling.catch(() => undefined);
      return activeFault(context, {
        struck: { fromMs, toMs },
        looks: steps.map(({ id }): Look => ({
          what: `${id} is started and does its part, while the other role stands`,
          look: () => Promise.resolve({ ok: seen.has(id), seen: seen.get(id) ?? 'not yet' }),
        })),
        lasts: NOTHING_LASTS,
        heal: async () => {
          await Promise.allSettled([scaling]);
          await Promise.all(steps.map(({ id }) => cluster.startProcess(id)));
        },
      });
    };
  },
});

/** One more of its role; resolves with what it was seen to do. */
async function scaleUp({ cluster, signal }: FaultContext, process: ServiceProcess) {
  const { id, component } = process;
  await cluster.startProcess(id);
  await awaitReady({ cluster, signal }, process);
  const seen = await awaitCondition(
    async () => {
      if (component === 'history') await readPages(cluster, PAGES_AT_ONCE, signal);
      const counters = await readCounters(cluster);
      const work = workOf(component, counters.get(id) ?? new Map());
      const of = (role: ScaledRole) =>
        [...counters.keys()].filter((other) => other.endsWith(`/${role}`)).length;
      const what = component === 'history' ? 'pages' : 'messages';
      const there = `${of('ingest')} ingests and ${of('history')} history servers`;
      return { met: work > 0, seen: `${work} ${what}; there are ${there}` };
    },
    { what: `${id} to do its part`, timeoutMs: WORK_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  await pause(SEEN_MS, undefined, { signal });
  return seen;
}
