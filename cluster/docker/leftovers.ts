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

/**
 * The mark and the file that bears it, written so that they match what they mean and not
 * themselves: the command line below must not end its own shell.
 */
const MARKED = FAULT_MARK.replace(/.$/, '[$&]');
const CORRUPTION = CORRUPTION_FILE.replace(FAULT_MARK, MARKED);
const MARKED_IN_SQL = FAULT_MARK.replace(/.$/, '_');

/**
 * One command for all, because asking the engine for one costs more than anything in it: thaws
 * everything but the first process, which a signal from inside cannot stop; builds a damaged member
 * anew; ends sessions in the database that a fault opened from elsewhere, and what bears the mark.
 */
const CLEAN = `[ -e ${CORRUPTION} ] && curl -s --max-time 10 -X POST -d '{"force":true}' http://127.0.0.1:${ports.patroni}/reinitialize
kill -CONT -1 2>/dev/null
command -v psql >/dev/null && PGCONNECT_TIMEOUT=3 psql -XAtqc "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '${MARKED_IN_SQL}%'" 2>/dev/null
pkill -9 -f '${MARKED}'
find ${DATA_DIRECTORY} /tmp -maxdepth 1 -name '${MARKED}*' -delete 2>/dev/null
exit 0`;

export const removeLeftovers = async (
  engine: Engine,
  holder: string,
  containers: readonly string[],
): Promise<void> => {
  await Promise.all([
    execIn(engine, holder, ['sh', '-c', UNLIMIT]),
    ...containers.map((name) => execIn(engine, name, ['sh', '-c', CLEAN])),
  ]);
};
