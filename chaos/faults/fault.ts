/**
 * What a fault is: one thing that breaks, its proof and its heal. Each fault
 * is one file that exports one `Fault`; `index.ts` lists them. The runner
 * writes the events; a fault knows neither events nor verdicts.
 */
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import type { Proof } from '../events.ts';

export interface FaultContext {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

export interface ActiveFault extends AsyncDisposable {
  /** The server that was hit. */
  readonly target: ServerId;
  /**
   * Looks from outside the fault for its effects until all are seen or
   * `timeoutMs` is over. Nothing counts as injected without it.
   */
  prove(timeoutMs: number): Promise<Proof>;
  /** Undoes the fault. Healing twice is harmless. */
  heal(): Promise<void>;
}

export interface Fault {
  readonly kind: string;
  /** One sentence: the real failure it imitates. */
  readonly imitates: string;
  /** What it is aimed at, chosen by role at the moment of injection. */
  readonly aim: 'primary' | 'nothing';
  /** Does it take the primary away, so that another member has to be promoted? */
  readonly failover: boolean;
  /** Finds its target now; an error when there is none: no target is a failure, not a skip. */
  target(context: FaultContext): Promise<ServerId>;
  inject(context: FaultContext, target: ServerId): Promise<ActiveFault>;
}
