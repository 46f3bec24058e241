/**
 * The database on the primary has hardly more memory than it uses: a limit set
 * too tight, a neighbour that grew. Every page that it reads or writes pushes
 * another out; should it need more than it may have, the kernel kills one of
 * its processes. Threatens latency first, then PostgreSQL itself.
 *
 * The container's control group gets a limit `roomMebibytes` above what it
 * uses now. Healing lifts the limit.
 */
import { z } from 'zod';
import { controlGroups } from './mechanisms.ts';
import { activeFault } from './active-fault.ts';
import { saysInside } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPrimary } from './target.ts';

const MEBIBYTE = 2 ** 20;
/** How often the limit was met: version 1 of control groups has a file, version 2 a line in one. */
const METERS =
  'cat /sys/fs/cgroup/memory/memory.failcnt 2>/dev/null || grep -w max /sys/fs/cgroup/memory.events';
/** Version 2 says `max` where there is none, version 1 a number beyond any memory. */
const LIMIT =
  'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max';

export const memoryPressure = defineFault({
  kind: 'memory-pressure',
  imitates: 'the primary’s database may use hardly more memory than it already does',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  needs: [controlGroups],
  leansOn: ['database'],
  options: {
    /** Above what it uses when the fault strikes. */
    roomMebibytes: z.number().int().min(0).max(65_536).default(4),
  },
  target: findPrimary,
  async prepare(context, target, { roomMebibytes }) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const used = (await cluster.usage()).find(({ id }) => id === process)?.memoryBytes ?? 0;
    const memoryBytes = used + roomMebibytes * MEBIBYTE;
    return async () => {
      const fromMs = Date.now();
      await cluster.limitProcess(process, { memoryBytes });
      return activeFault(context, {
        struck: { fromMs, toMs: Date.now() },
        looks: [
          saysInside(cluster, process, ['sh', '-c', METERS], {
            what: `the limit of ${Math.round(memoryBytes / MEBIBYTE)} MiB is met`,
            isOk: ({ stdout }) => Number(/\d+/.exec(stdout)?.[0] ?? 0) > 0,
          }),
        ],
        lasts: [
          saysInside(cluster, process, ['sh', '-c', LIMIT], {
            what: 'the limit is in force',
            isOk: ({ stdout }) => Number(stdout) > 0 && Number(stdout) <= memoryBytes,
          }),
        ],
        heal: () => cluster.limitProcess(process, { memoryBytes: 'none' }),
      });
    };
  },
});
