/**
 * NATS on one app server dies. The chat server beside it goes to another, and
 * what was on its way between servers is lost there. Threatens deliveries, not
 * storage: receivers have to fetch what they miss. Healing starts it.
 */
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findApp, processesOf } from './target.ts';

export const killNats = defineFault({
  kind: 'kill-nats',
  imitates: 'the messaging service between the chat servers loses one of its nodes',
  aim: 'an app server',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['fan-out'],
  options: {},
  target: findApp,
  prepare: async (context, target) =>
    killProcesses(context, processesOf(context.cluster, target, 'nats')),
});
