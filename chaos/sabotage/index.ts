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
    name: 'delivery-late',
    breaks: 'Deliveries come long after the acknowledgement.',
    open: 'how long deliveries take is measured, and held against a bound only where the plan has one',
  },
  {
    name: 'alert-never-sent',
    breaks: 'Nobody is told of a failover.',
    open: 'the service has no alerts yet',
  },
];
