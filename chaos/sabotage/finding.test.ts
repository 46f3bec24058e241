import { expect, test } from 'vitest';
import { calm, chatDies } from './circumstances.ts';
import { findingOf, isGreen, wasTooBusy, type Judged } from './finding.ts';

const judged = (part: Partial<Judged>): Judged => ({
  ...{ verdict: 'pass', reasons: [], checks: [], preconditions: [] },
  ...part,
});
const refuted = (...ids: string[]): Judged =>
  judged({
    verdict: 'fail',
    reasons: ids.map((id) => `Refuted: ${id}`),
    checks: [{ id: 'ambiguous', kind: 'held' }, ...ids.map((id) => ({ id, kind: 'refuted' }))],
  });
const doubted = (...ids: string[]): Judged =>
  judged({
    verdict: 'inconclusive',
    reasons: ids.map((id) => `Not met: ${id}`),
    preconditions: [{ id: 'clocks', met: true }, ...ids.map((id) => ({ id, met: false }))],
  });

test('a sabotage is found when a checker that was named refutes the run', () => {
  const finding = findingOf({ verdict: 'fail', by: ['lost', 'phantom'] }, refuted('lost', 'order'));
  expect(finding).toEqual({ kind: 'found', by: ['lost'] });
});

test('a sabotage that another checker refutes is not found', () => {
  const finding = findingOf({ verdict: 'fail', by: ['lost'] }, refuted('reordered'));
  expect(finding).toEqual({ kind: 'wrong-reason', by: ['reordered'], reasons: expect.anything() });
});

test('a run that fails by its availability alone has found nothing', () => {
  const late = judged({ verdict: 'fail', reasons: ['Only 60 % in time.'] });
  expect(findingOf({ verdict: 'fail', by: ['lost'] }, late).kind).toBe('wrong-reason');
});

test('a sabotage that passes is not found', () => {
  expect(findingOf({ verdict: 'fail', by: ['lost'] }, judged({})).kind).toBe('not-found');
});

test('doubt is not enough where something has to be refuted, nor the other way round', () => {
  expect(findingOf({ verdict: 'fail', by: ['lost'] }, doubted('lost')).kind).toBe('wrong-reason');
  const expected = { verdict: 'inconclusive', by: ['faults-proven'] } as const;
  expect(findingOf(expected, refuted('faults-proven')).kind).toBe('wrong-reason');
  expect(findingOf(expected, doubted('faults-proven', 'clocks')).kind).toBe('found');
});

test('a control is green when it passes, or doubts only what its circumstances break', () => {
  expect(isGreen(calm, judged({}))).toBe(true);
  expect(isGreen(calm, doubted('plateau-held'))).toBe(false);
  expect(isGreen(chatDies, doubted('plateau-held'))).toBe(true);
  expect(isGreen(chatDies, doubted('plateau-held', 'clocks'))).toBe(false);
  expect(isGreen(chatDies, refuted('lost'))).toBe(false);
});

test('a control with a reason that is no precondition is not green', () => {
  const more = { ...doubted('plateau-held'), reasons: ['Not met: plateau-held', 'and another'] };
  expect(isGreen(chatDies, more)).toBe(false);
});

test('a control may be taken again when the generators alone were too slow, and only then', () => {
  expect(wasTooBusy(calm, doubted('send-lag'))).toBe(true);
  expect(wasTooBusy(chatDies, doubted('plateau-held', 'event-loop-lag'))).toBe(true);
  expect(wasTooBusy(calm, doubted('send-lag', 'offered-load'))).toBe(false);
  expect(wasTooBusy(calm, refuted('lost'))).toBe(false);
  expect(isGreen(calm, doubted('send-lag'))).toBe(false);
});
