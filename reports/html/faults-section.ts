/**
 * What each fault did: one table to compare them, then for each a bar that
 * splits the recovery into its parts, with the proof that the fault bit.
 *
 * All bars share one axis, which ends a little after the slowest return of the
 * load; a later restoration of redundancy, which users do not feel, fades out
 * at the edge and stands in figures.
 */
import type { FaultReport } from '../../chaos/findings.ts';
import {
  elsewhereInWords,
  formatBound,
  formatCount,
  formatDuration,
  formatTime,
  NOT_MEASURED,
} from '../figures.ts';
import { milestonesOf, recoverySegments } from '../recovery.ts';
import type { Verdict } from '../verdict.ts';
import { byKind } from './by-kind.ts';
import { html, NOTHING, state, table, type Markup } from './markup.ts';

export function faultsSection(verdict: Verdict): Markup {
  const { faults, skipped } = verdict;
  const axisMs = axisEndMs(faults);
  return html`<section id="faults">
    <h2>What each fault did</h2>
    ${faultTable(faults)}
    ${skipped.map(({ id, why }) => html`<p class="muted">${id} skipped: ${why}</p>`)}
    ${faults.length < 2 ? NOTHING : byKind(verdict)}
    ${faults.length === 0 || axisMs === 0 ? NOTHING : legend()}
    ${axisMs === 0 ? NOTHING : axis(axisMs)}
    ${faults.map((fault, index) => recovery(fault, index + 1, axisMs))}
  </section>`;
}

function faultTable(faults: readonly FaultReport[]): Markup {
  return table(
    [
      { head: 'fault' },
      { head: 'target' },
      { head: 'proven' },
      { head: 'expected' },
      { head: 'seen' },
      { head: 'in flight', numeric: true },
      { head: 'longest silence', numeric: true },
      { head: '99\u202f% of load', numeric: true },
      { head: 'redundant', numeric: true },
      { head: 'new primary' },
      { head: 'error budget', numeric: true },
      { head: 'user-seconds', numeric: true },
    ],
    faults.map((fault, index) => [
      `${index + 1} ${fault.kind}`,
      fault.target,
      provenState(fault),
      fault.expectation.expected,
      expectationState(fault),
      formatCount(fault.inFlight),
      formatDuration(fault.recoveryMs.longestGap),
      formatDuration(fault.recoveryMs.load99),
      formatDuration(fault.recoveryMs.redundancyRestored),
      fault.newPrimary ?? NOT_MEASURED,
      formatBound(fault.budgetSpent),
      formatCount(fault.userSecondsLost),
    ]),
    'No fault was injected.',
  );
}

const provenState = ({ injectedAt, proof }: FaultReport): Markup =>
  injectedAt === null
    ? state('warn', 'never injected')
    : proof.bitten
      ? state('good', 'bitten')
      : state('warn', 'not proven');

function expectationState({ expectation: { kind, seen } }: FaultReport): Markup {
  switch (kind) {
    case 'met':
      return state('good', seen);
    case 'not-met':
      return state('bad', `broken: ${seen}`);
    case 'unknown':
      return state('warn', `unknown: ${seen}`);
  }
}

const legend = (): Markup =>
  html`<ul class="milestones legend">
    <li class="tone silent">nothing acknowledged</li>
    <li class="tone partial">part of the load acknowledged</li>
    <li class="tone served">all served, not yet redundant</li>
    <li class="muted">from the moment the fault struck; one axis for all</li>
  </ul>`;

function recovery(fault: FaultReport, number: number, axisMs: number): Markup {
  const segments = recoverySegments(fault.recoveryMs);
  const share = (atMs: number): string => ((100 * Math.min(atMs, axisMs)) / axisMs).toFixed(2);
  const width = (fromMs: number, toMs: number): string =>
    ((100 * (Math.min(toMs, axisMs) - Math.min(fromMs, axisMs))) / axisMs).toFixed(2);
  const bar = segments
    .filter(({ fromMs }) => fromMs < axisMs)
    .map(
      ({ fromMs, toMs, state, label }) =>
        html`<span
          class="${state}${toMs > axisMs ? ' beyond' : ''}"
          style="left: ${share(fromMs)}%; width: ${width(fromMs, toMs)}%"
          title="${label}: ${formatDuration(toMs)}"
        ></span>`,
    );
  const steps = milestonesOf(fault.recoveryMs).map(
    ({ label, atMs }) => html`<li><span class="muted">${label}</span> ${formatDuration(atMs)}</li>`,
  );
  return html`<div class="recovery" id="fault-${fault.id}">
    <h3>${number} ${fault.kind} on ${fault.target}</h3>
    <p class="muted">${story(fault)}</p>
    ${fault.elsewhere === null ? NOTHING : html`<p class="muted">${elsewhereInWords(fault)}</p>`}
    ${bar.length === 0 ? NOTHING : html`<div class="bar">${bar}</div>`}
    <ol class="milestones">
      ${steps}
    </ol>
    ${proofOf(fault)}
  </div>`;
}

function story({ injectedAt, healedAt, newPrimary }: FaultReport): string {
  if (injectedAt === null) return 'It was planned, but never injected.';
  const healed = healedAt === null ? 'not healed within the run' : `healed ${formatTime(healedAt)}`;
  const primary = newPrimary === null ? 'no new primary' : `new primary ${newPrimary}`;
  return `Injected ${formatTime(injectedAt)}, ${healed}; ${primary}.`;
}

function proofOf({ proof }: FaultReport): Markup {
  if (proof.observations.length === 0) return NOTHING;
  const seen = proof.observations.filter(({ ok }) => ok).length;
  return html`<details${proof.bitten ? NOTHING : html` open`}>
    <summary>Proof that it bit: ${seen} of ${proof.observations.length} observations</summary>
    ${table(
      [{ head: 'looked at' }, { head: 'seen' }, { head: '' }],
      proof.observations.map(({ what, seen: sight, ok }) => [
        what,
        sight,
        ok ? state('good', 'as expected') : state('warn', 'not as expected'),
      ]),
      '',
    )}
  </details>`;
}

/** 0: nothing to draw. */
function axisEndMs(faults: readonly FaultReport[]): number {
  const latest = (times: readonly (number | null)[]): number =>
    times.reduce<number>((end, atMs) => Math.max(end, atMs ?? 0), 0);
  const service = latest(
    faults.flatMap(({ recoveryMs: { redundancyRestored: _later, longestGap: _gap, ...times } }) =>
      Object.values(times),
    ),
  );
  const all = latest(faults.map(({ recoveryMs }) => recoveryMs.redundancyRestored));
  if (service === 0) return all;
  return all > service * 2 ? service * 1.35 : Math.max(service, all);
}

function axis(endMs: number): Markup {
  const stepMs = tickStepMs(endMs);
  const ticks = Array.from({ length: Math.floor(endMs / stepMs) + 1 }, (_, tick) => tick * stepMs);
  return html`<div class="axis">
    ${ticks.map((atMs) => html`<span style="left: ${((100 * atMs) / endMs).toFixed(2)}%">${formatDuration(atMs)}</span>`)}
  </div>`;
}

/** 1, 2 or 5 times a power of ten, for four to nine ticks. */
function tickStepMs(endMs: number): number {
  const power = 10 ** Math.floor(Math.log10(endMs / 4));
  const step = [1, 2, 5, 10].find((factor) => endMs / (factor * power) <= 9) ?? 10;
  return step * power;
}
