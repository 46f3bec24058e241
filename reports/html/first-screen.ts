/**
 * What the reader sees before scrolling: where this is from, the question, the
 * answer, why it is not better, and the figures behind it.
 */
import { formatDuration, formatTime } from '../figures.ts';
import { headlineOf } from '../headline.ts';
import type { Verdict, VerdictKind } from '../verdict.ts';
import { html, NOTHING, type Markup } from './markup.ts';

const TONES: Readonly<Record<VerdictKind, 'good' | 'bad' | 'warn'>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warn',
};

export function firstScreen(verdict: Verdict): Markup {
  const { question, word, answer, figures, scope } = headlineOf(verdict);
  const tone = TONES[verdict.verdict];
  return html`<header>
    <p class="origin">
      <strong>Holdfast</strong>
      <span>run <code>${verdict.run}</code></span>
      <span>${windowOf(verdict)}</span>
    </p>
    <p class="question">${wholeWords(question)}</p>
    <h1 id="verdict"><span class="word ${tone}">${word}</span> <span>${answer}</span></h1>
    ${reasonsOf(verdict, tone)}
    <dl class="figures">
      ${figures.map(
        (figure) =>
          html`<div>
            <dt>${figure.label}</dt>
            <dd class="value ${figure.tone}">${figure.value}</dd>
            <dd class="note">${figure.note}</dd>
          </div>`,
      )}
    </dl>
    ${scope === '' ? NOTHING : html`<p class="scope"><a href="#claims">Claims</a>: ${scope}</p>`}
  </header>`;
}

const windowOf = ({ window }: Verdict): string =>
  window.from === null
    ? 'no window was judged'
    : `${formatTime(window.from)}, ${formatDuration(window.seconds * 1_000)} judged`;

/** The names of faults have hyphens, and a line must not break there. */
const wholeWords = (text: string): readonly Markup[] =>
  text
    .split(' ')
    .map((word) =>
      word.includes('-') ? html`<span class="whole">${word}</span> ` : html`${word} `,
    );

function reasonsOf({ reasons }: Verdict, tone: string): Markup {
  if (reasons.length === 0) return NOTHING;
  return html`<ul class="reasons ${tone}">
    ${reasons.map((reason) => html`<li>${reason}</li>`)}
  </ul>`;
}
