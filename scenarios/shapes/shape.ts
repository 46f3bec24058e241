/**
 * What a shape of load is: the steady load, bent. A shape says in plain data
 * what its users do otherwise, so that the generator can do it, the judge
 * knows that it was meant, and both from the same plan.
 */
import type { RateProfile } from '../rates.ts';

/** All times in milliseconds since the start of sending; null: this does not happen. */
export interface ShapedLoad {
  readonly rates: readonly RateProfile[];
  /** One more channel, of so many members, who send this share of their messages to it. */
  readonly hot: { readonly members: number; readonly share: number } | null;
  /** Every user drops its socket between `fromMs` and `toMs`; all have to be back by `backByMs`. */
  readonly storm: Storm | null;
  /** The last users only read, and stop reading for a while. */
  readonly slow: (Spell & { readonly users: number }) | null;
  /** One user (`ABUSER`) floods, with so many messages a second. */
  readonly abuser: (Spell & { readonly messagesHz: number }) | null;
  /** The others must not notice what happens in `during`. */
  readonly bystanders: Bystanders | null;
  /** A chat server's memory may grow by so much at most, from before `during` to in it. */
  readonly memory: (Spell & { readonly growthBytesMax: number }) | null;
  /**
   * How much longer than within one room a round trip takes: for user `u` the one at `u` modulo their
   * number; none: for nobody. Milliseconds.
   */
  readonly roundTripsMs: readonly number[];
}

export interface Spell {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Storm extends Spell {
  readonly backByMs: number;
}

export interface Bystanders extends Spell {
  /** Their 99th percentile in that time, over that of before: at most so many times as long. */
  readonly p99TimesMax: number;
}

export const ABUSER = 0;

export const STEADY_LOAD: ShapedLoad = {
  ...{ rates: [], hot: null, storm: null, slow: null, abuser: null },
  ...{ bystanders: null, memory: null, roundTripsMs: [] },
};

export const roundTripMsOf = (roundTripsMs: ShapedLoad['roundTripsMs'], user: number): number =>
  roundTripsMs[user % roundTripsMs.length] ?? 0;

/** A number that the config may set. */
export interface Option {
  readonly standard: number;
  readonly from: number;
  readonly to: number;
}

/** What of the plan a shape is drawn from. */
export interface ShapedPlan {
  readonly users: number;
  readonly intervalSec: number;
  readonly steadySec: number;
}

/** What a plan is that says nothing else. Without `faults`, nothing is broken. */
export type PlanDefaults = Partial<ShapedPlan> & { readonly faults?: readonly [] };

interface ShapeOf<Kind extends string, Name extends string> {
  readonly kind: Kind;
  readonly options: Readonly<Record<Name, Option>>;
  readonly plan: PlanDefaults;
  /** Load without faults has to last so long for all of it to happen. */
  readonly lastsSec: (values: Readonly<Record<Name, number>>) => number;
  readonly load: (values: Readonly<Record<Name, number>>, plan: ShapedPlan) => ShapedLoad;
}

/** A shape whose options are only known by their names. */
export type Shape<Kind extends string = string> = ShapeOf<Kind, string>;

/** What a plan says of its shape: its name and the values of its options. */
export type GivenShape<Kind extends string = string> = { readonly kind: Kind } & Readonly<
  Record<string, number | string>
>;

/** A shape, written with its own options; what is given is taken by their names. */
export function defineShape<Kind extends string, Name extends string>(
  shape: ShapeOf<Kind, Name>,
): Shape<Kind> {
  const valuesOf = (given: Readonly<Record<string, number>>): Readonly<Record<Name, number>> => {
    const values: Partial<Record<Name, number>> = {};
    for (const name in shape.options) values[name] = given[name] ?? shape.options[name].standard;
    return values as Record<Name, number>;
  };
  return {
    ...shape,
    lastsSec: (given) => shape.lastsSec(valuesOf(given)),
    load: (given, plan) => shape.load(valuesOf(given), plan),
  };
}

export const MEBIBYTE = 2 ** 20;
