/**
 * What the verdict rests on: messages by class, checks with examples,
 * preconditions, and how sure the run can be.
 */
import type { CheckResult } from '../../chaos/findings.ts';
import { formatBound, formatCount, formatNumberOf, formatShare, NOT_MEASURED } from '../figures.ts';
import { messageClasses } from '../message-classes.ts';
import type { Verdict } from '../verdict.ts';
import { html, NOTHING, state, table, type Markup } from './markup.ts';

export function messagesSection({ messages, deliveries }: Verdict): Markup {
  const fanOut = deliveries.fanOut === null ? NOT_MEASURED : formatCount(deliveries.fanOut, 1);
  return html`<section id="messages">
    <h2>Messages</h2>
    ${table(
      [{ head: 'class' }, { head: 'messages', numeric: true }, { head: 'what it means' }],
      messageClasses(messages).map(({ name, count, meaning, breaks }) => [
        name,
        breaks && count > 0 ? state('bad', formatCount(count)) : formatCount(count),
        meaning,
      ]),
      '',
    )}
    <p class="muted">
      Members received ${formatCount(deliveries.received)} of ${formatCount(deliveries.expected)}
      deliveries; a message had ${fanOut} receivers on average.
    </p>
  </section>`;
}

export function checksSection({ checks }: Verdict): Markup {
  return html`<section id="checks">
    <h2>Checks</h2>
    ${table(
      [{ head: 'check' }, { head: 'result' }, { head: 'counts' }, { head: 'detail' }],
      checks.map((check) => [
        html`<span id="check-${check.id}">${check.title}</span><br /><code class="muted"
            >${check.id}</code
          >`,
        checkState(check),
        Object.entries(check.counts)
          .map(([name, count]) => `${name} ${formatCount(count)}`)
          .join(', '),
        html`${check.detail}${examplesOf(check)}`,
      ]),
      'No check ran.',
    )}
  </section>`;
}

function checkState({ kind }: CheckResult): Markup {
  switch (kind) {
    case 'held':
      return state('good', 'held');
    case 'refuted':
      return state('bad', 'refuted');
    case 'unknown':
      return state('warn', 'unknown');
    case 'not-tested':
      return state('plain', 'not tested');
  }
}

function examplesOf({ examples }: CheckResult): Markup {
  if (examples.length === 0) return NOTHING;
  return html`<ul class="examples">
    ${examples.map((example) => html`<li><code>${example}</code></li>`)}
  </ul>`;
}

export function preconditionsSection({ preconditions }: Verdict): Markup {
  return html`<section id="preconditions">
    <h2>Preconditions</h2>
    <p class="muted">
      What has to be true for the verdict to mean anything. One unmet makes the run inconclusive,
      however good the rest looks.
    </p>
    ${table(
      [{ head: 'precondition' }, { head: '' }, { head: 'measured' }, { head: 'required' }],
      preconditions.map(({ title, met, measured, required }) => [
        title,
        met ? state('good', 'met') : state('warn', 'not met'),
        measured,
        required,
      ]),
      'No precondition was checked.',
    )}
  </section>`;
}

export function confidenceSection({ confidence, availability }: Verdict): Markup {
  const { failovers, losing, upperBound95 } = confidence;
  const watched = `${formatNumberOf(failovers, 'failover')} of this system ${failovers === 1 ? 'was' : 'were'} watched; ${losing === 0 ? 'none' : formatCount(losing)} lost an acknowledged message.`;
  const seen = failovers === 0 ? 'No failover of this system was watched.' : watched;
  const bound =
    upperBound95 === null
      ? 'So nothing bounds how many would lose something.'
      : `At 95\u202f% confidence, at most ${formatBound(upperBound95)} of all such failovers would lose anything (exact binomial bound).`;
  return html`<section id="confidence">
    <h2>How sure this is</h2>
    <p>${seen} ${bound}</p>
    <p class="muted">
      Failovers are counted, not messages: the messages of one failover share its fate. More
      failovers lower the bound; with none losing, 59 bring it below 5 %, 299 below 1 %.
    </p>
    <p class="muted">
      The objective, ${formatShare(availability.objective)} within the deadline, was judged over the
      whole window, faults included.
    </p>
  </section>`;
}
