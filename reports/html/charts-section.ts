/**
 * The charts' place in the page: titles, legends with their figures, buttons
 * to look closer at one fault, and what the same charts say in tables for
 * those who read without a script.
 */
import type { Series } from '../../chaos/findings.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../figures.ts';
import type { Verdict } from '../verdict.ts';
import type { Chart, ChartPage } from './charts.ts';
import { html, NOTHING, table, type Markup } from './markup.ts';
import { meanOf, peakOf } from './statistics.ts';

export function chartsSection(verdict: Verdict, series: Series, page: ChartPage): Markup {
  return html`<section id="charts">
    <h2>What happened, over time</h2>
    ${page.charts.length === 0 ? html`<p class="muted">The run left nothing to draw.</p>` : charts(page)}
    <h3>By phase</h3>
    ${phaseTable(verdict)} ${deliveryLine(verdict)} ${usageTable(series)}
  </section>`;
}

const charts = (page: ChartPage): Markup =>
  html`<p class="muted">
      All charts share one time axis, in minutes and seconds since the window began.
      ${page.bands.length === 0 ? '' : 'A shaded band is a fault, from injection to healing, or what the shape of the load does.'}
    </p>
    <noscript
      ><p>
        The charts need JavaScript. Their figures are in the legends and tables here, every second
        of them in <code>metrics/series.json</code>.
      </p></noscript
    >
    <div class="zoom">
      ${zoomButtons(page)}<span id="chart-time">point at a chart to read its values</span>
    </div>
    ${page.charts.map(chartFigure)}`;

function zoomButtons({ bands }: ChartPage): Markup {
  if (bands.length === 0) return NOTHING;
  const faults = bands.map(
    ({ label }, index) =>
      html`<button type="button" data-zoom="${index}" aria-pressed="false">
        ${index + 1} ${label}
      </button>`,
  );
  return html`<button type="button" data-zoom="all" aria-pressed="true">whole window</button
    >${faults}`;
}

function chartFigure({ id, title, lines }: Chart): Markup {
  const spoken = lines.map(({ name, figure }) => `${name} ${figure}`).join('; ');
  return html`<figure>
    <figcaption>
      <strong>${title}</strong>
      ${lines.map(
        ({ name, colour, figure }) =>
          html`<span class="key" style="--key: var(--line-${colour})"
            >${name}<span class="muted" data-legend="${id}">${figure}</span></span
          > `,
      )}
    </figcaption>
    <div class="chart" id="chart-${id}" role="img" aria-label="${title}: ${spoken}"></div>
  </figure>`;
}

function phaseTable(verdict: Verdict): Markup {
  const { availability, latencyByPhaseMs, latencyMs } = verdict;
  const phases = Object.entries(availability.byPhase).map(([phase, figure]) => ({
    phase,
    figure,
    latency: latencyByPhaseMs[phase],
    firstAttempt: verdict.latencyAsSentByPhaseMs[phase],
  }));
  const { asSent, withRetries } = availability;
  const messages = phases.reduce((sum, { figure }) => sum + figure.messages, 0);
  const window = {
    phase: 'whole window',
    figure: { messages, asSent, withRetries },
    latency: latencyMs,
    firstAttempt: verdict.latencyAsSentMs,
  };
  return table(
    [
      { head: 'phase' },
      { head: 'messages', numeric: true },
      { head: 'with retries', numeric: true },
      { head: 'as sent', numeric: true },
      { head: 'p50', numeric: true },
      { head: 'p95', numeric: true },
      { head: 'p99', numeric: true },
      { head: 'max', numeric: true },
      { head: 'p99 as sent', numeric: true },
    ],
    [...phases, window].map(({ phase, figure, latency, firstAttempt }) => [
      phase,
      formatCount(figure.messages),
      formatShare(figure.withRetries),
      formatShare(figure.asSent),
      formatDuration(latency?.p50 ?? null),
      formatDuration(latency?.p95 ?? null),
      formatDuration(latency?.p99 ?? null),
      formatDuration(latency?.max ?? null),
      formatDuration(firstAttempt?.p99 ?? null),
    ]),
    'No phase was seen.',
  );
}

/** Deliveries are not split by phase: listeners count them, and keep no times. */
function deliveryLine({ deliveryMs: { p50, p95, p99, max } }: Verdict): Markup {
  if (p50 === null) return html`<p class="muted">How long deliveries took was not measured.</p>`;
  return html`<p>
    Deliveries, from the intended time of their message: p50 ${formatDuration(p50)}, p95
    ${formatDuration(p95)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}.
    <span class="muted">Over all deliveries to one user in fifty, the whole window.</span>
  </p>`;
}

function usageTable({ usage }: Series): Markup {
  if (usage.length === 0) return NOTHING;
  const rows = usage
    .map(({ id, cores, memoryBytes }) => ({
      id,
      mean: meanOf(cores) ?? 0,
      peak: peakOf(cores) ?? 0,
      memory: peakOf(memoryBytes) ?? 0,
    }))
    .sort((left, right) => right.mean - left.mean);
  const all = rows.reduce((sum, { mean }) => sum + mean, 0);
  return html`<details>
    <summary>
      All ${rows.length} processes: ${formatCount(all, 2)} cores on average together
    </summary>
    ${table(
      [
        { head: 'process' },
        { head: 'cores, mean', numeric: true },
        { head: 'cores, peak', numeric: true },
        { head: 'memory, peak', numeric: true },
      ],
      rows.map(({ id, mean, peak, memory }) => [
        id,
        formatCount(mean, 2),
        formatCount(peak, 2),
        formatBytes(memory),
      ]),
      '',
    )}
  </details>`;
}
