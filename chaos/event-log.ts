/**
 * Appends to a run's event log. Each event is on disk (page cache) when
 * `write` returns, so a run that is killed keeps everything said so far.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { NewEvent, RunEvent } from './events.ts';
import { inRun, runFiles } from './run-directory.ts';

export interface EventLog extends Disposable {
  /** Appends the event with the present time, or with `atMs` (epoch ms) when it was seen earlier. */
  write(event: NewEvent, atMs?: number): RunEvent;
}

export function openEventLog(run: string, listen: (event: RunEvent) => void): EventLog {
  const file = openSync(inRun(run, runFiles.events), 'a');
  let open = true;
  return {
    write(event, atMs = Date.now()) {
      const stamped: RunEvent = { atMs, ...event };
      if (open) writeSync(file, `${JSON.stringify(stamped)}\n`);
      listen(stamped);
      return stamped;
    },
    [Symbol.dispose]() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
