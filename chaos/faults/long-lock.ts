/**
 * Somebody holds an exclusive lock on the messages: a migration in a
 * transaction that was left open. Everything that reads or writes them waits.
 * Threatens the service's own threads and queues: it has to answer again as
 * soon as the lock is gone, in order, and must not have given up for good.
 *
 * A session with `lock table … in access exclusive mode`, in the database
 * itself. Healing ends the session.
 */
import { FAULT_MARK } from '../../cluster/cluster.ts';
import { activeFault } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { ENDS_BY_ITSELF_SEC, endMarked, inBackground } from './marked-process.ts';
import { undoInside } from './processes.ts';
import { ask, END_MARKED_SESSIONS, psql } from './sql.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

const LOCK = `begin; lock table messages in access exclusive mode; select pg_sleep(${ENDS_BY_ITSELF_SEC})`;
const HELD = `select count(*) from pg_locks join pg_stat_activity using (pid)
  where granted and mode = 'AccessExclusiveLock' and relation = 'messages'::regclass
  and application_name = '${FAULT_MARK}'`;
const WAITING = `select count(*) from pg_stat_activity where wait_event_type = 'Lock'`;

export const longLock = defineFault({
  kind: 'long-lock',
  imitates: 'a migration holds an exclusive lock on the messages',
  aim: 'the primary',
  // Granted as soon as the statements under way are over.
  expects: { kind: 'refuses-writes', fromMs: 2_000, withinMs: 5_000 },
  leansOn: ['database'],
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const counts = (what: string, statement: string): Look => ({
      what,
      async look() {
        const count = await ask(cluster, target, statement);
        return { ok: Number(count) > 0, seen: count };
      },
    });
    const held = counts('the lock is held', HELD);
    return async () =>
      activeFault(context, {
        struck: await strikeOrFail(
          (command) => cluster.execInProcess(process, command),
          inBackground(psql(LOCK)),
          target,
        ),
        looks: [held, counts('statements wait for it', WAITING)],
        lasts: [held],
        heal: async () => {
          await undoInside(cluster, process, psql(END_MARKED_SESSIONS));
          await endMarked(cluster, process);
        },
      });
  },
});
