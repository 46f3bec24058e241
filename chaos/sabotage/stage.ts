/**
 * Sets the stage for one run: the cluster with all rigs on it, the events as
 * they come, and what is done beside the run until its end.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import type { RunEvent } from '../events.ts';
import type { Rig, Stage } from './sabotage.ts';

export interface SetStage {
  /** What the runner is given. */
  readonly cluster: Cluster;
  onEvent(event: RunEvent): void;
  /** To be called when the run is over; rejects when something beside it did not come about. */
  end(): Promise<void>;
}

export function setStage(cluster: Cluster, rigs: readonly Rig[], signal: AbortSignal): SetStage {
  const over = new AbortController();
  const listeners = new Set<(event: RunEvent) => void>();
  const deeds: Promise<void>[] = [];
  const stage: Omit<Stage, 'cluster'> = {
    signal: AbortSignal.any([signal, over.signal]),
    listen: (listener) => void listeners.add(listener),
    event: (matches) =>
      new Promise((found, failed) => {
        const listen = (event: RunEvent): void => {
          if (!matches(event)) return;
          listeners.delete(listen);
          found(event);
        };
        listeners.add(listen);
        over.signal.addEventListener('abort', () => failed(notSeen()));
      }),
    beside(deed) {
      const done = deed();
      deeds.push(done);
      // It is heard of at the end, and must not end the process before.
      done.catch(() => undefined);
    },
  };
  return {
    // Each rig sees the cluster as the rigs before it left it.
    cluster: rigs.reduce<Cluster>(
      (rigged, rig) => ({ ...rigged, ...rig({ ...stage, cluster: rigged }) }),
      cluster,
    ),
    onEvent: (event) => [...listeners].forEach((listen) => listen(event)),
    async end() {
      over.abort(notSeen());
      // All of them first: what mends the cluster must have come to its end.
      await Promise.allSettled(deeds);
      await Promise.all(deeds);
    },
  };
}

const notSeen = (): HoldfastError =>
  new HoldfastError({
    code: 'sabotage-not-done',
    message: 'the run was over before the sabotage could be done',
    remedy: 'its directory says how far it came',
  });

/** Resolves when the run has come to a phase. */
export const reached = (
  stage: Stage,
  phase: Extract<RunEvent, { kind: 'phase' }>['phase'],
): Promise<RunEvent> => stage.event((event) => event.kind === 'phase' && event.phase === phase);
