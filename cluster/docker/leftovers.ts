/**
 * Removes from a server what a fault of a killed run may have left on it, and
 * what starting and thawing its containers does not undo: rules and limits in
 * its network namespace, stopped processes, and whatever bears the mark. All of
 * it is harmless on a server that no fault was on.
 *
 * Limit: what a fault changed in the database cluster itself (who is primary,
 * a member that rejoins) is Patroni's to mend.
 */
import { CORRUPTION_FILE, FAULT_MARK, FAULT_TABLE } from '../cluster.ts';
import { DATA_DIRECTORY } from '../components/process-spec.ts';
import { ports } from '../ports.ts';
import type { Engine } from './engine.ts';
import { execIn } from './exec.ts';

/** Docker gives a container's first network this name. */
const INTERFACE = 'eth0';

/** The interface of a container has no queue of its own until a fault gives it one. */
const UNLIMIT = `nft delete table inet ${FAULT_TABLE} 2>/dev/null
tc qdisc del dev ${INTERFACE} root 2>/dev/null
exit 0`;

/** Everything in the container but its first process, which a signal from inside cannot stop. */
const THAW = `[ -e ${CORRUPTION_FILE} ] && curl -s --max-time 10 -X POST -d '{"force":true}' http://127.0.0.1:${ports.patroni}/reinitialize
kill -CONT -1 2>/dev/null
exit 0`;

/** Sessions in the database that a fault opened from elsewhere; nothing where none runs. */
const END_SESSIONS = `command -v psql >/dev/null || exit 0
PGCONNECT_TIMEOUT=3 psql -XAtqc "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '${FAULT_MARK}%'" 2>/dev/null
exit 0`;

const REMOVE_FILES = [
  'find',
  DATA_DIRECTORY,
  '-maxdepth',
  '1',
  '-name',
  `${FAULT_MARK}*`,
  '-delete',
];

const cleanContainer = async (engine: Engine, name: string): Promise<void> => {
  await execIn(engine, name, ['sh', '-c', THAW]);
  await execIn(engine, name, ['sh', '-c', END_SESSIONS]);
  // Not through a shell: its own command line would bear the mark, and it would kill itself.
  await execIn(engine, name, ['pkill', '-9', '-f', FAULT_MARK]);
  await execIn(engine, name, REMOVE_FILES);
};

export const removeLeftovers = async (
  engine: Engine,
  holder: string,
  containers: readonly string[],
): Promise<void> => {
  await Promise.all([
    execIn(engine, holder, ['sh', '-c', UNLIMIT]),
    ...containers.map((name) => cleanContainer(engine, name)),
  ]);
};
