/**
 * How numbers are worded, for every report alike.
 *
 * Rounding never flatters: a share of what went well is rounded down (100 %
 * stands for all of it, and for nothing less), a bound on what goes wrong is
 * rounded up. Thousands are set apart, and units attached, by a narrow blank
 * that does not break (U+202F). What was not measured reads as a dash.
 *
 * Limits: English only; times of day are UTC.
 */

import type { FaultReport } from '../chaos/findings.ts';

const NARROW_BLANK = '\u202f';

/** Stands where a figure would, when nothing was measured. */
export const NOT_MEASURED = '–';

/** `1234567` → `1 234 567`; fractions keep at most `decimals` places. */
export function formatCount(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return NOT_MEASURED;
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NARROW_BLANK);
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** `count(1, 'failover')` → `1 failover`, `count(3, 'failover')` → `3 failovers`. */
export const formatNumberOf = (value: number, noun: string): string =>
  `${formatCount(value)} ${value === 1 ? noun : `${noun}s`}`;

/** A share in [0, 1] of what went well: `0.999835` → `99.983 %`, rounded down. */
export function formatShare(share: number | null): string {
  return share === null ? NOT_MEASURED : percent(share, Math.floor, 1e-7);
}

/** A share that bounds what goes wrong: `0.63157` → `63.158 %`, rounded up. */
export function formatBound(share: number | null): string {
  return share === null ? NOT_MEASURED : percent(share, Math.ceil, -1e-7);
}

/** `slack` undoes binary fractions (0.29 × 100 is 28.999…) before rounding to three places. */
function percent(share: number, round: (value: number) => number, slack: number): string {
  if (!Number.isFinite(share)) return NOT_MEASURED;
  const thousandths = round(share * 1e5 + slack) / 1e3;
  const places = thousandths.toFixed(3).replace(/\.?0+$/, '');
  const [whole = '0', fraction] = places.split('.');
  const grouped = formatCount(Number(whole));
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`}${NARROW_BLANK}%`;
}

/** Milliseconds for people: `0.4 ms`, `340 ms`, `4.2 s`, `2 min 5 s`, `1 h 2 min`. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null || !Number.isFinite(durationMs)) return NOT_MEASURED;
  if (durationMs < 0) return `−${formatDuration(-durationMs)}`;
  if (durationMs === 0) return unit('0', 's');
  if (durationMs < 10) return unit(trimZero(durationMs.toFixed(1)), 'ms');
  if (durationMs < 999.5) return unit(durationMs.toFixed(0), 'ms');
  if (durationMs < 59_950) return unit(trimZero((durationMs / 1_000).toFixed(1)), 's');
  const seconds = Math.round(durationMs / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  if (hours > 0) return joinParts(unit(formatCount(hours), 'h'), minutes, 'min');
  return joinParts(unit(String(minutes), 'min'), seconds % 60, 's');
}

/** Bytes in binary units: `415 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1_023.5 && step < units.length - 1) {
    value /= 1_024;
    step += 1;
  }
  return unit(value < 10 && step > 0 ? value.toFixed(1) : value.toFixed(0), units[step] ?? 'B');
}

/** Events a second: `333.1/s`. */
/** What the other databases' messages went through while one was struck; '' where there is no other. */
export const elsewhereInWords = ({ elsewhere }: Pick<FaultReport, 'elsewhere'>): string =>
  elsewhere === null
    ? ''
    : `meanwhile in the other databases: ${formatNumberOf(elsewhere.messages, 'message')}, ` +
      `${formatShare(elsewhere.asSent)} acknowledged at once, ` +
      `longest silence ${formatDuration(elsewhere.longestGapMs)}`;

export const formatRate = (rateHz: number | null): string =>
  rateHz === null ? NOT_MEASURED : `${formatCount(rateHz, 1)}/s`;

/** An ISO time as `2026-03-01 14:02:11 UTC`; what is no time is given back as it is. */
export function formatTime(iso: string | null): string {
  if (iso === null) return NOT_MEASURED;
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? iso
    : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const SMALL_NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
];

/** Small numbers as words, as in running text: `3` → `three`, `12` → `12`. */
export const formatSmallNumber = (value: number): string =>
  SMALL_NUMBERS[value] ?? formatCount(value);

const unit = (text: string, name: string): string => `${text}${NARROW_BLANK}${name}`;
const trimZero = (text: string): string => text.replace(/\.0$/, '');
const joinParts = (first: string, second: number, name: string): string =>
  second === 0 ? first : `${first} ${unit(String(second), name)}`;
