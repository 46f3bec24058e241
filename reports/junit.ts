/**
 * The verdict as JUnit XML (`junit.xml`), so that a CI server shows each
 * check, precondition, fault and claim as a test of its own.
 *
 * | in the verdict | in JUnit |
 * |---|---|
 * | check or claim refuted, a fault's promise broken, verdict fail | `<failure>`: the system broke its promise |
 * | precondition unmet, check unknown, fault not proven, verdict inconclusive | `<error>`: the test broke, not the system |
 * | check or claim not tested | `<skipped>`: nobody looked, so it is neither red nor green |
 *
 * A server that stops at failures or errors is therefore green exactly when
 * the verdict is a pass. Limits: XML 1.0 has no control characters; they are
 * replaced by U+FFFD.
 */
import type { CheckResult, FaultReport, Precondition } from '../chaos/findings.ts';
import { wordsOf } from '../chaos/judge/expectations.ts';
import { formatDuration, formatShare } from './figures.ts';
import { headlineOf } from './headline.ts';
import { milestonesOf } from './recovery.ts';
import type { ClaimReport, Verdict } from './verdict.ts';

type Outcome =
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'failure' | 'error' | 'skipped';
      readonly message: string;
      readonly detail: string;
    };

interface TestCase {
  readonly name: string;
  readonly timeSec: number;
  readonly outcome: Outcome;
  readonly output: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

const PASSED: Outcome = { kind: 'passed' };

export function renderJunit(verdict: Verdict): string {
  const suites: readonly Suite[] = [
    { name: 'verdict', cases: [verdictCase(verdict)] },
    { name: 'checks', cases: verdict.checks.map(checkCase) },
    { name: 'preconditions', cases: verdict.preconditions.map(preconditionCase) },
    { name: 'faults', cases: verdict.faults.map(faultCase) },
    { name: 'claims', cases: verdict.claims.map(claimCase) },
  ];
  const all = suites.flatMap((suite) => suite.cases);
  const timestamp = verdict.window.from;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(`holdfast ${verdict.run}`)}" ${totals(all)}>`,
    ...suites.flatMap((suite) => renderSuite(suite, timestamp)),
    '</testsuites>',
    '',
  ].join('\n');
}

function verdictCase(verdict: Verdict): TestCase {
  const { question, word, answer } = headlineOf(verdict);
  const problem = { message: answer, detail: verdict.reasons.join('\n') };
  const outcome: Outcome =
    verdict.verdict === 'pass'
      ? PASSED
      : { kind: verdict.verdict === 'fail' ? 'failure' : 'error', ...problem };
  const output = `${word}: ${answer}\nAvailable with retries: ${formatShare(verdict.availability.withRetries)}`;
  return { name: question, timeSec: verdict.window.seconds, outcome, output };
}

function checkCase(check: CheckResult): TestCase {
  const counts = Object.entries(check.counts).map(([name, count]) => `${name}: ${count}`);
  const problem = {
    message: check.detail === '' ? check.title : check.detail,
    detail: [...counts, ...check.examples].join('\n'),
  };
  const outcomes: Readonly<Record<CheckResult['kind'], Outcome>> = {
    held: PASSED,
    refuted: { kind: 'failure', ...problem },
    unknown: { kind: 'error', ...problem },
    'not-tested': { kind: 'skipped', ...problem },
  };
  const outcome = outcomes[check.kind];
  return { name: `${check.id}: ${check.title}`, timeSec: 0, outcome, output: counts.join('\n') };
}

function preconditionCase({ id, title, met, measured, required }: Precondition): TestCase {
  const output = `measured: ${measured}\nrequired: ${required}`;
  const outcome: Outcome = met
    ? PASSED
    : { kind: 'error', message: `${measured}, required ${required}`, detail: output };
  return { name: `${id}: ${title}`, timeSec: 0, outcome, output };
}

function faultCase(fault: FaultReport): TestCase {
  const proof = fault.proof.observations.map(
    ({ what, seen, ok }) => `${ok ? 'seen' : 'NOT SEEN'}: ${what}: ${seen}`,
  );
  const times = milestonesOf(fault.recoveryMs).map(
    ({ label, atMs }) => `${label}: ${formatDuration(atMs)}`,
  );
  return {
    name: `${fault.id}: ${fault.kind} on ${fault.target}`,
    timeSec: (fault.recoveryMs.load99 ?? 0) / 1_000,
    outcome: faultOutcome(fault, proof.join('\n')),
    output: [wordsOf(fault.expectation), ...proof, ...times].join('\n'),
  };
}

function faultOutcome({ injectedAt, proof, expectation }: FaultReport, detail: string): Outcome {
  const error = (message: string): Outcome => ({ kind: 'error', message, detail });
  if (injectedAt === null) return error('the fault was never injected');
  if (!proof.bitten) return error('the fault is not proven to have bitten');
  switch (expectation.kind) {
    case 'met':
      return PASSED;
    case 'not-met':
      return { kind: 'failure', message: wordsOf(expectation), detail };
    case 'unknown':
      return error(wordsOf(expectation));
  }
}

function claimCase(claim: ClaimReport): TestCase {
  const output = `measured: ${claim.measured}\nrequired: ${claim.required}\nevidence: ${claim.evidence}`;
  const outcome: Outcome =
    claim.status === 'held'
      ? PASSED
      : claim.status === 'refuted'
        ? {
            kind: 'failure',
            message: `measured ${claim.measured}, required ${claim.required}`,
            detail: output,
          }
        : { kind: 'skipped', message: `not tested: ${claim.evidence}`, detail: '' };
  return { name: `${claim.id}: ${claim.title}`, timeSec: 0, outcome, output };
}

function renderSuite({ name, cases }: Suite, timestamp: string | null): string[] {
  // JUnit's schema wants a time without a zone; all times here are UTC.
  const time = timestamp === null ? '' : ` timestamp="${escapeXml(timestamp.slice(0, 19))}"`;
  return [
    `  <testsuite name="${escapeXml(name)}" ${totals(cases)}${time}>`,
    ...cases.flatMap((testCase) => renderCase(name, testCase)),
    '  </testsuite>',
  ];
}

function totals(cases: readonly TestCase[]): string {
  const count = (kind: Outcome['kind']): number =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  const timeSec = cases.reduce((sum, testCase) => sum + testCase.timeSec, 0);
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${timeSec.toFixed(3)}"`;
}

function renderCase(suite: string, { name, timeSec, outcome, output }: TestCase): string[] {
  const open = `    <testcase classname="holdfast.${suite}" name="${escapeXml(name)}" time="${timeSec.toFixed(3)}">`;
  const systemOut = output === '' ? [] : [`      <system-out>${escapeXml(output)}</system-out>`];
  return [open, ...renderOutcome(outcome), ...systemOut, '    </testcase>'];
}

function renderOutcome(outcome: Outcome): string[] {
  if (outcome.kind === 'passed') return [];
  const message = escapeXml(outcome.message);
  if (outcome.kind === 'skipped') return [`      <skipped message="${message}"/>`];
  const open = `      <${outcome.kind} type="holdfast.${outcome.kind}" message="${message}">`;
  return [`${open}${escapeXml(outcome.detail)}</${outcome.kind}>`];
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0, in an element or an attribute. */
export function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- Control characters are what is looked for.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"']/g, (character) => XML_ENTITIES[character] ?? character)
  );
}
