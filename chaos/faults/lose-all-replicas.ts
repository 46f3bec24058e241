/**
 * All replicas die at once: a rack, a bad release, one mistake made three
 * times. The primary lives, and not one commit on it may be acknowledged,
 * because not one would survive its death: writes have to stop, not go on
 * alone. Healing starts them; what waited is acknowledged then.
 */
import { defineFault } from './fault.ts';
import { postgresAnswers } from './evidence.ts';
import { killProcesses } from './kill-processes.ts';
import { findPrimary, findReplicas, namesOf, processesOf } from './target.ts';

export const loseAllReplicas = defineFault({
  kind: 'lose-all-replicas',
  imitates: 'every replica dies at once, the primary is left alone',
  aim: 'all replicas',
  // What was on its way to a replica when it died may be acknowledged a moment later.
  expects: { kind: 'refuses-writes', fromMs: 1_000, withinMs: 20_000 },
  leansOn: ['database'],
  options: {},
  target: async (context) => (await findReplicas(context)).join(', '),
  async prepare(context, target) {
    const { cluster } = context;
    const primary = await findPrimary(context);
    return killProcesses(
      context,
      namesOf(target).flatMap((server) => processesOf(cluster, server, 'patroni')),
      [postgresAnswers(cluster, primary)],
    );
  },
});
