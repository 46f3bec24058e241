/**
 * What the charts are drawn from, one entry a second of the window.
 *
 * `offered`, `withinDeadline`, `asSent` and the percentiles belong to the
 * second in which the user meant to send; `acknowledged` to the second in
 * which the acknowledgement came, so that an outage shows as the hole it was.
 */
import type { RunEvent } from '../events.ts';
import type { Series } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import { NEVER } from '../ledger/messages.ts';
import { lowerBound, type Outcomes } from './outcomes.ts';
import { pickPercentiles, take } from './picked.ts';
import type { FaultSpan } from './timeline.ts';

const STEP_MS = 1_000;

export function seriesOf(
  events: readonly RunEvent[],
  outcomes: Outcomes | null,
  acknowledgedAtMs: Int32Array,
  spans: readonly FaultSpan[],
  usage: Series['usage'],
): Series {
  const bands = spans.map((span) => ({
    label: `${span.kind} ${span.target}`,
    fromMs: span.struckMs,
    toMs: span.overMs,
  }));
  const machine = machineOf(events);
  if (outcomes === null) return { ...EMPTY, bands, machine, usage };
  const { fromMs, toMs } = outcomes.window;
  const steps = Math.ceil((toMs - fromMs) / STEP_MS);
  const shiftMs = outcomes.baseMs - fromMs;
  const counts = (): number[] => Array.from({ length: steps }, () => 0);
  const [offered, withinDeadline, asSent, answered] = [counts(), counts(), counts(), counts()];
  const { intendedMs, latencyMs } = outcomes;
  const stepOf = new Int32Array(outcomes.count);
  for (let each = 0; each < outcomes.count; each++) {
    const step = Math.floor(((intendedMs[each] as number) + shiftMs) / STEP_MS);
    stepOf[each] = step;
    offered[step] = (offered[step] as number) + 1;
    withinDeadline[step] = (withinDeadline[step] as number) + (outcomes.good[each] as number);
    asSent[step] = (asSent[step] as number) + (outcomes.asSent[each] as number);
    if (latencyMs[each] !== NEVER) answered[step] = (answered[step] as number) + 1;
  }
  const latencies = answered.map((count) => pickPercentiles(count));
  for (const each of outcomes.byLatency) {
    const picked = latencies[stepOf[each] as number];
    if (picked !== undefined) take(picked, latencyMs[each] as number);
  }
  return {
    fromMs,
    stepMs: STEP_MS,
    offered,
    acknowledged: offered.map((_, step) => {
      const stepFromMs = step * STEP_MS - shiftMs;
      return (
        lowerBound(acknowledgedAtMs, stepFromMs + STEP_MS) -
        lowerBound(acknowledgedAtMs, stepFromMs)
      );
    }),
    withinDeadline,
    asSent,
    p50Ms: latencies.map(({ p50 }) => p50),
    p99Ms: latencies.map(({ p99 }) => p99),
    sockets: socketsBySecond(events, fromMs, steps),
    bands,
    machine,
    usage,
  };
}

const EMPTY: Series = {
  fromMs: 0,
  stepMs: STEP_MS,
  offered: [],
  acknowledged: [],
  withinDeadline: [],
  asSent: [],
  p50Ms: [],
  p99Ms: [],
  sockets: [],
  bands: [],
  machine: { atMs: [], busyCores: [], cores: null, diskWait: [] },
  usage: [],
};

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

function machineOf(events: readonly RunEvent[]): Series['machine'] {
  const samples = eventsOf(events, 'machine');
  return {
    atMs: samples.map(({ atMs }) => atMs),
    busyCores: samples.map(({ busyCores }) => rounded(busyCores)),
    cores: samples[0]?.cores ?? null,
    diskWait: samples.map(({ diskWait }) => (diskWait == null ? null : rounded(diskWait))),
  };
}

/** The last count known at each second's end. */
function socketsBySecond(events: readonly RunEvent[], fromMs: number, steps: number) {
  const counts = eventsOf(events, 'sockets');
  let next = 0;
  let open: number | null = null;
  return Array.from({ length: steps }, (_, step) => {
    while ((counts[next]?.atMs ?? Infinity) < fromMs + (step + 1) * STEP_MS) {
      open = counts[next]?.open ?? null;
      next++;
    }
    return open;
  });
}
