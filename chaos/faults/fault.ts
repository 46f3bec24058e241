/**
 * What a fault is: one thing that breaks, its proof and its heal, and what the
 * service has to do meanwhile. Each fault is one file that exports one
 * `defineFault({…})`; `index.ts` lists them. The runner writes the events; a
 * fault knows neither events nor verdicts.
 */
import { z } from 'zod';
import type { Cluster, Moment, ServerId } from '../../cluster/cluster.ts';
import type { Persistence, Proof } from '../events.ts';
import type { Expectation } from './expectation.ts';
import type { Part } from './legality.ts';
import type { Mechanism } from './mechanisms.ts';

export interface FaultContext {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

export interface ActiveFault extends AsyncDisposable {
  /** When it struck. What was under way just then is what it may have lost. */
  readonly struck: Moment;
  /**
   * Looks from outside the fault for its effects until all are seen or
   * `timeoutMs` is over. Nothing counts as injected without it.
   */
  prove(timeoutMs: number): Promise<Proof>;
  /**
   * Looks, right before it is healed, whether it is still there: one that ended before was shorter
   * than it is said to be. What is over once it has struck has nothing to be looked at.
   */
  lookAgain(): Promise<Persistence>;
  /** Undoes the fault. Healing twice is harmless. */
  heal(): Promise<void>;
}

/** The blow itself, and nothing but it, so that it falls when it is meant to. */
export type Strike = () => Promise<ActiveFault>;

/** What a fault is aimed at; the very server is chosen by role at the moment of injection. */
export type Aim =
  | 'nothing'
  | 'a link'
  | 'the primary'
  | 'a replica'
  | 'all replicas'
  | 'all database servers'
  | 'an app server'
  | 'all app servers'
  | 'an edge'
  | 'the etcd leader'
  | 'an etcd follower'
  | 'most etcd members'
  | 'the primary and a replica';

/** A plan's entry for a fault: its kind, how long it is held, its own options. */
export interface Planned {
  readonly kind: string;
  readonly holdSec: number;
}

export interface Fault {
  readonly kind: string;
  /** One sentence: the real failure it imitates. */
  readonly imitates: string;
  readonly aim: Aim;
  /** Does it take the primary away, so that another member has to be promoted? */
  readonly failover: boolean;
  readonly expects: Expectation;
  /** What the kernel or engine has to have for it. */
  readonly needs: readonly Mechanism[];
  /** Parts of the system whose redundancy it uses up: they have to be whole before it. */
  readonly leansOn: readonly Part[];
  /** A plan's entry for it. */
  readonly schema: z.ZodType<Planned>;
  /** Finds its target now; an error when there is none: no target is a failure, not a skip. */
  target(context: FaultContext, planned: Planned): Promise<ServerId>;
  /** Looks up everything that the strike and its proof need. Breaks nothing yet. */
  prepare(context: FaultContext, target: ServerId, planned: Planned): Promise<Strike>;
}

/** Longest time a fault is held, seconds; what a fault leaves running ends by itself soon after. */
export const HOLD_SEC_MAX = 600;
const HOLD_SEC = 20;

interface Definition<Kind extends string, Shape extends z.ZodRawShape> extends Pick<
  Fault,
  'imitates' | 'aim' | 'expects'
> {
  readonly kind: Kind;
  readonly failover?: boolean;
  readonly needs?: readonly Mechanism[];
  readonly leansOn?: readonly Part[];
  /** How long it is held when the plan does not say, seconds. */
  readonly holdSec?: number;
  /** Its own options, each with a default, units last in the names. */
  readonly options: Shape;
  target(context: FaultContext, options: z.output<z.ZodObject<Shape>>): Promise<ServerId>;
  prepare(
    context: FaultContext,
    target: ServerId,
    options: z.output<z.ZodObject<Shape>>,
  ): Promise<Strike>;
}

export function defineFault<const Kind extends string, Shape extends z.ZodRawShape>(
  definition: Definition<Kind, Shape>,
) {
  const { kind, options, failover = false, needs = [], leansOn = [] } = definition;
  const own = z.object(options);
  const schema = z.strictObject({
    kind: z.literal(kind),
    /** How long it is held before it is healed, seconds. */
    holdSec: z
      .number()
      .min(0, 'holdSec must not be negative')
      .max(HOLD_SEC_MAX, `holdSec is at most ${HOLD_SEC_MAX} s`)
      .default(definition.holdSec ?? HOLD_SEC),
    ...options,
  });
  return {
    ...definition,
    kind,
    failover,
    needs,
    leansOn,
    schema,
    target: (context: FaultContext, planned: Planned) =>
      definition.target(context, own.parse(planned)),
    prepare: (context: FaultContext, target: ServerId, planned: Planned) =>
      definition.prepare(context, target, own.parse(planned)),
  };
}
