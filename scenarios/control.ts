/**
 * What the harness and a load shard say to one another: the shard's input
 * (a JSON file) and the messages on the control socket. Types only.
 */
import type { Schedule } from './schedule.ts';
import type { ShapedLoad } from './shapes/shape.ts';

export interface ShardConfig
  extends Schedule, Pick<ShapedLoad, 'storm' | 'abuser' | 'roundTripsMs'> {
  /** Part of every message key: unique for ever. */
  readonly run: string;
  readonly shard: number;
  /** Epoch milliseconds that the client ledger's times count from. */
  readonly epochMs: number;
  readonly firstUser: number;
  readonly users: number;
  /** Users of all shards together. */
  readonly allUsers: number;
  readonly virtualUsers: number;
  /** Users connect evenly within [connectFromMs, connectFromMs + connectMs), epoch milliseconds. */
  readonly connectFromMs: number;
  readonly connectMs: number;
  readonly edges: readonly string[];
  readonly controlUrl: string;
  /** Share of their messages that members of the hot channel send to it. */
  readonly hotShare: number;
  /**
   * Of every second spell of so long, counted from `epochMs`, nothing is recorded: only to measure
   * what recording costs (`bench/recording.ts`). 0: everything is.
   */
  readonly unrecordedSpellMs: number;
}

export type ControlMessage =
  /** Sent once: no message that is intended at or after `stopAtMs` is sent. */
  | { readonly kind: 'stop'; readonly stopAtMs: number }
  /** Sent once, after it: at `finishAtMs` all leave. */
  | { readonly kind: 'finish'; readonly finishAtMs: number }
  /**
   * Some users send their next message now instead of later in its interval, spread over `forMs`:
   * so that messages are under way when a fault strikes, also where there are few users.
   */
  | { readonly kind: 'volley'; readonly messages: number; readonly forMs: number };
