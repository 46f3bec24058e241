/**
 * What the charts of a sweep show, as plain data: users against latency,
 * availability, cores and memory. `capacity-page.js` draws it in the browser;
 * the same figures stand in the tables.
 */
import { circumstancesOf, type Beside } from './beside.ts';
import type { Capacity, CapacityStep } from './capacity.ts';
import { usageByPart, sumOf, PARTS, type Part } from './parts.ts';

export interface KneePoint {
  readonly users: number;
  readonly value: number;
  /** Drawn hollow where the step did not hold. */
  readonly held: boolean;
}

export interface KneeLine {
  readonly name: string;
  /** `muted`, or 1 … 8: a colour of the page's palette. */
  readonly colour: 'muted' | number;
  readonly points: readonly KneePoint[];
}

export interface KneeChart {
  readonly id: string;
  readonly title: string;
  readonly unit: 'milliseconds' | 'share' | 'cores' | 'bytes';
  readonly scale: 'linear' | 'log';
  readonly lines: readonly KneeLine[];
  readonly limits: readonly { readonly label: string; readonly value: number }[];
}

export interface KneePage {
  /** The largest load that held; 0 for none. */
  readonly users: number;
  readonly charts: readonly KneeChart[];
}

type FigureOf = (step: CapacityStep) => number | null;

export function kneePageOf(capacity: Capacity): KneePage {
  const steps = capacity.steps.toSorted((left, right) => left.users - right.users);
  const line = (name: string, colour: KneeLine['colour'], figureOf: FigureOf): KneeLine => ({
    name,
    colour,
    points: steps.flatMap((step) => {
      const value = figureOf(step);
      return value === null ? [] : [{ users: step.users, value, held: step.kind === 'held' }];
    }),
  });
  const charts = [
    latencyChart(capacity, line),
    availabilityChart(capacity, line),
    coresChart(capacity, line),
    memoryChart(line),
  ].map((chart) => ({ ...chart, lines: chart.lines.filter(({ points }) => points.length > 0) }));
  return {
    users: capacity.result.users,
    charts: charts.filter(({ lines }) => lines.length > 0),
  };
}

type LineOf = (name: string, colour: KneeLine['colour'], figureOf: FigureOf) => KneeLine;

const latencyChart = ({ objective, under, beside }: Capacity, line: LineOf): KneeChart => ({
  id: 'latency',
  title: 'Time to acknowledgement, from the intended moment, of the steady load',
  unit: 'milliseconds',
  scale: 'log',
  limits: [{ label: 'objective', value: objective.p99MsMax }],
  lines: [
    line('p50', 1, ({ latencyMs }) => latencyMs.p50),
    line('p99', 2, ({ latencyMs }) => latencyMs.p99),
    ...(under === null
      ? []
      : [line(`p99 with ${under} in it`, 7, ({ latencyWholeMs }) => latencyWholeMs.p99)]),
    ...(beside === null ? [] : [besideLine(beside)]),
  ],
});

const besideLine = (beside: Beside): KneeLine => ({
  name: `p99 ${circumstancesOf(beside)}, of the sweep beside it`,
  colour: 'muted',
  points: beside.steps
    .toSorted((left, right) => left.users - right.users)
    .flatMap(({ users, kind, latencyMs }) =>
      latencyMs.p99 === null ? [] : [{ users, value: latencyMs.p99, held: kind === 'held' }],
    ),
});

const availabilityChart = ({ objective }: Capacity, line: LineOf): KneeChart => ({
  id: 'availability',
  title: 'Share of messages acknowledged in time',
  unit: 'share',
  scale: 'linear',
  limits: [{ label: 'objective', value: objective.availability }],
  lines: [
    line('with retries', 1, ({ availability }) => availability.withRetries),
    line('as sent', 2, ({ availability }) => availability.asSent),
  ],
});

const coresChart = ({ machine }: Capacity, line: LineOf): KneeChart => ({
  id: 'cores',
  title: 'Processor, in cores, by part',
  unit: 'cores',
  scale: 'linear',
  limits: [{ label: 'the machine', value: machine.cores }],
  lines: [
    line('all that was busy', 'muted', ({ busyCores, usage }) =>
      usage.length === 0 ? null : (busyCores ?? sumOf(usage, 'cores')),
    ),
    ...DRAWN.map((part, index) => line(part, index + 1, partFigure(part, 'cores'))),
  ],
});

const memoryChart = (line: LineOf): KneeChart => ({
  id: 'memory',
  title: 'Memory by part',
  unit: 'bytes',
  scale: 'linear',
  limits: [],
  lines: DRAWN.map((part, index) => line(part, index + 1, partFigure(part, 'memoryBytes'))),
});

/** As many as the palette has colours. */
const DRAWN = PARTS.filter((part) => part !== 'other');

const partFigure =
  (part: Part, figure: 'cores' | 'memoryBytes'): FigureOf =>
  ({ usage }) =>
    usageByPart(usage).find((each) => each.part === part)?.[figure] ?? null;
