/** The claims about the chat service's own protections, on a made-up run. */
import { expect, test } from 'vitest';
import type { Findings } from '../../chaos/findings.ts';
import type { ObservedCircuit } from '../../chaos/judge/observed-circuit.ts';
import type { ObservedScaling } from '../../chaos/judge/observed-scaling.ts';
import type { ObservedService } from '../../chaos/judge/observed-service.ts';
import { judge } from '../../chaos/judge.ts';
import { cleanHistory } from '../../chaos/ledger/run-history.fixture.ts';
import { withRun } from '../../chaos/ledger/written-history.fixture.ts';
import type { ClaimEvidence } from './claim.ts';
import { judgeClaims } from './index.ts';

const smallRun = await withRun(cleanHistory({ users: 40, perUser: 20 }), judge);
const faultyRun = await withRun(cleanHistory({ users: 40, perUser: 20, faultAtMs: 8_000 }), judge);

function claim(
  id: string,
  service: Partial<ObservedService>,
  { findings, observed }: ClaimEvidence = smallRun,
) {
  const evidence = {
    findings,
    observed: { ...observed, service: { ...observed.service, ...service } },
  };
  return judgeClaims(evidence).find((each) => each.id === id);
}

const flood = {
  forMs: 2_000,
  sent: 2_000,
  acknowledged: 290,
  limited: 1_710,
  bystanders: 240,
  bystandersUnanswered: 0,
  quietMs: { p50: 32, p95: 40 },
  floodMs: { p50: 34, p95: 55 },
};

test.each<readonly [string, Partial<typeof flood>, string]>([
  ['the one limited, the others as before', {}, 'held'],
  ['the one not limited', { acknowledged: 2_000, limited: 0 }, 'refuted'],
  ['a bystander unanswered', { bystandersUnanswered: 1 }, 'refuted'],
  ['a bystander slower', { floodMs: { p50: 90, p95: 120 } }, 'refuted'],
  ['a tail that moved, which may be noise', { floodMs: { p50: 34, p95: 120 } }, 'not-tested'],
  ['no bystander', { bystanders: 0 }, 'not-tested'],
])('C32 after a flood with %s: %s', (_, changed, status) => {
  expect(claim('C32', { flood: { ...flood, ...changed } })?.status).toBe(status);
});

test('C32 is not tested without a flood', () => {
  expect(claim('C32', {})).toMatchObject({ status: 'not-tested', evidence: 'no flood was tried' });
});

const historyCost = { requests: 25, readsWith: 1, readsWithout: 25, same: true };
const requests = (cache: number, database: number) => ({
  'chat_history_requests_total{page="newest",source="cache"}': cache,
  'chat_history_requests_total{page="newest",source="database"}': database,
  'chat_history_requests_total{page="older",source="database"}': 1_000,
});

test.each<readonly [string, Partial<typeof historyCost>, Record<string, number>, string]>([
  ['fewer reads and the same pages', {}, requests(90, 10), 'held'],
  ['as many reads', { readsWith: 25 }, requests(90, 10), 'refuted'],
  ['other pages', { same: false }, requests(90, 10), 'refuted'],
  ['no hit under load', {}, requests(0, 100), 'refuted'],
  ['too few readers', {}, requests(9, 1), 'not-tested'],
  ['a database that nobody reads', { readsWithout: 0 }, requests(90, 10), 'not-tested'],
])('C33 with %s', (_, changed, countedLoad, status) => {
  const service = { countedLoad, historyCost: { ...historyCost, ...changed } };
  expect(claim('C33', service)?.status).toBe(status);
});

test('C33 says the hit ratio and the reads of a request', () => {
  const { measured } = claim('C33', { countedLoad: requests(90, 10), historyCost }) ?? {};
  expect(measured).toContain('90 % of 100 newest pages');
  expect(measured).toContain('0.04 database reads per request with the cache, 1.00 without');
});

const circuit: ObservedCircuit = {
  opened: 3,
  servers: ['app1', 'app2', 'app3'],
  stillOpen: [],
  seconds: 75,
  refused: 9_000,
  refusedMsP99: 12,
  socketsClosed: 0,
  memoryBytes: { before: 150 << 20, most: 180 << 20 },
};

test.each<readonly [string, Partial<ObservedCircuit> | null, string]>([
  ['that held', {}, 'held'],
  ['that refused slowly', { refusedMsP99: 3_000 }, 'refuted'],
  ['that lost a socket', { socketsClosed: 1 }, 'refuted'],
  ['that stayed open', { stillOpen: ['app1'] }, 'refuted'],
  ['with memory that grew', { memoryBytes: { before: 150 << 20, most: 300 << 20 } }, 'refuted'],
  ['without memory sampled', { memoryBytes: null }, 'not-tested'],
  ['that nobody met', { refused: 0, refusedMsP99: null }, 'not-tested'],
  ['that never opened', null, 'not-tested'],
])('C34 with a circuit %s', (_, changed, status) => {
  const service = { circuit: changed === null ? null : { ...circuit, ...changed } };
  expect(claim('C34', service)?.status).toBe(status);
});

