/** Every sabotage there is, by family, and those that nothing could find yet. */
import { DATABASE_SABOTAGES } from './of-database.ts';
import { EVIDENCE_SABOTAGES } from './of-evidence.ts';
import { FAULT_SABOTAGES } from './of-faults.ts';
import { GENERATOR_SABOTAGES } from './of-generator.ts';
import { SERVER_SABOTAGES } from './of-server.ts';
import type { OpenSabotage, Sabotage } from './sabotage.ts';

export const SABOTAGES: readonly Sabotage[] = [
  ...SERVER_SABOTAGES,
  ...DATABASE_SABOTAGES,
  ...GENERATOR_SABOTAGES,
  ...FAULT_SABOTAGES,
  ...EVIDENCE_SABOTAGES,
];

export const OPEN_SABOTAGES: readonly OpenSabotage[] = [
  {
    name: 'delivery-changed',
    breaks: 'Members are sent another text, or another author, than what is stored.',
    open: 'users note the place of a delivery in its channel, and do not look at the rest',
  },
  {
    name: 'delivery-late',
    breaks: 'Deliveries come long after the acknowledgement.',
    open: 'users do not note when a delivery came, only that it did',
  },
  {
    name: 'alert-never-sent',
    breaks: 'Nobody is told of a failover.',
    open: 'the service has no alerts yet',
  },
];
