/**
 * The disk under the primary's WAL is full: a replica's slot that holds old
 * segments, an archive that takes none, a neighbour's log. The server, its
 * network and Patroni are well, only nothing can be committed. Threatens
 * availability, if whoever can write nothing stays primary; and durability, if
 * something was acknowledged that could not be written.
 *
 * Nothing more fits into the directory of the WAL (`cluster/docker/full-disk.ts`),
 * then the next segment is asked for: PostgreSQL would otherwise go on to the
 * end of the one it has open. It panics, and panics again whenever it is
 * started. Healing gives the room back; the old primary rejoins by itself.
 */
import { FAULT_MARK } from '../../cluster/cluster.ts';
import { WAL_DIRECTORY } from '../../cluster/components/patroni.ts';
import { activeFault } from './active-fault.ts';
import { promotedElsewhere, saysInside, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { fullDisks } from './mechanisms.ts';
import { psql } from './sql.ts';
import { findPrimary } from './target.ts';

const PROBE = `${WAL_DIRECTORY}/${FAULT_MARK}-probe`;

export const diskFull = defineFault({
  kind: 'disk-full',
  imitates: 'the disk that holds the primary’s WAL is full',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 10_000 },
  needs: [fullDisks],
  leansOn: ['database'],
  holdSec: 25,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const timeline = await timelineOf(cluster, target);
    const full = saysInside(
      cluster,
      process,
      ['sh', '-c', `dd if=/dev/zero of=${PROBE} bs=1k count=1 2>&1; rm -f ${PROBE}`],
      {
        what: `nothing more can be written where the WAL of ${target} lies`,
        isOk: ({ stdout }) => stdout.includes('No space left on device'),
      },
    );
    return async () => {
      const fromMs = Date.now();
      await cluster.limitProcess(process, { walDisk: 'full' });
      const struck = { fromMs, toMs: Date.now() };
      // It answers with the end of its connection: whoever asks for a segment first brings it down.
      await cluster.execInProcess(process, psql('select pg_switch_wal()'));
      return activeFault(context, {
        struck,
        looks: [full, promotedElsewhere(cluster, target, timeline)],
        lasts: [full],
        heal: () => cluster.limitProcess(process, { walDisk: 'none' }),
      });
    };
  },
});
