/**
 * A harness to be killed: `strike.ts CLUSTER RUN KIND…` strikes with faults on a
 * cluster that is up, under a watchdog, says the watchdog's process id, and
 * heals nothing. It ends when its standard input does, having disarmed.
 */
import { createInterface } from 'node:readline';
import { attachCluster } from '../../../cluster/docker/attach-cluster.ts';
import { faultOf } from '../../faults/index.ts';
import { plannedFaultSchema } from '../../plan.ts';
import { createWatchdog } from '../watchdog.ts';

const [clusterId = '', run = '', ...kinds] = process.argv.slice(2);
const cluster = await attachCluster(clusterId);
const context = { cluster, signal: new AbortController().signal };
await using watchdog = createWatchdog(clusterId, run);
for (const kind of kinds) {
  const planned = plannedFaultSchema.parse({ kind });
  const fault = faultOf(planned.kind);
  const target = await fault.target(context, planned);
  const strike = await fault.prepare(context, target, planned);
  await watchdog.arm();
  await strike();
}
await watchdog.arm();
process.stdout.write(`${watchdog.pid}\n`);
for await (const _ of createInterface({ input: process.stdin }));
watchdog.disarm();
