/**
 * Where the run ran, and how to come to the same verdict again: from the
 * evidence, or from the plan.
 */
import { groupEnvironment, type Environment } from '../environment.ts';
import type { Verdict } from '../verdict.ts';
import { html, type Markup } from './markup.ts';

export function environmentSection({ run, plan }: Verdict, environment: Environment): Markup {
  const groups = groupEnvironment(environment);
  return html`<section id="environment">
    <h2>Environment, and how to run it again</h2>
    <p>The same verdict from the same evidence, with nothing running:</p>
    <pre><code>./holdfast check runs/${run}</code></pre>
    <p>
      The same run again: its whole input is in <a href="plan.json"><code>plan.json</code></a
      >, the seed is <code>${plan.seed}</code>. <code>MANIFEST.sha256</code> in the run's directory
      lists every file with its checksum.
    </p>
    <div class="environment">
      ${groups.map(
        ({ name, entries }) =>
          html`<div>
            <h3>${name}</h3>
            <dl>
              ${entries.map(
                ([key, value]) =>
                  html`<dt>${key}</dt>
                    <dd>${value}</dd>`,
              )}
            </dl>
          </div>`,
      )}
    </div>
    ${groups.length === 0 ? html`<p class="muted">The run left no record of its environment.</p>` : html``}
  </section>`;
}
