/**
 * The run directory: every file of a run, by name. Whatever produces evidence
 * writes here while it happens; whatever judges reads only here.
 */
import { join } from 'node:path';

export const runFiles = {
  /** The validated, frozen input of the run (`chaos/plan.ts`). */
  plan: 'plan.json',
  /** Versions, machine, limits, cluster topology. */
  environment: 'environment.json',
  /** The event log (`chaos/events.ts`), one JSON object a line. */
  events: 'events.jsonl',
  ledger: 'ledger',
  /** Members of every channel, one JSON line a channel: `{"id":1,"kind":"team","members":[…]}`. */
  population: 'ledger/population.jsonl',
  metrics: 'metrics',
  /** CPU time and memory of every container, one JSON object a line (`chaos/sampler.ts`). */
  usage: 'metrics/usage.jsonl',
  verdict: 'verdict.json',
  /** What the charts are drawn from, made by the judge from the ledgers. */
  series: 'metrics/series.json',
  report: 'report.html',
  junit: 'junit.xml',
  summary: 'summary.md',
  manifest: 'MANIFEST.sha256',
} as const;

export const clientLedgerFile = (shard: number): string => `ledger/clients-${shard}.log`;
/** The row ledger of one database node (`chaos/ledger/row-ledger.ts`). */
export const rowLedgerFile = (node: string): string => `ledger/rows-${node}.tsv`;

export const inRun = (run: string, file: string): string => join(run, file);
