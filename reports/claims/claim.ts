/**
 * A claim: a promise of the mission, and the function that holds a run against
 * it. A claim's function looks at the findings of one run and nothing else.
 */
import type { Findings } from '../../chaos/findings.ts';
import type { ObservedCluster } from '../../chaos/judge/observed-cluster.ts';
import type { ClaimReport } from '../verdict.ts';

export interface ClaimEvidence {
  readonly findings: Findings;
  readonly observed: ObservedCluster;
}

export interface ClaimResult extends Pick<ClaimReport, 'measured' | 'required' | 'evidence'> {
  readonly status: ClaimReport['status'];
}

export interface Claim {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly judge: (evidence: ClaimEvidence) => ClaimResult;
}

/** The mission's size; a run with fewer users says nothing about it. */
export const MISSION_USERS = 20_000;

/** `at 500 users`, on every figure of a run that is not of the mission's size. */
export const atUsers = ({ plan }: Findings): string =>
  plan.users < MISSION_USERS ? ` (at ${plan.users} users, the mission has ${MISSION_USERS})` : '';

/** 0.99983 → `99.983 %`, rounded down: it never reads better than it was. */
export const percentText = (share: number): string => `${Math.floor(share * 1e5 + 1e-7) / 1e3} %`;

export const checkOf = ({ checks }: Findings, id: string): Findings['checks'][number] | undefined =>
  checks.find((check) => check.id === id);

export const isMet = ({ preconditions }: Findings, id: string): boolean =>
  preconditions.some((precondition) => precondition.id === id && precondition.met);

/** Faults that were meant to break something. */
export const realFaults = ({ faults }: Findings): Findings['faults'] =>
  faults.filter(({ kind }) => kind !== 'noop');
