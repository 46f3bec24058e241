/**
 * Every session of the chat service in the database is ended from outside: an
 * administrator's mistake, a pooler that is restarted. Threatens statements
 * that were under way: their sender cannot know whether they were committed.
 * The service has to connect again and send them again with the same keys.
 */
import { CHAT_LOGIN } from '../../cluster/components/patroni.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { activeFault, NOTHING_LASTS, nothingToHeal } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { ask, psql } from './sql.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const terminateBackends = defineFault({
  kind: 'terminate-backends',
  imitates: 'all database sessions of the service are ended at once',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  leansOn: ['database'],
  holdSec: 5,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const sessions = `from pg_stat_activity where usename = '${CHAT_LOGIN}' and backend_type = 'client backend'`;
    const listed = await ask(cluster, target, `select string_agg(pid::text, ',') ${sessions}`);
    if (listed === '') {
      throw new HoldfastError({
        code: 'no-target',
        message: `the chat service has no session in the database on ${target}`,
        remedy: 'see holdfast cluster status: are the chat servers up?',
      });
    }
    const gone: Look = {
      what: `none of the ${listed.split(',').length} sessions is there any more`,
      async look() {
        const left = await ask(
          cluster,
          target,
          `select count(*) ${sessions} and pid in (${listed})`,
        );
        return { ok: left === '0', seen: `${left} left` };
      },
    };
    return async () =>
      activeFault(context, {
        struck: await strikeOrFail(
          (command) => cluster.execInProcess(`${target}/patroni`, command),
          psql(`select pg_terminate_backend(pid) ${sessions}`),
          target,
        ),
        looks: [gone],
        lasts: NOTHING_LASTS,
        heal: nothingToHeal,
      });
  },
});
