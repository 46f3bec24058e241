import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBound,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatShare,
  formatTime,
} from './figures.ts';

describe('figures', () => {
  it('sets thousands apart with a blank that does not break', () => {
    expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567');
    expect(formatCount(999)).toBe('999');
    expect(formatCount(-1_500.26, 1)).toBe('−1\u202f500.3');
    expect(formatCount(NaN)).toBe('–');
  });

  it('says 100 % of all of it only, and rounds every other share down', () => {
    expect(formatShare(1)).toBe('100\u202f%');
    expect(formatShare(0.999_999_9)).toBe('99.999\u202f%');
    expect(formatShare(0.999_835)).toBe('99.983\u202f%');
    expect(formatShare(0.29)).toBe('29\u202f%');
    expect(formatShare(null)).toBe('–');
  });

  it('rounds a bound on what goes wrong up', () => {
    expect(formatBound(0.631_571)).toBe('63.158\u202f%');
    expect(formatBound(0.000_001)).toBe('0.001\u202f%');
    expect(formatBound(0)).toBe('0\u202f%');
    expect(formatBound(12.5)).toBe('1\u202f250\u202f%');
  });

  it('never flatters, whatever the share', () => {
    const shown = (text: string): number => Number(text.replaceAll(/[^\d.]/g, '')) / 100;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        expect(shown(formatShare(share))).toBeLessThanOrEqual(share + 1e-10);
        expect(shown(formatBound(share))).toBeGreaterThanOrEqual(share - 1e-10);
      }),
    );
  });

  it('words durations in the unit people would use', () => {
    const cases: readonly (readonly [number | null, string])[] = [
      [null, '–'],
      [0, '0 s'],
      [0.42, '0.4 ms'],
      [340, '340 ms'],
      [999.7, '1 s'],
      [4_210, '4.2 s'],
      [59_960, '1 min'],
      [125_000, '2 min 5 s'],
      [3_720_000, '1 h 2 min'],
    ];
    for (const [durationMs, text] of cases) {
      expect(formatDuration(durationMs).replaceAll('\u202f', ' ')).toBe(text);
    }
  });

  it('words bytes, times and plurals', () => {
    expect(formatBytes(415 * 2 ** 20)).toBe('415\u202fMiB');
    expect(formatBytes(1.25 * 2 ** 30)).toBe('1.3\u202fGiB');
    expect(formatTime('2026-03-01T14:02:11.500Z')).toBe('2026-03-01 14:02:11 UTC');
    expect(formatTime('yesterday')).toBe('yesterday');
    expect(formatNumberOf(1, 'failover')).toBe('1 failover');
    expect(formatNumberOf(0, 'failover')).toBe('0 failovers');
  });
});
