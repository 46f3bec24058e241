/** The renderers of a sweep, each with literal input. */
import { describe, expect, it } from 'vitest';
import { renderJson } from '../json.ts';
import { besideSchema } from './beside.ts';
import { kneePageOf } from './charts.ts';
import { concludeCapacity } from './conclude.ts';
import { renderCapacityHtml } from './html.ts';
import {
  sampleGeneratorLimited,
  sampleHealthy,
  sampleNoStep,
  sampleStep,
  sampleSweep,
} from './sample-sweep.fixture.ts';
import { renderCapacityTerminal } from './terminal.ts';

const ALL = [sampleSweep, sampleHealthy, sampleGeneratorLimited, sampleNoStep];
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('a sweep on a terminal', () => {
  it('fits into 80 columns, whatever was found', () => {
    for (const sweep of ALL) {
      for (const line of renderCapacityTerminal(concludeCapacity(sweep)).split('\n')) {
        expect(line.length, line).toBeLessThanOrEqual(80);
      }
    }
  });

  it('has the question, the answer, every step, what was full and nine servers', () => {
    expect(plain(renderCapacityTerminal(concludeCapacity(sampleSweep)))).toBe(
      `What is the largest number of users within the objective: 99 % of the messages
of the steady load acknowledged within 1 s, 99 % of all within 5 s, nothing
lost?

30 000 users; 35 000 were too many in 2 tries: 99 % of the steady load took up
to 1.4 s; the objective is 1 s.

    users     msg/s         p50         p99      in time     cores  outcome
   10 000       167       12 ms       70 ms        100 %      0.63  held
   20 000       333       12 ms       80 ms        100 %      0.97  held
   40 000       667       90 ms       1.4 s        100 %      1.97  FAILED
   30 000       500       12 ms       90 ms        100 %      1.30  held
   35 000       583       90 ms       1.4 s        100 %      1.97  FAILED
   35 000       583       90 ms       1.4 s        100 %      1.97  FAILED

At 40 000 users full: the machine’s cores; 1.97 of 2 cores were busy (1.79 with
ours: generator 0.84, database 0.44, balancer 0.28), 49 % of the memory in use
by ours.

Nine servers of 2 CPUs, extrapolated from 10 000, 20 000, 30 000 users: 280 000
users (from 280 000 to 280 000 when one of these loads is left out), then the
primary’s server would be full first. With one server lost: 180 000 users (from
180 000 to 180 000), then an edge. That is 9.6 times the largest load it is
drawn from, and nobody measured it: see the assumptions in the report.
`,
    );
  });
});

describe('the curves', () => {
  it('are in the order of the users, hollow where a step did not hold', () => {
    const { charts, users } = kneePageOf(concludeCapacity(sampleSweep));
    expect(users).toBe(30_000);
    expect(charts.map(({ id }) => id)).toEqual(['latency', 'availability', 'cores', 'memory']);
    const p99 = charts[0]?.lines.find(({ name }) => name === 'p99');
    expect(p99?.points).toEqual([
      { users: 10_000, value: 70, held: true },
      { users: 20_000, value: 80, held: true },
      { users: 30_000, value: 90, held: true },
      { users: 35_000, value: 1_400, held: false },
      { users: 35_000, value: 1_400, held: false },
      { users: 40_000, value: 1_400, held: false },
    ]);
    expect(charts[2]?.lines.map(({ name }) => name)).toContain('generator');
    expect(charts[2]?.limits).toEqual([{ label: 'the machine', value: 2 }]);
  });

  it('show the fault’s latency beside the steady one, where there is a fault', () => {
    const [latency] = kneePageOf(concludeCapacity(sampleGeneratorLimited)).charts;
    const name = 'p99 with kill-server in it';
    expect(latency?.lines.find((line) => line.name === name)?.points[0]?.value).toBe(3_100);
  });

  it('show the sweep beside it, where there is one', () => {
    const [latency] = kneePageOf(concludeCapacity(sampleGeneratorLimited)).charts;
    expect(latency?.lines.at(-1)).toEqual({
      name: 'p99 without a fault, of the sweep beside it',
      colour: 'muted',
      points: [{ users: 10_000, value: 70, held: true }],
    });
    const words =
      'Beside it, without a fault (20260301T120000Z-capacity): 30 000 users; 35 000 were too many.';
    expect(renderCapacityHtml(concludeCapacity(sampleGeneratorLimited))).toContain(words);
  });

  it('are not there without a step', () => {
    expect(kneePageOf(concludeCapacity(sampleNoStep)).charts).toEqual([]);
  });
});

describe('a sweep’s page', () => {
  it('can be shown beside another: what is written is what is read', () => {
    const capacity = concludeCapacity(sampleSweep);
    const beside = besideSchema.parse(JSON.parse(renderJson(capacity)));
    expect(beside).toMatchObject({ name: capacity.name, under: null });
    expect(beside.result.users).toBe(30_000);
    expect(beside.steps).toHaveLength(capacity.steps.length);
  });

  it('is one file with the answer, every step, the parts and the assumptions', () => {
    const page = plain(renderCapacityHtml(concludeCapacity(sampleSweep)));
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const words of [
      'Content-Security-Policy',
      '30 000 users; 35 000 were too many in 2 tries',
      'href="20260301T140211Z-capacity-40000/report.html"',
      'What this takes for granted',
      'Disk and network were not looked at.',
      'the primary’s server',
    ]) {
      expect(page).toContain(words);
    }
  });

  it('escapes what comes from a run', () => {
    const steps = [sampleStep(10_000, { kind: 'unknown', reasons: ['<script>alert(1)</script>'] })];
    const page = renderCapacityHtml(concludeCapacity({ ...sampleSweep, steps }));
    expect(page).not.toContain('<script>alert');
  });

  it('opens for a sweep without a step', () => {
    const page = renderCapacityHtml(concludeCapacity(sampleNoStep));
    expect(page).toContain('No step was ended.');
    expect(page).toContain('not extrapolated');
  });

  it('is the same for the same sweep', () => {
    const capacity = concludeCapacity(sampleSweep);
    expect(renderCapacityHtml(capacity)).toBe(renderCapacityHtml(capacity));
  });
});
