/**
 * The chat servers' memory stays bounded: its peak while something weighs on
 * it (`slow-readers`), or towards the end of a long run (`soak`), against its
 * peak in as long a time before.
 *
 * Evidence: the samples of every process, taken every five seconds by the
 * control group's own count.
 */
import type { ShapedLoad } from '../../../scenarios/shapes/shape.ts';
import { MEBIBYTE } from '../../../scenarios/shapes/shape.ts';
import { conclude } from '../../checkers/check-result.ts';
import type { CheckResult, Series } from '../../findings.ts';

const CHAT = /\/chat$/;

export function memoryCheck(
  usage: Series['usage'],
  sendFromMs: number,
  { fromMs, toMs, growthBytesMax }: NonNullable<ShapedLoad['memory']>,
): CheckResult {
  const servers = usage.filter(({ id }) => CHAT.test(id));
  const grown = servers.map(({ id, atMs, memoryBytes }) => {
    const peakIn = (from: number, to: number): number | null =>
      atMs.reduce<number | null>((peak, at, sample) => {
        const sinceMs = at - sendFromMs;
        if (sinceMs < from || sinceMs >= to) return peak;
        return Math.max(peak ?? 0, memoryBytes[sample] ?? 0);
      }, null);
    const before = peakIn(fromMs - (toMs - fromMs), fromMs);
    const during = peakIn(fromMs, toMs);
    return { id, bytes: before === null || during === null ? null : during - before };
  });
  const known = grown.flatMap(({ id, bytes }) => (bytes === null ? [] : [{ id, bytes }]));
  const over = known.filter(({ bytes }) => bytes > growthBytesMax);
  const inMiB = (bytes: number): number => Math.round(bytes / MEBIBYTE);
  return conclude({
    id: 'memory-bounded',
    title: `No chat server's memory grew by more than ${inMiB(growthBytesMax)} MiB`,
    counts: {
      servers: servers.length,
      over: over.length,
      growthMiBMax: Math.max(0, ...known.map(({ bytes }) => inMiB(bytes))),
    },
    refuted: over.length > 0,
    examples: over.map(({ id, bytes }) => `${id} grew by ${inMiB(bytes)} MiB`),
    missing: [
      ...(servers.length === 0 ? ['samples of any chat server'] : []),
      ...grown.filter(({ bytes }) => bytes === null).map(({ id }) => `samples of ${id}`),
    ],
    detail: 'Peak of memory in that time over the peak of as long a time before it.',
  });
}
