/**
 * Versions as programs print them: `k6 v2.2.0 (go1.26, linux/amd64)`, `go version go1.26.8`,
 * `20.10.24+dfsg1`.
 *
 * The first `number.number[.number]` in the text counts; suffixes such as `-rc1` are ignored, so a
 * release candidate counts as the release.
 */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Undefined when the text holds no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

export function isAtLeast(version: Version, major: number, minor = 0): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

export const formatVersion = ({ major, minor, patch }: Version): string =>
  `${major}.${minor}.${patch}`;
