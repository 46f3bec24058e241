/**
 * What the chat servers count themselves, asked from outside: the series of
 * their Prometheus text that are theirs (`chat_…`), without histograms.
 */
import { isOfService, type Cluster, type ServiceComponent } from '../cluster/cluster.ts';
import { askProcess } from './service-process.ts';

const SCRAPE_TIMEOUT_MS = 2_000;
const SERIES = /^(chat_\w+(?:\{[^}]*\})?) (\S+)$/gm;
const IS_HISTOGRAM = /^chat_\w+_(?:bucket|sum|count)\b/;

/** Series with its labels, as it stands in the text → value. */
export type Counters = ReadonlyMap<string, number>;

export function parseCounters(text: string): Counters {
  const counters = new Map<string, number>();
  for (const [, series = '', value] of text.matchAll(SERIES)) {
    if (!IS_HISTOGRAM.test(series)) counters.set(series, Number(value));
  }
  return counters;
}

/** The values of a metric, summed over those of its labels that hold this one. */
export function totalOf(counters: Counters, metric: string, label = ''): number {
  let total = 0;
  for (const [series, value] of counters) {
    if (series.replace(/\{.*/, '') === metric && series.includes(label)) total += value;
  }
  return total;
}

/** The largest value of a metric over all its labels; 0: it has none. */
export function largestOf(counters: Counters, metric: string): number {
  let largest = 0;
  for (const [series, value] of counters) {
    if (series.replace(/\{.*/, '') === metric) largest = Math.max(largest, value);
  }
  return largest;
}

/** What a process of the chat service is there for, in the counter that shows it. */
const WORK_OF = {
  chat: 'chat_messages_acknowledged_total',
  ingest: 'chat_messages_stored_total',
  history: 'chat_history_requests_total',
} as const satisfies Record<ServiceComponent, string>;

/** How often it has done that since its start. */
export const workOf = (component: ServiceComponent, counters: Counters): number =>
  totalOf(counters, WORK_OF[component]);

/** By process id, each process of the chat service; one that does not answer is not in it. */
export type CountersByProcess = ReadonlyMap<string, Counters>;

export async function readCounters(cluster: Cluster): Promise<CountersByProcess> {
  const byProcess = new Map<string, Counters>();
  await Promise.all(
    cluster.processes.filter(isOfService).map(async (process) => {
      const signal = AbortSignal.timeout(SCRAPE_TIMEOUT_MS);
      const answer = await askProcess(cluster, process, '/metrics', signal);
      const text = await answer?.text().catch(() => undefined);
      if (text !== undefined) byProcess.set(process.id, parseCounters(text));
    }),
  );
  return byProcess;
}

/** By how much each series grew over all processes; what did not grow is left out. */
export function growthOf(
  before: CountersByProcess,
  after: CountersByProcess,
): Record<string, number> {
  const grew: Record<string, number> = {};
  for (const [process, counters] of after) {
    for (const [series, value] of counters) {
      const more = value - (before.get(process)?.get(series) ?? 0);
      if (more > 0) grew[series] = (grew[series] ?? 0) + more;
    }
  }
  return grew;
}
