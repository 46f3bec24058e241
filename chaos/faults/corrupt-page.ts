/**
 * A page of the messages is damaged on a replica's disk: a bit that flipped, a
 * disk that lies. Threatens readers of that replica, and everybody should it
 * be promoted; PostgreSQL's checksums have to notice when the page is read.
 *
 * Everything is written out first (vacuum, checkpoints), then a page's middle is
 * overwritten on disk and the replica restarted, so that it has to read it.
 * Healing has Patroni build the member anew from the primary, and waits until
 * its messages can be read. A file tells `restore` that this is still to do.
 */
import { CORRUPTION_FILE, type ExecResult, type ServerId } from '../../cluster/cluster.ts';
import { POSTGRES_DATA } from '../../cluster/components/patroni.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { awaitCondition } from '../../cluster/await.ts';
import { awaitReplay } from '../await-replay.ts';
import { activeFault } from './active-fault.ts';
import { saysInside } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { ask, psql } from './sql.ts';
import { strikeOrFail } from './strike.ts';
import { askPatroni } from './switchover.ts';
import { findPrimary, findReplica } from './target.ts';

const isDamaged = ({ stderr }: ExecResult): boolean => /invalid page|checksum/.test(stderr);

const READ_ALL = `select count(*), count(body) from messages`;
/** A page that was written to meanwhile is mended by the restart; then it is damaged once more. */
const ROUNDS_MAX = 3;
/** A copy of a small database takes some seconds; of a large one on a loaded machine longer. */
const REBUILD_TIMEOUT_MS = 120_000;

export const corruptPage = defineFault({
  kind: 'corrupt-page',
  imitates: 'a replica’s disk returns a damaged page',
  aim: 'a replica',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['database'],
  options: {},
  target: findReplica,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
    const primary = await findPrimary(context);
    await writeOut(context, primary, target);
    const [file = '', pages = '0'] = (
      await ask(
        cluster,
        target,
        `select pg_relation_filepath('messages'), pg_relation_size('messages') / 8192`,
      )
    ).split('|');
    if (Number(pages) === 0) {
      throw new HoldfastError({
        code: 'no-target',
        message: `there is no message on ${target} yet whose page could be damaged`,
        remedy: 'let the load run for some seconds first',
      });
    }
    // The first page is full and is not written to any more. Its header stays, so that it is read.
    const damage = `touch ${CORRUPTION_FILE} &&
      dd if=/dev/urandom of=${POSTGRES_DATA}/${file} bs=1 seek=4096 count=64 conv=notrunc,fsync`;
    return async () => {
      const struck = await strikeOrFail(inside, ['sh', '-c', damage], target);
      await inside(askPatroni('restart', {}));
      for (let round = 1; round < ROUNDS_MAX; round++) {
        if (isDamaged(await inside(psql(READ_ALL)))) break;
        await writeOut(context, primary, target);
        await inside(['sh', '-c', damage]);
        await inside(askPatroni('restart', {}));
      }
      const noticed = saysInside(cluster, process, psql(READ_ALL), {
        what: `${target} notices the damage when it reads the page`,
        isOk: isDamaged,
      });
      return activeFault(context, {
        struck,
        looks: [noticed],
        lasts: [noticed],
        heal: () => rebuild(context, process),
      });
    };
  },
});

/**
 * Whatever a reader or a vacuum would still write to an old page is written now: what the replica
 * replays when it starts again would mend the damage.
 */
async function writeOut(context: FaultContext, primary: ServerId, replica: ServerId) {
  const { cluster, signal } = context;
  await ask(cluster, primary, 'vacuum (index_cleanup off) messages');
  await ask(cluster, primary, 'checkpoint');
  await awaitReplay(cluster, signal);
  await ask(cluster, replica, 'checkpoint');
}

async function rebuild({ cluster, signal }: FaultContext, process: string): Promise<void> {
  const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
  if ((await inside(['test', '-e', CORRUPTION_FILE])).exitCode !== 0) return;
  await awaitCondition(
    async () => {
      const read = await inside(psql(READ_ALL));
      if (read.exitCode === 0) return { met: true, seen: read.stdout };
      // While it is being built it is not to be asked again, or it would begin anew.
      if (!isDamaged(read)) return { met: false, seen: read.stderr.trim() };
      const asked = await inside(askPatroni('reinitialize', { force: false }));
      return { met: false, seen: `${asked.stdout} ${asked.stderr}`.trim() };
    },
    { what: `${process} to be built anew`, timeoutMs: REBUILD_TIMEOUT_MS, everyMs: 1_000, signal },
  );
  await inside(['rm', '-f', CORRUPTION_FILE]);
}
