/**
 * The report of a run as one self-contained HTML file: it opens from a mail, a
 * CI artefact or a disk, and asks the network for nothing (a content security
 * policy inside it forbids that to the browser as well).
 *
 * Everything but the charts is plain HTML. The charts are drawn in the browser
 * by ECharts, which is about 1 MB of the file. The page depends on its input
 * only, so the same run gives the same bytes.
 */
import type { Series } from '../chaos/findings.ts';
import type { Environment } from './environment.ts';
import { asset, chartLibrary, SECURITY_POLICY } from './html/assets.ts';
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
import { html, scriptData } from './html/markup.ts';
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
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${SECURITY_POLICY}" />
        <title>${headlineOf(verdict).word}: ${verdict.run} (Holdfast)</title>
        <link rel="icon" href="data:," />
        <style>
          ${asset('base.css')} ${asset('sections.css')}
        </style>
      </head>
      <body>
        ${firstScreen(verdict)}
        <nav aria-label="Sections">
          ${present.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}
        </nav>
        <main>${sections}</main>
        <script type="application/json" id="chart-data">
          ${scriptData(page)}
        </script>
        <script>
          ${chartLibrary()};
        </script>
        <script>
          ${asset('page.js')};
        </script>
      </body>
    </html> `.text;
}
