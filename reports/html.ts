/**
 * The report of a run as one self-contained HTML file. It depends on its input
 * only, so the same run gives the same bytes.
 */
import type { Series } from '../chaos/findings.ts';
import type { Environment } from './environment.ts';
import { chartPageOf } from './html/charts.ts';
import { chartsSection } from './html/charts-section.ts';
import { claimsSection, notTestedSection } from './html/claims-section.ts';
import { environmentSection } from './html/environment-section.ts';
import {
  checksSection,
  confidenceSection,
  messagesSection,
  preconditionsSection,
} from './html/evidence-sections.ts';
import { faultsSection } from './html/faults-section.ts';
import { firstScreen } from './html/first-screen.ts';
import { html } from './html/markup.ts';
import { renderPage } from './html/page.ts';
import { headlineOf } from './headline.ts';
import type { Verdict } from './verdict.ts';

export interface HtmlInput {
  readonly verdict: Verdict;
  readonly series: Series;
  readonly environment: Environment;
}

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['charts', 'Over time'],
  ['faults', 'Faults'],
  ['messages', 'Messages'],
  ['checks', 'Checks'],
  ['preconditions', 'Preconditions'],
  ['claims', 'Claims'],
  ['confidence', 'How sure'],
  ['not-tested', 'Not tested'],
  ['environment', 'Environment'],
];

export function renderHtml({ verdict, series, environment }: HtmlInput): string {
  const page = chartPageOf(verdict, series);
  const sections = [
    chartsSection(verdict, series, page),
    faultsSection(verdict),
    messagesSection(verdict),
    checksSection(verdict),
    preconditionsSection(verdict),
    claimsSection(verdict),
    confidenceSection(verdict),
    notTestedSection(verdict),
    environmentSection(verdict, environment),
  ];
  const present = SECTIONS.filter(([id]) =>
    sections.some(({ text }) => text.startsWith(`<section id="${id}"`)),
  );
  return renderPage({
    title: `${headlineOf(verdict).word}: ${verdict.run}`,
    body: html`${firstScreen(verdict)}
      <nav aria-label="Sections">
        ${present.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}
      </nav>
      <main>${sections}</main>`,
    script: 'page.js',
    charts: page,
  });
}
