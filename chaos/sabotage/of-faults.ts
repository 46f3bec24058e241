/** Faults that are not what they say: one that breaks nothing, two that heal too soon. */
import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_TABLE } from '../../cluster/cluster.ts';
import type { PlannedFault } from '../plan.ts';
import { calm, primaryDies } from './circumstances.ts';
import type { Circumstances, Rig, Sabotage } from './sabotage.ts';

const CUT: PlannedFault = { kind: 'cut-link', holdSec: 12 };
const cut: Circumstances = { ...calm, name: 'primary-cut-off', faults: [CUT] };

const isKill = (command: readonly string[]): boolean =>
  command.includes('kill') && command.includes('-9');

/** Says that it killed, and killed nobody. */
const harmless: Rig = ({ cluster }) => ({
  execInProcess: (process, command) =>
    cluster.execInProcess(
      process,
      isKill(command) ? command.map((word) => (word === '-9' ? '-0' : word)) : command,
    ),
});

/** The cut is undone so long after it was made. */
const healedAfter =
  (timeMs: number): Rig =>
  (stage) => {
    const { cluster } = stage;
    return {
      async execOnServer(server, command) {
        const done = await cluster.execOnServer(server, command);
        if (!command.some((word) => word.includes(`table inet ${FAULT_TABLE} {`))) return done;
        stage.beside(async () => {
          await pause(timeMs, undefined, { signal: stage.signal });
          await cluster.execOnServer(server, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
        });
        return done;
      },
    };
  };

export const FAULT_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'fault-does-nothing',
    breaks: 'A fault says that it killed the primary, and kills nobody.',
    circumstances: primaryDies,
    rigs: [harmless],
    expects: { verdict: 'inconclusive', by: ['faults-proven'] },
  },
  {
    name: 'fault-healed-at-once',
    breaks: 'The link that was cut is whole again before anybody could miss it.',
    circumstances: cut,
    rigs: [healedAfter(0)],
    expects: { verdict: 'inconclusive', by: ['faults-proven'] },
  },
  {
    name: 'fault-healed-early',
    breaks: 'The link that was cut is whole again long before the fault is said to end.',
    circumstances: cut,
    rigs: [healedAfter(9_000)],
    expects: { verdict: 'inconclusive', by: ['faults-proven'] },
  },
];
