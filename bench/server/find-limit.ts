/**
 * The most that a server delivers within the bound on latency: a rate that
 * grows until the bound breaks, then a plateau under it that has to hold.
 */
import type { OfferedLoad, Span } from './offered-load.ts';

/** The goal's: 99 of 100 deliveries within it, from when the message was meant to be sent. */
export const P99_MS_MAX = 200;
const RAMP = { fromHz: 5_000, growth: 1.25, toHz: 1_000_000 };
/** Before anything counts: what is called often is compiled by then. */
const WARM_UP_SEC = 3;
/** Of the last rate that the ramp bore: a ramp is a little ahead of its queue. */
const FIRST_PLATEAU = 0.9;
const STEP = 0.9;
const SETTLE_SEC = 2;
const PLATEAU_SEC = 5;

export interface Plateau extends Span {
  readonly server: ServerUse;
  /** Share of time that each core was not idle, in the order of their numbers. */
  readonly coresBusy: readonly number[];
}

export interface ServerUse {
  readonly cores: number;
  readonly residentBytes: number;
}

/** Reads what only the place knows, around a measurement. */
export type Watch = () => Promise<
  () => Promise<{ readonly server: ServerUse; readonly coresBusy: readonly number[] }>
>;

/** Nor is more on its way at its end than comes within the bound. */
const holds = ({ p99Ms, offeredHz, backlog, refused }: Span): boolean =>
  p99Ms <= P99_MS_MAX && backlog <= (offeredHz * P99_MS_MAX) / 1_000 && refused === 0;

async function ramp(load: OfferedLoad): Promise<number> {
  load.rateHz = RAMP.fromHz;
  await load.measure(WARM_UP_SEC);
  let borneHz = RAMP.fromHz;
  let broken = 0;
  for (let rateHz = RAMP.fromHz; rateHz < RAMP.toHz; rateHz *= RAMP.growth) {
    load.rateHz = rateHz;
    const span = await load.measure(1);
    // A hiccup is no limit; what lasts longer is.
    broken = span.p99Ms > P99_MS_MAX || span.backlog > rateHz ? broken + 1 : 0;
    if (broken === 2) break;
    if (broken === 0) borneHz = span.deliveredHz;
  }
  await load.settle();
  return borneHz;
}

/** Resolves with every plateau that was tried, in their order; the last one held, or is as low as it gets. */
export async function findLimit(load: OfferedLoad, watch: Watch): Promise<readonly Plateau[]> {
  let rateHz = (await ramp(load)) * FIRST_PLATEAU;
  const tried: Plateau[] = [];
  for (;;) {
    load.rateHz = rateHz;
    await load.measure(SETTLE_SEC);
    const used = await watch();
    const span = await load.measure(PLATEAU_SEC);
    tried.push({ ...span, ...(await used()) });
    await load.settle();
    if (holds(span) || rateHz < RAMP.fromHz / 2) return tried;
    rateHz *= STEP;
  }
}
