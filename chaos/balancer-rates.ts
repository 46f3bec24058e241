/**
 * What one balancer of the kind in use does with a CPU (`balancer-tried`, claim
 * C30). After the load, beside the cluster, because under load there is no core
 * to put it on.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { EventLog } from './event-log.ts';

const SECONDS = 2;

export async function tryBalancerRates(cluster: Cluster, log: EventLog): Promise<void> {
  try {
    const { requests, cpuSec, requestsPerCpuSec } = await cluster.tryBalancer(SECONDS);
    log.write({ kind: 'balancer-tried', requests, cpuSec, requestsPerCpuSec });
  } catch (error) {
    log.write({ kind: 'note', text: `not tried: what a balancer does: ${String(error)}` });
  }
}
