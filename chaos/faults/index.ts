/** Every fault there is, the baseline first. `FaultKind` and the config's allowed values follow from it. */
import { cutLink } from './cut-link.ts';
import type { Fault } from './fault.ts';
import { killPostgres } from './kill-postgres.ts';
import { killServer } from './kill-server.ts';
import { noop } from './noop.ts';

export const FAULTS = [noop, killPostgres, killServer, cutLink] as const;

export type FaultKind = (typeof FAULTS)[number]['kind'];

const kinds = FAULTS.map(({ kind }) => kind);
export const FAULT_KINDS: readonly FaultKind[] = kinds;

export function faultOf(kind: FaultKind): Fault {
  const fault = FAULTS.find((candidate) => candidate.kind === kind);
  if (fault === undefined) throw new TypeError(`no fault is called ${kind}`);
  return fault;
}
