/**
 * The report of a sweep as one self-contained HTML file, like that of a run:
 * the answer, the knee curve, which part was full, every step, and how far
 * nine servers would go, with the assumptions beside the figures.
 */
import { formatBytes, formatCount, formatDuration } from '../figures.ts';
import { html, NOTHING, type Markup } from '../html/markup.ts';
import { renderPage } from '../html/page.ts';
import { besideWords } from './beside.ts';
import type { Capacity } from './capacity.ts';
import { kneePageOf, type KneeChart, type KneePage } from './charts.ts';
import { figureOf, questionOf, saturationWords } from './conclude.ts';
import { extrapolationWords, rounded, spanWords } from './extrapolation-words.ts';
import { extrapolationSection, partsTable, stepsSection } from './html-tables.ts';

export function renderCapacityHtml(capacity: Capacity): string {
  const page = kneePageOf(capacity);
  const tone = { found: 'good', 'at-least': 'good', none: 'bad' }[capacity.result.kind];
  return renderPage({
    title: `${figureOf(capacity.result)}: ${capacity.name}`,
    body: html`<header>
        <p class="origin">
          <strong>Holdfast</strong>
          <span>capacity <code>${capacity.name}</code></span>
          <span
            >${formatCount(capacity.steps.length)} steps in
            ${formatDuration(capacity.tookSec * 1_000)}</span
          >
        </p>
        <p class="question">${questionOf(capacity)}</p>
        <h1 id="capacity">
          <span class="word ${tone}">${figureOf(capacity.result)}</span>
        </h1>
        <p>${capacity.result.words}</p>
        ${capacity.beside === null ? NOTHING : html`<p>${besideWords(capacity.beside)}</p>`}
        ${headFigures(capacity)}
      </header>
      <main>
        ${chartsSection(page)}
        <section id="saturation">
          <h2>Which part was full</h2>
          <p>${saturationWords(capacity)}</p>
          ${partsTable(capacity)}
        </section>
        ${stepsSection(capacity)}
        <section id="nine-servers">
          <h2>How far nine servers would go</h2>
          <p>${extrapolationWords(capacity.extrapolation)}</p>
          ${extrapolationSection(capacity.extrapolation)}
        </section>
      </main>`,
    script: 'capacity-page.js',
    charts: page,
  });
}

function headFigures({ steps, result, extrapolation, machine, under }: Capacity): Markup {
  const best = steps.findLast(({ users, kind }) => users === result.users && kind === 'held');
  const nine = extrapolation.kind === 'extrapolated' ? extrapolation.first : null;
  const figures: readonly (readonly [label: string, value: string, note: string])[] = [
    ['p99 there', formatDuration(best?.latencyMs.p99 ?? null), 'of the steady load'],
    [
      'messages there',
      best?.acknowledgedHz == null ? '–' : `${formatCount(best.acknowledgedHz)}/s`,
      'acknowledged',
    ],
    ['under', under ?? 'no fault', under === null ? 'a quiet cluster' : 'in every step'],
    [
      'this machine',
      `${machine.cores} cores`,
      `${formatBytes(machine.memoryBytes)}, the generator on it as well`,
    ],
    [
      'nine servers',
      nine === null ? '–' : rounded(nine.users),
      nine === null
        ? 'not extrapolated'
        : `users (${spanWords(nine)}), extrapolated and not measured`,
    ],
  ];
  return html`<dl class="figures">
    ${figures.map(
      ([label, value, note]) =>
        html`<div>
          <dt>${label}</dt>
          <dd class="value">${value}</dd>
          <dd class="note">${note}</dd>
        </div>`,
    )}
  </dl>`;
}

const chartsSection = ({ charts }: KneePage): Markup =>
  html`<section id="charts">
    <h2>The knee</h2>
    ${
      charts.length === 0
        ? html`<p class="muted">No step left anything to draw.</p>`
        : html`<p class="muted">
              Users against what was measured at each step; a hollow point is a step that did not
              hold, the upright line the largest load that did.
            </p>
            <noscript
              ><p>The charts need JavaScript. Their figures are in the tables below.</p></noscript
            >
            ${charts.map(chartFigure)}`
    }
  </section>`;

function chartFigure({ id, title, lines }: KneeChart): Markup {
  const names = lines.map(({ name }) => name).join(', ');
  return html`<figure>
    <figcaption>
      <strong>${title}</strong>
      ${lines.map(
        ({ name, colour }) =>
          html`<span class="key" style="--key: var(--line-${colour})">${name}</span> `,
      )}
    </figcaption>
    <div class="chart" id="chart-${id}" role="img" aria-label="${title}: ${names}"></div>
  </figure>`;
}
