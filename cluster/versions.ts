/** What runs in a cluster, by its own word: for the record of a run. */
import type { Cluster, Component } from './cluster.ts';

const COMMANDS: readonly {
  readonly what: string;
  readonly component: Component;
  readonly command: readonly string[];
}[] = [
  {
    what: 'postgresql',
    component: 'patroni',
    command: ['sh', '-c', '/usr/lib/postgresql/17/bin/postgres --version'],
  },
  { what: 'patroni', component: 'patroni', command: ['patroni', '--version'] },
  { what: 'etcd', component: 'etcd', command: ['etcd', '--version'] },
  { what: 'nats', component: 'nats', command: ['nats-server', '--version'] },
  { what: 'haproxy', component: 'balancer', command: ['haproxy', '-v'] },
  { what: 'node', component: 'chat', command: ['node', '--version'] },
];

/** First line of each component's `--version`; `unknown` with what came instead. */
export async function readVersions(cluster: Cluster): Promise<Record<string, string>> {
  const versions = await Promise.all(
    COMMANDS.map(async ({ what, component, command }) => {
      const process = cluster.processes.find((candidate) => candidate.component === component);
      if (process === undefined) return [what, 'not there'] as const;
      const { exitCode, stdout, stderr } = await cluster.execInProcess(process.id, command);
      const [line = ''] = (stdout || stderr).trim().split('\n');
      return [what, exitCode === 0 ? line : `unknown (${line})`] as const;
    }),
  );
  return Object.fromEntries(versions);
}
