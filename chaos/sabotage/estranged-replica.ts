/**
 * A replica whose rows are not those of the others, and of which nobody is
 * told: after the load its Patroni is stopped, its PostgreSQL made to follow
 * no one, a row changed, and writing forbidden again. Patroni's earlier word
 * on it is repeated to whoever asks, as it would be for a replica that
 * silently diverged.
 *
 * Afterwards its data is thrown away, and Patroni copies it anew.
 */
import { HoldfastError } from '../../cluster/errors.ts';
import type { Member, ServerId } from '../../cluster/cluster.ts';
import { calm } from './circumstances.ts';
import { withDatabase } from './database.ts';
import type { Rig, Sabotage, Stage } from './sabotage.ts';

/** The real Patroni, not what may have been started to look after it. */
const PATRONI = `pgrep -f '[b]in/patroni'`;
const PROMOTE = `kill -STOP $(${PATRONI}) && psql -XAtq -d postgres -c 'select pg_promote(true, 20)'`;
const FORGET = `
pkill -9 -x postgres
until ! pgrep -r R,S,D -x postgres >/dev/null; do sleep 0.1; done
rm -rf "$PGDATA"
kill -CONT $(${PATRONI})`;

const levelled = (members: readonly Member[]): boolean => {
  const primary = members.find(({ role }) => role === 'primary');
  return (
    primary !== undefined && members.every((member) => member.replayPosition >= primary.walPosition)
  );
};

async function inPatroni({ cluster }: Stage, replica: ServerId, script: string): Promise<void> {
  const command = ['sh', '-c', script];
  const { exitCode, stderr } = await cluster.execInProcess(`${replica}/patroni`, command);
  if (exitCode === 0) return;
  throw new HoldfastError({
    code: 'sabotage-not-done',
    message: `${replica} could not be estranged (exit ${exitCode}): ${stderr.trim()}`,
    remedy: 'its container’s log says what PostgreSQL thinks of it',
  });
}

const estranging =
  (sql: string): Rig =>
  (stage) => {
    const { cluster } = stage;
    let before: Promise<readonly Member[]> | undefined;
    let isCollecting = false;
    stage.listen((event) => {
      if (event.kind === 'phase') isCollecting = event.phase === 'collect';
    });
    const estrange = async (members: readonly Member[]): Promise<readonly Member[]> => {
      const replica = members.findLast(({ role }) => role === 'replica')?.server ?? '';
      await inPatroni(stage, replica, PROMOTE);
      stage.beside(async () => {
        await stage.event(({ kind }) => kind === 'run-ended');
        await inPatroni(stage, replica, FORGET);
      });
      await withDatabase(cluster, replica, async (client) => {
        const { rowCount } = await client.query(sql);
        if (rowCount !== 1) throw new Error(`${rowCount} rows were changed instead of one`);
        await client.query('alter system set default_transaction_read_only = on');
        await client.query('select pg_reload_conf()');
      });
      return members;
    };
    return {
      async members(timeoutMs) {
        if (before !== undefined) return before;
        const members = await cluster.members(timeoutMs);
        if (!isCollecting || !levelled(members)) return members;
        before ??= estrange(members);
        return before;
      },
    };
  };

const SOME_ROW = `(select key from messages order by key limit 1)`;

export const FOLLOWS_NO_ONE: readonly Sabotage[] = [
  {
    name: 'replica-row-deleted',
    breaks: 'A replica loses a row that all others have.',
    circumstances: calm,
    rigs: [estranging(`delete from messages where key = ${SOME_ROW}`)],
    expects: { verdict: 'fail', by: ['lost', 'nodes-agree'] },
  },
  {
    name: 'replica-row-changed',
    breaks: 'A replica holds another text in a row than all others.',
    circumstances: calm,
    rigs: [estranging(`update messages set body = body || '!' where key = ${SOME_ROW}`)],
    expects: { verdict: 'fail', by: ['nodes-agree', 'phantom'] },
  },
];
