/**
 * What the charts of the report show, as plain data: lines over the window,
 * limits, and the faults as bands. `page.js` draws it in the browser; the
 * legend with its figures is HTML and is there without it.
 *
 * A second without a sample, or without messages, is a hole in the line and
 * never a zero. Of the many processes only the busiest are drawn; the table
 * below the charts has all of them.
 */
import type { Series } from '../../chaos/findings.ts';
import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from '../figures.ts';
import type { Verdict } from '../verdict.ts';
import { meanOf, peakOf, quantileOf, type Value } from './statistics.ts';

export type ChartUnit = 'rate' | 'milliseconds' | 'share' | 'count' | 'cores' | 'bytes';

export interface ChartLine {
  readonly name: string;
  /** `muted`, or 1 … 8: a colour of the page's palette. */
  readonly colour: 'muted' | number;
  /** One value a step of the window; with `atMs`, one value each. */
  readonly values: readonly Value[];
  /** Since the window began. */
  readonly atMs?: readonly number[];
  /** What the legend says about the whole window. */
  readonly figure: string;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: ChartUnit;
  readonly scale: 'linear' | 'log';
  readonly lines: readonly ChartLine[];
  readonly limits: readonly { readonly label: string; readonly value: number }[];
}

export interface ChartPage {
  readonly windowMs: number;
  readonly stepMs: number;
  readonly bands: readonly {
    readonly label: string;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  readonly charts: readonly Chart[];
}

export function chartPageOf(verdict: Verdict, whole: Series): ChartPage {
  const stepsMs = whole.offered.length * whole.stepMs;
  const windowMs = Math.min(stepsMs, verdict.window.seconds * 1_000 || stepsMs);
  const series = withoutTornStep(whole, windowMs);
  return {
    windowMs,
    stepMs: series.stepMs,
    bands: series.bands.map(({ label, fromMs, toMs }) => ({
      label,
      fromMs: Math.max(0, fromMs - series.fromMs),
      toMs: Math.min(windowMs, toMs - series.fromMs),
    })),
    charts: [
      ratesChart(verdict, series),
      latencyChart(verdict, series),
      availabilityChart(verdict, series),
      socketsChart(series),
      ...usageCharts(series),
      diskChart(series),
    ].filter(({ lines }) => lines.some(({ values }) => values.some((value) => value !== null))),
  };
}

/** A last step of which less than half lies in the window would look like a collapse. */
function withoutTornStep(series: Series, windowMs: number): Series {
  const steps = Math.round(windowMs / series.stepMs);
  return {
    ...series,
    offered: series.offered.slice(0, steps),
    acknowledged: series.acknowledged.slice(0, steps),
    withinDeadline: series.withinDeadline.slice(0, steps),
    asSent: series.asSent.slice(0, steps),
    p50Ms: series.p50Ms.slice(0, steps),
    p99Ms: series.p99Ms.slice(0, steps),
    sockets: series.sockets.slice(0, steps),
  };
}

function ratesChart({ rates }: Verdict, { offered, acknowledged, stepMs }: Series): Chart {
  const perSecond = (counts: readonly number[]): readonly Value[] =>
    counts.map((count) => (count * 1_000) / stepMs);
  const [offeredHz, acknowledgedHz] = [perSecond(offered), perSecond(acknowledged)];
  return {
    id: 'rates',
    title: 'Messages a second',
    unit: 'rate',
    scale: 'linear',
    limits: [],
    lines: [
      {
        name: 'offered',
        colour: 'muted',
        values: offeredHz,
        figure: `mean ${formatRate(rates.offeredHz)}`,
      },
      {
        name: 'acknowledged',
        colour: 1,
        values: acknowledgedHz,
        figure: `mean ${formatRate(rates.acknowledgedHz)}`,
      },
    ],
  };
}

function latencyChart({ availability }: Verdict, { p50Ms, p99Ms }: Series): Chart {
  const figure = (values: readonly Value[]): string =>
    `worst ${formatDuration(peakOf(values))}, usually ${formatDuration(quantileOf(values, 0.5))}`;
  return {
    id: 'latency',
    title: 'Time to acknowledgement, from the intended moment',
    unit: 'milliseconds',
    scale: 'log',
    limits: [
      { label: 'as sent', value: availability.asSentMs },
      { label: 'deadline', value: availability.deadlineMs },
    ],
    lines: [
      { name: 'p50', colour: 1, values: p50Ms, figure: figure(p50Ms) },
      { name: 'p99', colour: 2, values: p99Ms, figure: figure(p99Ms) },
    ],
  };
}

function availabilityChart({ availability }: Verdict, series: Series): Chart {
  const shareOf = (good: readonly number[]): readonly Value[] =>
    series.offered.map((offered, second) =>
      offered === 0 ? null : Math.min(1, (good[second] ?? 0) / offered),
    );
  return {
    id: 'availability',
    title: 'Share of messages acknowledged in time',
    unit: 'share',
    scale: 'linear',
    limits: [{ label: 'objective', value: availability.objective }],
    lines: [
      {
        name: `as sent, ${formatDuration(availability.asSentMs)}`,
        colour: 2,
        values: shareOf(series.asSent),
        figure: `window ${formatShare(availability.asSent)}`,
      },
      {
        name: `with retries, ${formatDuration(availability.deadlineMs)}`,
        colour: 1,
        values: shareOf(series.withinDeadline),
        figure: `window ${formatShare(availability.withRetries)}`,
      },
    ],
  };
}

function socketsChart({ sockets }: Series): Chart {
  const lowest = sockets.reduce<Value>(
    (low, value) => (value === null ? low : low === null ? value : Math.min(low, value)),
    null,
  );
  const figure = `at most ${formatCount(peakOf(sockets) ?? NaN)}, at least ${formatCount(lowest ?? NaN)}`;
  return {
    id: 'sockets',
    title: 'Open sockets, counted by the servers',
    unit: 'count',
    scale: 'linear',
    limits: [],
    lines: [{ name: 'open', colour: 1, values: sockets, figure }],
  };
}

/** More lines than this in one chart cannot be told apart. */
const PROCESSES_MAX = 5;
const COLOURS = 8;
/** Its line is drawn without a colour of its own. */
const MACHINE = 'the whole machine';

function usageCharts(series: Series): readonly Chart[] {
  const byCores = topBy(series.usage, ({ cores }) => meanOf(cores) ?? 0);
  const byMemory = topBy(series.usage, ({ memoryBytes }) => peakOf(memoryBytes) ?? 0);
  // A process has one colour in both charts; the few that find none left are not drawn.
  const ids = [...new Set([...byCores, ...byMemory].map(({ id }) => id))].slice(0, COLOURS);
  const line = (
    id: string,
    atMs: readonly number[],
    values: readonly number[],
    figure: string,
  ) => ({
    name: id,
    colour: ids.indexOf(id) + 1,
    figure,
    ...withHoles(
      atMs.map((at) => at - series.fromMs),
      values,
    ),
  });
  const drawn = ({ id }: { readonly id: string }): boolean => ids.includes(id);
  const { machine } = series;
  const whole = meanOf(machine.busyCores);
  return [
    {
      id: 'cores',
      title: 'Processor, in cores: the busiest processes, and all there are',
      unit: 'cores',
      scale: 'linear',
      limits: machine.cores === null ? [] : [{ label: 'all cores', value: machine.cores }],
      lines: [
        ...(whole === null
          ? []
          : [
              {
                ...line(MACHINE, machine.atMs, machine.busyCores, `mean ${formatCount(whole, 2)}`),
                colour: 'muted' as const,
              },
            ]),
        ...byCores
          .filter(drawn)
          .map(({ id, atMs, cores }) =>
            line(id, atMs, cores, `mean ${formatCount(meanOf(cores) ?? NaN, 2)}`),
          ),
      ],
    },
    {
      id: 'memory',
      title: 'Memory: the largest processes',
      unit: 'bytes',
      scale: 'linear',
      limits: [],
      lines: byMemory
        .filter(drawn)
        .map(({ id, atMs, memoryBytes }) =>
          line(id, atMs, memoryBytes, `peak ${formatBytes(peakOf(memoryBytes) ?? 0)}`),
        ),
    },
  ];
}

/** Who commits waits for the disk: what it keeps waiting is no fault of the service. */
function diskChart({ machine, fromMs }: Series): Chart {
  const times = machine.atMs.map((at) => at - fromMs);
  const figure = `mean ${formatShare(meanOf(machine.diskWait))}, at most ${formatShare(peakOf(machine.diskWait))}`;
  return {
    id: 'disk',
    title: 'Share of the time in which somebody waited for the disk',
    unit: 'share',
    scale: 'linear',
    limits: [],
    lines: [{ name: 'waited', colour: 'muted', ...withHoles(times, machine.diskWait), figure }],
  };
}

type Usage = Series['usage'][number];

const topBy = (usage: readonly Usage[], size: (usage: Usage) => number): readonly Usage[] =>
  usage
    .filter(({ atMs }) => atMs.length > 0)
    .toSorted((left, right) => size(right) - size(left))
    .slice(0, PROCESSES_MAX);

/** A process that was dead has no samples: where three steps are missing, the line breaks. */
function withHoles(atMs: readonly number[], values: readonly Value[]) {
  const steps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? at));
  const holeMs = 3 * (quantileOf(steps, 0.5) ?? Infinity);
  const times: number[] = [];
  const holed: Value[] = [];
  for (const [index, at] of atMs.entries()) {
    const before = atMs[index - 1];
    if (before !== undefined && at - before > holeMs) {
      times.push(before + 1);
      holed.push(null);
    }
    times.push(at);
    holed.push(values[index] ?? null);
  }
  return { atMs: times, values: holed };
}
