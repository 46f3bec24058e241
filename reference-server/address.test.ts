import { expect, test } from 'vitest';
import { addressText } from './address.ts';

test.each<readonly [string, readonly number[]]>([
  ['203.0.113.7', [203, 0, 113, 7]],
  ['10.0.0.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]],
  ['2001:db8:0:0:0:0:0:1', [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['', []],
])('writes %s', (text, bytes) => {
  expect(addressText(Uint8Array.from(bytes))).toBe(text);
});
