/**
 * One chat server is asked to leave (SIGTERM), as a deployment or a node drain
 * does: it stores and answers what it took, sends its users elsewhere and
 * ends. Threatens what is in its queue when it goes. Healing starts it.
 */
import { activeFault } from './active-fault.ts';
import { notRunning } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findApp, processesOf } from './target.ts';

export const drainChatServer = defineFault({
  kind: 'drain-chat-server',
  imitates: 'a chat server is told to leave, as by a deployment',
  aim: 'an app server',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['chat'],
  options: {},
  target: findApp,
  async prepare(context, target) {
    const { cluster } = context;
    const mine = processesOf(cluster, target, 'chat');
    return async () => {
      const fromMs = Date.now();
      await Promise.all(mine.map((process) => cluster.signalProcess(process, 'SIGTERM')));
      return activeFault(context, {
        struck: { fromMs, toMs: Date.now() },
        looks: [notRunning(cluster, mine)],
        lasts: [notRunning(cluster, mine)],
        heal: async () => {
          await Promise.all(mine.map((process) => cluster.startProcess(process)));
        },
      });
    };
  },
});
