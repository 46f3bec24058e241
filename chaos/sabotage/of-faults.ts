/** Faults that are not what they say: one that breaks nothing, one that heals too soon. */
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

/** The cut is undone as soon as it is made. */
const healedAtOnce: Rig = ({ cluster }) => ({
  async execOnServer(server, command) {
    const done = await cluster.execOnServer(server, command);
    if (command.some((word) => word.includes(`table inet ${FAULT_TABLE} {`))) {
      await cluster.execOnServer(server, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
    }
    return done;
  },
});

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
    rigs: [healedAtOnce],
    expects: { verdict: 'inconclusive', by: ['faults-proven'] },
  },
];
