/**
 * All of PostgreSQL's connections are taken: a leak in another program, a pool
 * configured without a limit. Whoever is connected stays; whoever has to
 * connect is refused. Threatens the service as soon as it loses a connection.
 *
 * Sessions of an ordinary login are opened until PostgreSQL refuses one, and
 * held. What it keeps for superusers stays free, so Patroni goes on. Healing
 * ends them.
 */
import { FAULT_MARK } from '../../cluster/cluster.ts';
import { CHAT_DATABASE, CHAT_LOGIN } from '../../cluster/components/patroni.ts';
import { activeFault } from './active-fault.ts';
import { saysInside } from './evidence.ts';
import { defineFault } from './fault.ts';
import { endMarked, inBackground } from './marked-process.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

/** The database's image has Python and its driver for Patroni's sake. */
const TAKE_ALL = `
import time, psycopg2
held = []
while True:
    try:
        held.append(psycopg2.connect(dbname='${CHAT_DATABASE}', user='${CHAT_LOGIN}', application_name='${FAULT_MARK}'))
    except psycopg2.OperationalError:
        if not held: raise
        time.sleep(0.5)
`;

export const exhaustConnections = defineFault({
  kind: 'exhaust-connections',
  imitates: 'another program takes every connection the database has',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['database'],
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const attempt = ['psql', '-XAtqc', 'select 1', '-d', CHAT_DATABASE, '-U', CHAT_LOGIN];
    const refused = saysInside(cluster, process, attempt, {
      what: 'the service’s login is refused another connection',
      isOk: ({ exitCode, stderr }) =>
        exitCode !== 0 && /too many clients|remaining connection slots/.test(stderr),
    });
    return async () =>
      activeFault(context, {
        struck: await strikeOrFail(
          (command) => cluster.execInProcess(process, command),
          inBackground(['python3', '-c', TAKE_ALL, FAULT_MARK]),
          target,
        ),
        looks: [refused],
        lasts: [refused],
        heal: () => endMarked(cluster, process),
      });
  },
});
