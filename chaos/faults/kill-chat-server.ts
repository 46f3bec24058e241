/**
 * One chat server dies (kill -9) with a third of the users on it. Threatens
 * what it had taken and not yet answered: users have to reconnect elsewhere and
 * send it again with the same keys. Healing starts it.
 */
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findApp, processesOf } from './target.ts';

export const killChatServer = defineFault({
  kind: 'kill-chat-server',
  imitates: 'a chat server crashes with its share of the users connected',
  aim: 'an app server',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  leansOn: ['chat'],
  options: {},
  target: findApp,
  prepare: async (context, target) =>
    killProcesses(context, processesOf(context.cluster, target, 'chat')),
});
