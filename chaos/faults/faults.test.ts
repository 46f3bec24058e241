import { expect, test } from 'vitest';
import { planSchema } from '../plan.ts';
import { countPackets, CUT_BOTH } from './firewall.ts';
import { FAULT_KINDS, FAULTS, faultOf } from './index.ts';
import { rulesOnLink } from './link.ts';
import { NOT_HERE } from './not-here.ts';

test('every fault has a name of its own, and is found by it', () => {
  expect(new Set(FAULT_KINDS).size).toBe(FAULTS.length);
  for (const kind of FAULT_KINDS) expect(faultOf(kind).kind).toBe(kind);
});

test('what is said not to be here is not here', () => {
  const kinds: readonly string[] = FAULT_KINDS;
  expect(NOT_HERE.filter(({ kind }) => kinds.includes(kind))).toEqual([]);
});

test('a plan names a fault by its kind alone; all its options have defaults', () => {
  const { faults } = planSchema.parse({ faults: FAULT_KINDS.map((kind) => ({ kind })) });
  expect(faults.map(({ kind }) => kind)).toEqual(FAULT_KINDS);
  expect(faults.every(({ holdSec }) => holdSec > 0)).toBe(true);
});

test('a plan gives a fault its own options, with units', () => {
  const { faults } = planSchema.parse({
    faults: [{ kind: 'delay', delayMs: 100, holdSec: 5 }],
  });
  expect(faults).toEqual([
    { kind: 'delay', from: 'primary', to: 'everybody', delayMs: 100, jitterMs: 20, holdSec: 5 },
  ]);
});

test.each([
  [{ kind: 'explode' }, /kind/],
  [{ kind: 'cut-link', delayMs: 100 }, /delayMs/],
  [{ kind: 'cut-one-way', direction: 'sideways' }, /direction/],
  [{ kind: 'cut-between', from: 'moon' }, /from/],
  [{ kind: 'packet-loss', lossPercent: 101 }, /lossPercent/],
  [{ kind: 'kill-server', holdSec: 601 }, /holdSec is at most 600 s/],
])('a plan with %o is refused, and it says where', (fault, where) => {
  expect(() => planSchema.parse({ faults: [fault] })).toThrow(where);
});

test('the packets of all rules of a table are counted together', () => {
  const listing = `table inet holdfast_fault {
    iifname != "lo" counter packets 12 bytes 900 drop
    oifname != "lo" counter packets 30 bytes 1800 drop }`;
  expect(countPackets(listing)).toBe(42);
  expect(countPackets('')).toBe(0);
});

test('a cut from some servers names them in both directions, and nobody else', () => {
  const others = [
    { id: 'db2', role: 'db', address: '10.0.0.32' },
    { id: 'db3', role: 'db', address: '10.0.0.33' },
  ] as const;
  const incoming = ['ip saddr { 10.0.0.32, 10.0.0.33 } counter drop'];
  const outgoing = ['ip daddr { 10.0.0.32, 10.0.0.33 } counter drop'];
  expect(rulesOnLink(others, 'both', 'counter drop')).toEqual({ incoming, outgoing });
  expect(rulesOnLink(others, 'in', 'counter drop')).toEqual({ incoming, outgoing: [] });
  expect(rulesOnLink(others, 'out', 'counter drop')).toEqual({ incoming: [], outgoing });
});

test('a cut from everybody leaves loopback alone', () => {
  expect(rulesOnLink('everybody', 'both', 'counter drop')).toEqual(CUT_BOTH);
});
