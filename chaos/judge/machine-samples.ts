/** What was sampled of the machine as a whole in the window: cores that were busy, a disk waited for. */
import type { RunEvent } from '../events.ts';
import { eventsOf } from '../ledger/events.ts';
import type { Window } from './outcomes.ts';

/** Each tells of the time since the one before it, so the first tells of time before the window. */
export const machineSamples = (events: readonly RunEvent[], window: Window | null) =>
  window === null
    ? []
    : eventsOf(events, 'machine').filter(
        ({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs,
      );
