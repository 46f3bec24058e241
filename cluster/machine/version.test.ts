import { describe, expect, it } from 'vitest';
import { formatVersion, isAtLeast, parseVersion } from './version.ts';

describe('versions', () => {
  it.each([
    ['k6 v2.2.0 (go1.26.8, linux/amd64)', '2.2.0'],
    ['k6 v1.8.1 (commit/abc, go1.24.2, linux/amd64)', '1.8.1'],
    ['go version go1.26.8 linux/amd64', '1.26.8'],
    ['go version go1.25 linux/arm64', '1.25.0'],
    ['20.10.24+dfsg1', '20.10.24'],
    ['2:1.19~1', '1.19.0'],
  ])('reads %s', (text, expected) => {
    const version = parseVersion(text);
    expect(version && formatVersion(version)).toBe(expected);
  });

  it('finds none where there is none', () => {
    expect(parseVersion('command not found')).toBeUndefined();
    expect(parseVersion('')).toBeUndefined();
  });

  it('compares numbers, not text', () => {
    const version = { major: 1, minor: 9, patch: 0 };
    expect(isAtLeast(version, 1, 10)).toBe(false);
    expect(isAtLeast(version, 1, 9)).toBe(true);
    expect(isAtLeast(version, 2)).toBe(false);
    expect(isAtLeast({ major: 2, minor: 0, patch: 0 }, 1, 25)).toBe(true);
  });
});
