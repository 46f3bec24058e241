import { describe, expect, it } from 'vitest';
import { renderHtml } from './html.ts';
import { chartPageOf } from './html/charts.ts';
import { html, scriptData } from './html/markup.ts';
import { sampleFailure, sampleInput, sampleNothing, sampleVerdict } from './sample-run.fixture.ts';
import { sampleEmptySeries, sampleSeries } from './sample-series.fixture.ts';

/** Everything before the scripts: what is read without them. */
const withoutScripts = (page: string): string => page.split('<script')[0] ?? '';

describe('the HTML report', () => {
  it('says everything but the charts without a script', () => {
    const text = withoutScripts(renderHtml({ ...sampleInput, verdict: sampleFailure }));
    for (const part of [
      'FAIL',
      'Claims</a>: 4 held, 1 refuted (C11), 2 not tested',
      'It lost 3 messages it had acknowledged',
      'are on no surviving node (check lost).',
      '98.114\u202f%',
      'sample-17-3 acknowledged as 41',
      'largest lag 84 ms',
      'no name server in this profile',
      'at most 63.157\u202f% of all such failovers',
      './holdfast check runs/20260301T140211Z-sample',
      'SAMPLE: made up for tests, not measured',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('links evidence to the check or the file that holds it', () => {
    const text = withoutScripts(renderHtml(sampleInput));
    expect(text).toContain('<a href="#check-lost">lost</a>');
    expect(text).toContain('<a href="events.jsonl">events.jsonl</a>');
    expect(text).not.toContain('href="no ');
  });

  it('never shows a claim that was not tested as held', () => {
    const row = withoutScripts(renderHtml(sampleInput)).split('DNS failover')[1]?.split('</tr>')[0];
    expect(row).toContain('not tested');
    expect(row).not.toContain('held');
  });

  it('gives the same bytes for the same run', () => {
    expect(renderHtml(sampleInput) === renderHtml(structuredClone(sampleInput))).toBe(true);
  });

  it('is a page even for a run that left nothing', () => {
    const text = withoutScripts(
      renderHtml({ verdict: sampleNothing, series: sampleEmptySeries, environment: {} }),
    );
    expect(text).toContain('The run ended before its window began.');
    expect(text).toContain('The run left nothing to draw.');
    expect(text).not.toContain('NaN');
    expect(text).not.toContain('undefined');
  });

  it('escapes everything that comes from the run', () => {
    const evil = `</script><script>alert(1)</script><x-evil onerror="alert(2)">'`;
    const page = renderHtml({
      verdict: {
        ...sampleFailure,
        run: evil,
        reasons: [evil],
        plan: { ...sampleFailure.plan, faults: [evil] },
        checks: [
          {
            id: evil,
            title: evil,
            kind: 'refuted',
            counts: { [evil]: 1 },
            examples: [evil],
            detail: evil,
          },
        ],
        claims: [
          {
            id: evil,
            group: evil,
            title: evil,
            status: 'refuted',
            measured: evil,
            required: evil,
            evidence: evil,
          },
        ],
      },
      series: {
        ...sampleSeries,
        bands: [{ label: evil, fromMs: sampleSeries.fromMs, toMs: sampleSeries.fromMs + 1 }],
      },
      environment: { [evil]: { [evil]: evil } },
    });
    expect(page.includes('<x-evil')).toBe(false);
    expect(page.includes('<script>alert')).toBe(false);
    expect(page.match(/<script/g)?.length).toBe(renderHtml(sampleInput).match(/<script/g)?.length);
  });
});

describe('markup', () => {
  it('escapes values in text and in attributes, and keeps markup', () => {
    expect(html`<a title="${'"<&\''}">${html`<b>${'<'}</b>`}${[html`1`, html`2`]}</a>`.text).toBe(
      '<a title="&quot;&lt;&amp;&#39;"><b>&lt;</b>12</a>',
    );
  });

  it('makes JSON that neither ends a script nor changes', () => {
    const value = { text: '</script><!--\u2028\u2029' };
    expect(scriptData(value).text).not.toMatch(/[<>\u2028\u2029]/);
    expect(JSON.parse(scriptData(value).text)).toEqual(value);
  });
});

describe('chart data', () => {
  const page = chartPageOf(sampleVerdict, sampleSeries);
  const chart = (id: string) => page.charts.find((one) => one.id === id);

  it('shares one time axis and clips the bands to it', () => {
    expect(page.windowMs).toBe(420_000);
    expect(page.bands.map(({ label }) => label)).toEqual([
      'kill-postgres',
      'kill-server',
      'cut-link',
    ]);
    const early = { ...sampleSeries, bands: [{ label: 'x', fromMs: 0, toMs: Infinity }] };
    expect(chartPageOf(sampleVerdict, early).bands).toEqual([
      { label: 'x', fromMs: 0, toMs: 420_000 },
    ]);
  });

  it('ends with the window, without the step that hardly began in it', () => {
    const verdict = { ...sampleVerdict, window: { ...sampleVerdict.window, seconds: 3.1 } };
    const torn = chartPageOf(verdict, sampleSeries);
    expect(torn.windowMs).toBe(3_100);
    expect(torn.charts[0]?.lines[0]?.values).toHaveLength(3);
  });

  it('leaves a hole where no message was offered', () => {
    const series = { ...sampleSeries, offered: [10, 0], withinDeadline: [9, 0], asSent: [5, 0] };
    const lines = chartPageOf(sampleVerdict, series).charts.find(
      ({ id }) => id === 'availability',
    )?.lines;
    expect(lines?.map(({ values }) => values)).toEqual([
      [0.5, null],
      [0.9, null],
    ]);
  });

  it('breaks the line of a process while it was dead', () => {
    const line = chart('cores')?.lines.find(({ name }) => name === 'db2/patroni');
    const hole = line?.values.indexOf(null) ?? -1;
    expect(line?.atMs?.[hole - 1]).toBe(238_000);
    expect(line?.atMs?.[hole + 1]).toBe(270_000);
  });

  it('draws how long the disk was waited for, where that is known', () => {
    expect(chart('disk')?.lines).toMatchObject([
      { figure: expect.stringMatching(/at most 3\.\d/) },
    ]);
    const machine = {
      ...sampleSeries.machine,
      diskWait: sampleSeries.machine.atMs.map(() => null),
    };
    const { charts } = chartPageOf(sampleVerdict, { ...sampleSeries, machine });
    expect(charts.map(({ id }) => id)).not.toContain('disk');
  });

  it('draws the five busiest processes, one colour each in both charts, and the machine', () => {
    const [machine, ...cores] = chart('cores')?.lines ?? [];
    expect(machine).toMatchObject({ name: 'the whole machine', colour: 'muted' });
    expect(chart('cores')?.limits).toEqual([{ label: 'all cores', value: 2 }]);
    const memory = chart('memory')?.lines ?? [];
    expect(cores.map(({ name }) => name)).toEqual([
      'load/shard-0',
      'load/shard-1',
      'db1/patroni',
      'db2/patroni',
      'app1/chat',
    ]);
    const colours = new Map([...cores, ...memory].map(({ name, colour }) => [name, colour]));
    for (const { name, colour } of [...cores, ...memory]) expect(colours.get(name)).toBe(colour);
    expect(new Set(colours.values()).size).toBe(colours.size);
  });
});
