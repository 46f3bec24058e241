/** What every page carries inside it: style sheets, scripts, the chart library, its security policy. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { trusted, type Markup } from './markup.ts';

/** The page asks the network for nothing, and the browser holds it to that. */
export const SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export type AssetName = 'base.css' | 'sections.css' | 'page.js' | 'capacity-page.js';

/** A file of the page itself, from beside this one. */
export const asset = (name: AssetName): Markup =>
  trusted(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8'));

/** ECharts. A script ends at the first `</script`, even inside a string of its own. */
export const chartLibrary = (): Markup =>
  trusted(
    readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8')
      .replaceAll('</script', '<\\/script')
      .replaceAll('<!--', '<\\!--'),
  );
