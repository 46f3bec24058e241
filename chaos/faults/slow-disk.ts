/**
 * The primary's disk writes only so much: a volume over its quota of
 * operations, a RAID that rebuilds. Every commit waits for it. Threatens
 * latency, and whoever takes slow for dead.
 *
 * The container's control group gets a limit on what it may write to the
 * device under the database. Healing lifts it.
 */
import { z } from 'zod';
import { FAULT_MARK } from '../../cluster/cluster.ts';
import { DATA_DIRECTORY } from '../../cluster/components/process-spec.ts';
import { activeFault } from './active-fault.ts';
import { saysInside } from './evidence.ts';
import { defineFault } from './fault.ts';
import { controlGroups } from './mechanisms.ts';
import { findPrimary } from './target.ts';

const PROBE_KIBIBYTES = 256;
/** The kernel lets a burst through; a probe that took half of what it should was held up. */
const SHARE_MIN = 0.5;

export const slowDisk = defineFault({
  kind: 'slow-disk',
  imitates: 'the primary’s disk becomes very slow',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  needs: [controlGroups],
  leansOn: ['database'],
  options: {
    /** What may be written a second. 333 messages a second write about 800. */
    kibibytesHz: z.number().int().min(16).max(1_048_576).default(512),
  },
  target: findPrimary,
  async prepare(context, target, { kibibytesHz }) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const file = `${DATA_DIRECTORY}/${FAULT_MARK}-probe`;
    const probe = `dd if=/dev/zero of=${file} bs=1k count=${PROBE_KIBIBYTES} conv=fsync 2>&1; rm -f ${file}`;
    const leastSec = (PROBE_KIBIBYTES / kibibytesHz) * SHARE_MIN;
    const slow = saysInside(cluster, process, ['sh', '-c', probe], {
      what: `writing ${PROBE_KIBIBYTES} KiB to its disk takes ${leastSec.toFixed(2)} s or more`,
      isOk: ({ stdout }) => Number(/copied, ([\d.]+) s/.exec(stdout)?.[1] ?? 0) >= leastSec,
    });
    return async () => {
      const fromMs = Date.now();
      await cluster.limitProcess(process, { diskWriteBytesHz: kibibytesHz * 1_024 });
      return activeFault(context, {
        struck: { fromMs, toMs: Date.now() },
        looks: [slow],
        lasts: [slow],
        heal: () => cluster.limitProcess(process, { diskWriteBytesHz: 'none' }),
      });
    };
  },
});
