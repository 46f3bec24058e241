/**
 * The mission's claims, one a row, grouped; then what nobody looked at. A
 * claim that was not tested is never shown like one that held.
 */
import type { ClaimReport, ClaimStatus, Verdict } from '../verdict.ts';
import { html, NOTHING, state, table, type Markup } from './markup.ts';

const STATES: Readonly<Record<ClaimStatus, Markup>> = {
  held: state('good', 'held'),
  refuted: state('bad', 'refuted'),
  'not-tested': state('plain', 'not tested'),
};

export function claimsSection({ claims, checks }: Verdict): Markup {
  const count = (status: ClaimStatus): number =>
    claims.filter((claim) => claim.status === status).length;
  const checkIds = new Set(checks.map(({ id }) => id));
  const groups = Map.groupBy(claims, ({ group }) => group);
  return html`<section id="claims">
    <h2>Claims</h2>
    <p>
      ${claims.length === 0 ? 'No claim was judged.' : `${count('held')} held, ${count('refuted')} refuted, ${count('not-tested')} not tested.`}
    </p>
    ${[...groups].map(
      ([group, members]) =>
        html`<h3>${group}</h3>
          ${table(
            [
              { head: '' },
              { head: 'claim' },
              { head: 'status' },
              { head: 'measured' },
              { head: 'required' },
              { head: 'evidence' },
            ],
            members.map((claim) => [
              html`<span class="muted">${claim.id}</span>`,
              claim.title,
              STATES[claim.status],
              claim.measured,
              claim.required,
              evidenceOf(claim, checkIds),
            ]),
            '',
          )}`,
    )}
  </section>`;
}

/** A file of the run directory, by its ending. */
const RUN_FILE = /^[\w-]+(?:\/[\w-]+)*\.(?:jsonl?|log|tsv|xml|md|html|sha256)$/;

function evidenceOf({ evidence }: ClaimReport, checkIds: ReadonlySet<string>): Markup {
  if (checkIds.has(evidence)) return html`<a href="#check-${evidence}">${evidence}</a>`;
  if (RUN_FILE.test(evidence)) return html`<a href="${evidence}">${evidence}</a>`;
  return html`${evidence}`;
}

export function notTestedSection({ claims, checks }: Verdict): Markup {
  const untested = claims.filter(({ status }) => status === 'not-tested');
  const unknown = checks.filter(({ kind }) => kind === 'unknown' || kind === 'not-tested');
  if (untested.length + unknown.length === 0) return NOTHING;
  return html`<section id="not-tested">
    <h2>What was not tested</h2>
    <ul>
      ${unknown.map(({ title, detail }) => html`<li>${title}: the check could not say. ${detail}</li>`)}
      ${untested.map(({ id, title, evidence }) => html`<li>${id} ${title}: <span class="muted">${evidence}</span></li>`)}
    </ul>
  </section>`;
}
