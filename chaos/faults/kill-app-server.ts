/**
 * A whole app server dies: its chat server with a third of the users, its
 * member of etcd, its NATS, its way to the database, all in one instant.
 * Threatens what the chat server had taken and not answered, while the
 * coordination of the database loses a member too. Healing switches it on.
 */
import { activeFault } from './active-fault.ts';
import { notRunning } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findApp, processesOf } from './target.ts';

export const killAppServer = defineFault({
  kind: 'kill-app-server',
  imitates: 'a server with a chat server, a coordination member and a messaging node loses power',
  aim: 'an app server',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  leansOn: ['chat', 'coordination', 'fan-out', 'database'],
  options: {},
  target: findApp,
  async prepare(context, target) {
    const { cluster } = context;
    return async () =>
      activeFault(context, {
        struck: await cluster.killServer(target),
        looks: [notRunning(cluster, processesOf(cluster, target))],
        lasts: [notRunning(cluster, processesOf(cluster, target))],
        heal: () => cluster.startServer(target),
      });
  },
});
