/**
 * The primary hands over to a replica, as planned for maintenance: it is
 * stopped in good order when the replica has everything. Nothing is broken and
 * nothing may be lost; the shortest outage that a failover can have.
 *
 * Asked of Patroni's own interface, in the background, so that the moment of
 * asking is known, and without naming a candidate. With one named, Patroni does
 * not ask whether it has what the quorum acknowledged, and every other replica
 * sleeps two seconds before it follows, which no commit can do without. There
 * is nothing to heal: the old primary follows.
 */
import { ports } from '../../cluster/ports.ts';
import { activeFault, NOTHING_LASTS, nothingToHeal } from './active-fault.ts';
import { promotedElsewhere, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { inBackground } from './marked-process.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

/** The command that asks a member's Patroni for something, from its own server. */
export const askPatroni = (path: string, body: object): readonly string[] => [
  ...['curl', '-sS', '--fail-with-body', '--max-time', '60', '-X', 'POST'],
  ...['-H', 'content-type: application/json', '-d', JSON.stringify(body)],
  `http://127.0.0.1:${ports.patroni}/${path}`,
];

export const switchover = defineFault({
  kind: 'switchover',
  imitates: 'the primary hands over to a replica, as planned',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 8_000 },
  leansOn: ['database'],
  holdSec: 10,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const timeline = await timelineOf(cluster, target);
    const ask = inBackground(askPatroni('switchover', { leader: target }));
    return async () =>
      activeFault(context, {
        struck: await strikeOrFail(
          (command) => cluster.execInProcess(`${target}/patroni`, command),
          ask,
          target,
        ),
        looks: [promotedElsewhere(cluster, target, timeline)],
        lasts: NOTHING_LASTS,
        heal: nothingToHeal,
      });
  },
});
