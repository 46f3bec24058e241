/**
 * Claims that no run can judge yet: the part of the system or the experiment
 * that would prove them is not built. They stand in every report, so that
 * nobody takes silence for a yes.
 */
import type { ClaimResult } from './claim.ts';

/** By claim: what would prove it, and that it is not there. */
const REASONS = {
  C00: {
    required: 'within the objective with any one of nine servers lost, and the largest load known',
    reason:
      'no single run shows it: holdfast capacity searches the largest load, also under a fault',
  },
  C13: {
    required: 'no canary in the repository, wrong key refused, schedule fired, another host',
    reason: 'there is no backup yet',
  },
  C14: {
    required: 'every fault raises its alert in time, a quiet window none',
    reason: 'there is no alerting yet',
  },
  C15: {
    required: 'a new cluster restored to a point in time, RPO and RTO measured',
    reason: 'there is no backup to restore from yet',
  },
  C20: {
    required: 'within the objective with each path and each edge server cut in turn',
    reason: 'no run breaks each edge server and each path in turn yet',
  },
  C22: { required: 'new connections reach a live edge', reason: 'there is no name server yet' },
  C23: {
    required: 'a sick server leaves the pool and comes back',
    reason: 'the times are not measured yet',
  },
  C31: {
    required: 'pods follow a real metric under a real load',
    reason: 'there is no Kubernetes backend yet',
  },
  C40: {
    required: 'no canary in a capture of any network, plaintext and TLS below 1.2 refused',
    reason: 'no traffic is captured yet',
  },
  C41: {
    required: 'no canary in the raw bytes of any data directory',
    reason: 'data directories are not encrypted yet',
  },
  C43: {
    required: 'a scan and a token brute force each raise an alert',
    reason: 'there is no intrusion detection yet',
  },
  C44: {
    required: 'audit trail, dependency audit and bill of materials in the report',
    reason: 'none of them is made yet',
  },
  C50: {
    required: 'a canary line of every process found by one query',
    reason: 'logs are not gathered yet',
  },
  C51: {
    required: "metrics of every component, agreeing with the harness's own",
    reason: 'no monitoring runs beside the cluster yet',
  },
  C52: { required: 'every alert arrives at a receiver', reason: 'there is no alerting yet' },
  C53: {
    required: 'dashboards from files, drawing real data',
    reason: 'there are no dashboards yet',
  },
  C63: {
    required: 'cache hits, and the page served without its origin',
    reason: 'there is no CDN yet',
  },
} as const;

export const notTested = (id: keyof typeof REASONS) => (): ClaimResult => ({
  status: 'not-tested',
  measured: '–',
  required: REASONS[id].required,
  evidence: REASONS[id].reason,
});
