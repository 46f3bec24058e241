/**
 * The watchdog (`watchdog.ts`), a process beside the harness: `main.ts CLUSTER
 * RUN`. Reads what the harness tells it until the pipe is closed. If anything
 * was broken then, the harness is gone without having healed it: the cluster
 * is restored, and the run's event log says so. Then it ends, in any case.
 *
 * One at a time for a cluster: who comes second waits until the first is done,
 * so that a run that follows at once is not healed by the one before.
 *
 * It sleeps until then and loads what it needs to heal only then: on a machine
 * that is measured it costs nothing but its memory.
 */
import { createInterface } from 'node:readline';
import { exclusively } from '../../cluster/machine/exclusive.ts';
import { ARMED, READY } from './watchdog.ts';

/** A busy engine may refuse once; a cluster that was removed meanwhile refuses for ever. */
const ATTEMPTS_MAX = 3;

const [clusterId = '', run = ''] = process.argv.slice(2);
const { signal } = new AbortController();

await exclusively(`watchdog-${clusterId}`, { log: () => undefined, signal }, async () => {
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${READY}\n`);
  let last = '';
  for await (const line of createInterface({ input: process.stdin })) last = line;
  if (last === ARMED) await heal();
});

async function heal(): Promise<void> {
  const beganMs = Date.now();
  const { attachCluster } = await import('../../cluster/docker/attach-cluster.ts');
  const { openEventLog } = await import('../event-log.ts');
  using log = openEventLog(run, () => undefined);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    try {
      await (await attachCluster(clusterId)).restore();
      const tookSec = ((Date.now() - beganMs) / 1_000).toFixed(1);
      log.write({ kind: 'note', text: `watchdog: the harness is gone; healed in ${tookSec} s` });
      return;
    } catch (error) {
      log.write({ kind: 'note', text: `watchdog: not healed yet: ${String(error)}` });
    }
  }
}
