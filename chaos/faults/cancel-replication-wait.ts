/**
 * Commits hang, because no replica answers, and an administrator cancels them
 * (pg_cancel_backend): PostgreSQL then reports success with a mere warning,
 * though the commit is on the primary alone. Then the primary's server dies,
 * and what only it had is gone (patroni#1412). Threatens exactly what an
 * acknowledgement promises: a cancelled wait must never be acknowledged.
 *
 * The primary is cut off from replication, everything that waits for it is
 * cancelled for `cancelMs`, then its server is killed. Healing lifts the cut
 * and switches it on.
 */
import { z } from 'zod';
import { ports } from '../../cluster/ports.ts';
import { activeFault } from './active-fault.ts';
import { type Look, notRunning, outOfReach } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff } from './firewall.ts';
import { packetFilter } from './mechanisms.ts';
import { psql } from './sql.ts';
import { strikeWith } from './strike.ts';
import { findPrimary, processesOf } from './target.ts';

const ROUND_MS = 10;
/** Standard error tells how many waits were cancelled; without load there is none to cancel. */
const CANCELLED = /cancelled (\d+) waits/;

/** Cancels whoever waits, round after round; each round sees the activity anew. */
const cancelFor = (cancelMs: number): string => `do $$
declare
  cancelled int := 0;
  round int;
begin
  for i in 1..${Math.ceil(cancelMs / ROUND_MS)} loop
    perform pg_stat_clear_snapshot();
    select count(pg_cancel_backend(pid)) into round
      from pg_stat_activity where wait_event = 'SyncRep' and pid <> pg_backend_pid();
    cancelled := cancelled + round;
    perform pg_sleep(${ROUND_MS / 1_000});
  end loop;
  raise notice 'cancelled % waits', cancelled;
end $$`;

export const cancelReplicationWait = defineFault({
  kind: 'cancel-replication-wait',
  imitates: 'commits that wait for replication are cancelled, then the primary is lost',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 10_000 },
  needs: [packetFilter],
  leansOn: ['database'],
  holdSec: 25,
  options: {
    /** How long whatever waits is cancelled before the server dies. Replication notices after 5 s. */
    cancelMs: z.number().int().min(100).max(4_000).default(1_500),
  },
  target: findPrimary,
  async prepare(context, target, { cancelMs }) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    // Only replication: its guards still reach it, so that nobody is promoted meanwhile.
    const cut = closeOff(cluster, target, {
      incoming: [`iifname != "lo" tcp dport ${ports.postgres} ip saddr ${replicas()} counter drop`],
      outgoing: [`oifname != "lo" tcp sport ${ports.postgres} ip daddr ${replicas()} counter drop`],
    });
    function replicas(): string {
      const others = cluster.servers.filter(({ id, role }) => role === 'db' && id !== target);
      return `{ ${others.map(({ address }) => address).join(', ')} }`;
    }
    const heal = async () => {
      // A server that is off runs no command; one that is switched on has no rules left.
      await cluster.startServer(target);
      await cut.open();
    };
    return async () => {
      const { fromMs } = await cut.close();
      await using undo = new AsyncDisposableStack();
      undo.defer(heal);
      const { result } = await strikeWith(
        (command) => cluster.execInProcess(`${target}/patroni`, command),
        psql(cancelFor(cancelMs)),
      );
      const { toMs } = await cluster.killServer(target);
      undo.move();
      const cancelled = Number(CANCELLED.exec(result.stderr)?.[1] ?? 0);
      const waits: Look = {
        what: 'commits that waited for replication were cancelled',
        look: () => Promise.resolve({ ok: cancelled > 0, seen: `${cancelled} waits cancelled` }),
      };
      return activeFault(context, {
        struck: { fromMs, toMs },
        looks: [waits, ...unreachable],
        lasts: [notRunning(cluster, processesOf(cluster, target))],
        heal,
      });
    };
  },
});
