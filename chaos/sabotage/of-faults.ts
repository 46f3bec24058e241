/** Faults that are not what they say: one that breaks nothing, two that heal too soon. */
import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_TABLE, type ServerId } from '../../cluster/cluster.ts';
import type { PlannedFault } from '../plan.ts';
import { calm, primaryDies } from './circumstances.ts';
import type { Circumstances, Rig, Sabotage, Stage } from './sabotage.ts';

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

/** Does something about every cut once it was made. */
const afterCut =
  (action: (stage: Stage, server: ServerId) => Promise<void>): Rig =>
  (stage) => ({
    async execOnServer(server, command) {
      const done = await stage.cluster.execOnServer(server, command);
      const isCut = command.some((word) => word.includes(`table inet ${FAULT_TABLE} {`));
      if (isCut) await action(stage, server);
      return done;
    },
  });

async function undoCut({ cluster }: Stage, server: ServerId): Promise<void> {
  await cluster.execOnServer(server, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
}

/** Users have felt it by then, and its proof is whole; it is held for six more seconds. */
const FELT_MS = 2_000;

/** The cut is undone when another primary has taken over. */
const healedEarly = afterCut((stage, server) => {
  stage.beside(async () => {
    await stage.event((event) => event.kind === 'leader' && !['', server].includes(event.leader));
    await pause(FELT_MS, undefined, { signal: stage.signal });
    await undoCut(stage, server);
  });
  return Promise.resolve();
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
    rigs: [afterCut(undoCut)],
    expects: { verdict: 'inconclusive', by: ['faults-proven'] },
  },
  {
    name: 'fault-healed-early',
    breaks:
      'The link that was cut is whole again after it was felt, and long before it is said to be.',
    circumstances: cut,
    rigs: [healedEarly],
    expects: { verdict: 'inconclusive', by: ['faults-held'] },
  },
];
