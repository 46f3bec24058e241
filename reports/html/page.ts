/**
 * One self-contained HTML file: it opens from a mail, a CI artefact or a disk,
 * and asks the network for nothing (a content security policy inside it forbids
 * that to the browser as well).
 *
 * Everything but the charts is plain HTML. The charts are drawn in the browser
 * by ECharts, which is about 1 MB of the file.
 */
import { asset, chartLibrary, SECURITY_POLICY, type AssetName } from './assets.ts';
import { html, scriptData, type Markup } from './markup.ts';

export interface Page {
  /** What the browser's tab says, before the name of the program. */
  readonly title: string;
  readonly body: Markup;
  /** The script that draws, and what it draws from. */
  readonly script: AssetName;
  readonly charts: unknown;
}

export const renderPage = ({ title, body, script, charts }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${SECURITY_POLICY}" />
        <title>${title} (Holdfast)</title>
        <link rel="icon" href="data:," />
        <style>
          ${asset('base.css')} ${asset('sections.css')}
        </style>
      </head>
      <body>
        ${body}
        <script type="application/json" id="chart-data">
          ${scriptData(charts)}
        </script>
        <script>
          ${chartLibrary()};
        </script>
        <script>
          ${asset(script)};
        </script>
      </body>
    </html> `.text;
