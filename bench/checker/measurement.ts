/**
 * What the repeated judgements of one size come to, and what follows from all
 * sizes: is the mission's hour judged within its limits, and does the time
 * grow with the run and no faster?
 */
import type { Judged } from './judge-run.ts';
import type { SyntheticRun } from './synthetic-run.ts';

/** The mission's hour, 20,000 users at a message a minute, and what judging it may take on one core. */
export const HOUR = { messages: 1_200_000, secondsMax: 5, megabytesMax: 1_000 } as const;
/** Between these two sizes the time of a message may grow by so much. */
export const GROWTH = { from: 300_000, to: 5_000_000, max: 1.3 } as const;

export interface Measurement extends SyntheticRun {
  readonly repetitions: number;
  /** Of the median judgement, and the quickest and slowest. */
  readonly seconds: number;
  readonly secondsMin: number;
  readonly secondsMax: number;
  readonly cpuSeconds: number;
  /** The largest of all. */
  readonly peakMegabytes: number;
  readonly secondsPerMillion: number;
}

export function measurementOf(run: SyntheticRun, judged: readonly Judged[]): Measurement {
  const wall = judged.map(({ wallMs }) => wallMs / 1_000).sort((a, b) => a - b);
  const cpu = judged.map(({ cpuMs }) => cpuMs / 1_000).sort((a, b) => a - b);
  const seconds = median(wall);
  return {
    ...run,
    repetitions: judged.length,
    seconds,
    secondsMin: wall[0] ?? NaN,
    secondsMax: wall.at(-1) ?? NaN,
    cpuSeconds: median(cpu),
    peakMegabytes: Math.max(...judged.map(({ peakBytes }) => peakBytes)) / 1e6,
    secondsPerMillion: (seconds * 1e6) / run.messages,
  };
}

/** Of an odd number of figures, as all repetitions here are. */
const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? NaN;

/** What the judge did not find as it was put there; empty: everything was judged, and right. */
export function wrongIn(run: SyntheticRun, { found }: Judged): readonly string[] {
  const { checks, messages, deliveries, confidence } = found;
  const expected: readonly (readonly [what: string, is: number, shouldBe: number])[] = [
    ['messages offered', messages.offered, run.messages],
    ['messages acknowledged', messages.acknowledged, run.messages],
    ['deliveries received', deliveries.received, run.deliveries],
    ['deliveries expected', deliveries.expected, run.deliveries],
    ['failovers', confidence.failovers, 3],
  ];
  return [
    ...checks.filter(({ kind }) => kind !== 'held').map(({ id, kind }) => `${id} is ${kind}`),
    ...expected.flatMap(([what, is, shouldBe]) =>
      is === shouldBe ? [] : [`${is} ${what} instead of ${shouldBe}`],
    ),
  ];
}

export interface Conclusion {
  /** Sentences, one a limit. */
  readonly lines: readonly string[];
  readonly met: boolean;
}

/** Only what was measured is concluded from; a limit whose size is missing is not met. */
export function concludeFrom(measured: readonly Measurement[]): Conclusion {
  const at = (messages: number) => measured.find((each) => each.messages === messages);
  const [hour, small, large] = [at(HOUR.messages), at(GROWTH.from), at(GROWTH.to)];
  if (hour === undefined || small === undefined || large === undefined) {
    return { lines: ['not all sizes were measured: nothing is concluded'], met: false };
  }
  const quick = hour.seconds <= HOUR.secondsMax;
  const lean = hour.peakMegabytes <= HOUR.megabytesMax;
  const growth = large.secondsPerMillion / small.secondsPerMillion;
  // What starting takes makes small runs dear a message, and would hide a growth that is too fast.
  const further = marginal(hour, large) / marginal(small, hour);
  const linear = growth <= GROWTH.max && further <= GROWTH.max;
  const idle = measured.every(({ cpuSeconds, seconds }) => cpuSeconds >= seconds * CORE_SHARE_MIN);
  const said = (met: boolean): string => (met ? 'met' : 'not met');
  return {
    lines: [
      ...(idle ? [] : [BUSY]),
      `an hour, 1.2 million: ${hour.seconds.toFixed(2)} s on one core (at most ${HOUR.secondsMax} s): ${said(quick)}`,
      `an hour, 1.2 million: ${Math.round(hour.peakMegabytes)} MB (at most ${HOUR.megabytesMax} MB): ${said(lean)}`,
      `growth, s per million from 0.3 to 5 million: ${growth.toFixed(2)} (at most ${GROWTH.max}): ${said(growth <= GROWTH.max)}`,
      `growth, s per further million, 1.2 to 5 against 0.3 to 1.2: ${further.toFixed(2)} (at most ${GROWTH.max}): ${said(further <= GROWTH.max)}`,
      `checker: ${hour.seconds.toFixed(2)} s for 1.2 million messages (bar ${HOUR.secondsMax} s, ${HOUR.megabytesMax} MB, linear) ${said(quick && lean && linear)}`,
    ],
    met: quick && lean && linear,
  };
}

/** A judgement waits for the disk only at first reading; what else it lacks, others had. */
const CORE_SHARE_MIN = 0.85;
const BUSY =
  'the machine was busy: the judgements did not have their core to themselves, so their\nseconds are too many (CPU s is what they used); run it again when all else is quiet';

/** Seconds per million of the messages that the larger has more. */
const marginal = (small: Measurement, large: Measurement): number =>
  ((large.seconds - small.seconds) * 1e6) / (large.messages - small.messages);
