/**
 * C60: components scale independently. Judged in a run in which the roles of
 * the chat service are processes of their own and their numbers change while
 * the load runs (`chaos/faults/scale-roles.ts`): who was there and what each
 * has done, by the processes' own counters, and what users noticed.
 */
import type { ObservedRole } from '../../chaos/judge/observed-scaling.ts';
import { atUsers, type ClaimEvidence, type ClaimResult } from './claim.ts';

/** Seen at fewer looks, five seconds apart, it may not have had anything to do. */
const LOOKS_MIN = 2;

const told = ({ counts }: ObservedRole): string => counts.join(' → ');

export function scaledApart({ findings, observed }: ClaimEvidence): ClaimResult {
  const { scaling } = observed.service;
  const required =
    'ingest and history each scaled while the other roles stand and the load runs; what is started does its part; nothing lost, no gap longer than promised';
  const untested = (evidence: string): ClaimResult => ({
    status: 'not-tested',
    measured: '–',
    required,
    evidence,
  });
  if (scaling === null) {
    return untested('the chat service was one component; see --roles apart --faults scale-roles');
  }
  const { chat, ingest, history } = scaling.roles;
  if (ingest.changedAlone === 0 || history.changedAlone === 0) {
    return untested('the roles were apart, but not each was scaled while the others stood');
  }
  const promises = findings.faults
    .filter(({ kind }) => kind === 'scale-roles')
    .map(({ expectation }) => expectation);
  if (promises.length === 0) return untested('nobody was to notice anything: no scale-roles');
  const { started } = scaling;
  const idle = started.filter(({ work, looks }) => work === 0 && looks >= LOOKS_MIN);
  const { lost } = findings.messages;
  const broken = promises.some(({ kind }) => kind === 'not-met') || lost > 0 || idle.length > 0;
  const result = {
    measured: `gateways ${told(chat)}, ingest ${told(ingest)}, history ${told(history)}; ${ingest.changedAlone} and ${history.changedAlone} of these changes while the other roles stood; ${started.length} processes started, ${idle.length === 0 ? 'each did its part' : `idle: ${idle.map(({ process }) => process).join(', ')}`}; ${lost} messages lost; ${promises.map(({ seen }) => seen).join('; ')}${atUsers(findings)}`,
    required,
    evidence: 'events roles, fault-proof (scale-roles); client and row ledgers',
  };
  if (broken) return { ...result, status: 'refuted' };
  if (promises.some(({ kind }) => kind === 'unknown')) {
    return untested('the ledgers do not show whether users noticed anything');
  }
  return { ...result, status: 'held' };
}
