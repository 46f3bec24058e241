/**
 * What the chat servers count themselves, asked from outside: the series of
 * their Prometheus text that are theirs (`chat_…`), without histograms.
 */
import type { Cluster, ServerId } from '../cluster/cluster.ts';

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

/** By server; one that does not answer is not in it. */
export async function readCounters(cluster: Cluster): Promise<ReadonlyMap<ServerId, Counters>> {
  const byServer = new Map<ServerId, Counters>();
  await Promise.all(
    cluster.servers
      .filter(({ role }) => role === 'app')
      .map(async ({ id, address }) => {
        const signal = AbortSignal.timeout(SCRAPE_TIMEOUT_MS);
        const text = await fetch(`http://${address}:9001/metrics`, { signal })
          .then((response) => response.text())
          .catch(() => undefined);
        if (text !== undefined) byServer.set(id, parseCounters(text));
      }),
  );
  return byServer;
}

/** By how much each series grew over all servers; what did not grow is left out. */
export function growthOf(
  before: ReadonlyMap<ServerId, Counters>,
  after: ReadonlyMap<ServerId, Counters>,
): Record<string, number> {
  const grew: Record<string, number> = {};
  for (const [server, counters] of after) {
    for (const [series, value] of counters) {
      const more = value - (before.get(server)?.get(series) ?? 0);
      if (more > 0) grew[series] = (grew[series] ?? 0) + more;
    }
  }
  return grew;
}
