/** Everything on a cluster that a fault may have left, as it is seen from inside each part. */
import { type Cluster, FAULT_MARK } from '../../../cluster/cluster.ts';
import { DATA_DIRECTORY } from '../../../cluster/components/process-spec.ts';

const FILES = `grep '^${FAULT_MARK} ' /proc/mounts
find /tmp /run ${DATA_DIRECTORY} -maxdepth 1 -name '${FAULT_MARK}*' 2>/dev/null`;

export async function tracesOfFaults(cluster: Cluster): Promise<readonly string[]> {
  const onServers = await Promise.all(
    cluster.servers.map(async ({ id }) => {
      const { stdout } = await cluster.execOnServer(id, [
        'sh',
        '-c',
        'nft list tables; tc qdisc show dev eth0 | grep -v noqueue',
      ]);
      return stdout.trim() === '' ? [] : [`${id}: ${stdout.trim()}`];
    }),
  );
  const inProcesses = await Promise.all(
    cluster.processes.map(async ({ id }) => {
      if (!(await cluster.isRunning(id))) return [`${id} does not run`];
      const stopped = await cluster.execInProcess(id, ['pgrep', '-r', 'T', '.']);
      const marked = await cluster.execInProcess(id, ['pgrep', '-f', FAULT_MARK]);
      const processes = `${stopped.stdout} ${marked.stdout}`.trim();
      const files = await cluster.execInProcess(id, ['sh', '-c', FILES]);
      return [
        ...(processes === '' ? [] : [`${id}: processes ${processes}`]),
        ...(files.stdout === '' ? [] : [`${id}: ${files.stdout.trim()}`]),
      ];
    }),
  );
  return [...onServers, ...inProcesses].flat();
}