test('C34 is not tested where refusals came late to a generator that was late itself', () => {
  const { findings } = smallRun;
  const preconditions = findings.preconditions.map((each) =>
    each.id === 'send-lag' ? { ...each, met: false } : each,
  );
  const unfit = { ...smallRun, findings: { ...findings, preconditions } };
  const late = { circuit: { ...circuit, refusedMsP99: 2_912 } };
  expect(claim('C34', late)?.status).toBe('refuted');
  expect(claim('C34', late, unfit)?.status).toBe('not-tested');
  const closed = { circuit: { ...circuit, refusedMsP99: 2_912, socketsClosed: 3 } };
  expect(claim('C34', closed, unfit)?.status).toBe('refuted');
});

const reasons = ['missing', 'expired', 'bad-signature', 'wrong-algorithm', 'wrong-audience'];
const refusals = [...reasons, 'not-a-member'].map((reason) => ({
  what: `something ${reason}`,
  reason,
  refused: true,
}));
const countedRefusals = {
  ...Object.fromEntries(reasons.map((reason) => [`chat_logins_total{outcome="${reason}"}`, 1])),
  'chat_errors_total{code="not-a-member"}': 3,
};

test('C42 is held when each was refused and counted', () => {
  expect(claim('C42', { refusals, countedRefusals })?.status).toBe('held');
});

test('C42 is refuted by one that was let in, or refused and not counted', () => {
  const letIn = refusals.map((each) => ({ ...each, refused: each.reason !== 'expired' }));
  expect(claim('C42', { refusals: letIn, countedRefusals })?.status).toBe('refuted');
  const { 'chat_errors_total{code="not-a-member"}': _, ...uncounted } = countedRefusals;
  expect(claim('C42', { refusals, countedRefusals: uncounted })?.status).toBe('refuted');
});

test('C42 is not tested where one was not tried, or nothing counted', () => {
  expect(claim('C42', { refusals: refusals.slice(1), countedRefusals })).toMatchObject({
    status: 'not-tested',
    evidence: 'not tried: missing',
  });
  expect(claim('C42', { refusals, countedRefusals: null })?.status).toBe('not-tested');
});

const scaling: ObservedScaling = {
  roles: {
    chat: { counts: [3], changedAlone: 0 },
    ingest: { counts: [3, 1, 2, 3], changedAlone: 2 },
    history: { counts: [3, 1, 2, 3], changedAlone: 2 },
  },
  started: [
    { process: 'app2/ingest', work: 80, looks: 5 },
    { process: 'app2/history', work: 9, looks: 4 },
  ],
};
const scaledWith = (kind: 'met' | 'not-met' | 'unknown') => {
  const [fault] = faultyRun.findings.faults;
  if (fault === undefined) throw new Error('the run had a fault');
  const expectation = { kind, expected: 'keeps going', seen: 'longest gap 0.3 s' };
  return { faults: [{ ...fault, kind: 'scale-roles', expectation }] };
};
const { roles, started } = scaling;
const scaled = (observedScaling: ObservedScaling | null, changed: Partial<Findings>) => {
  const findings = { ...smallRun.findings, ...changed };
  return claim('C60', { scaling: observedScaling }, { ...smallRun, findings });
};
const idle = { process: 'app3/ingest', work: 0, looks: 2 };

test.each<readonly [string, ObservedScaling | null, Partial<Findings>, string]>([
  ['each scaled for itself', scaling, scaledWith('met'), 'held'],
  ['one started just now', { roles, started: [{ ...idle, looks: 1 }] }, scaledWith('met'), 'held'],
  ['one started for nothing', { roles, started: [...started, idle] }, scaledWith('met'), 'refuted'],
  ['users who noticed', scaling, scaledWith('not-met'), 'refuted'],
  ['nobody who could tell', scaling, scaledWith('unknown'), 'not-tested'],
  ['no promise made', scaling, {}, 'not-tested'],
  [
    'history never scaled alone',
    { roles: { ...roles, history: { counts: [3, 1], changedAlone: 0 } }, started },
    scaledWith('met'),
    'not-tested',
  ],
  ['one component', null, {}, 'not-tested'],
])('C60 with %s', (_, observedScaling, findings, status) => {
  expect(scaled(observedScaling, findings)?.status).toBe(status);
});

test('C60 is refuted by a lost message, and says who was there when', () => {
  const { messages } = smallRun.findings;
  const lost = { ...scaledWith('met'), messages: { ...messages, lost: 1 } };
  expect(scaled(scaling, lost)?.status).toBe('refuted');
  expect(scaled(scaling, scaledWith('met'))?.measured).toContain(
    'gateways 3, ingest 3 → 1 → 2 → 3, history 3 → 1 → 2 → 3; 2 and 2 of these changes',
  );
});
