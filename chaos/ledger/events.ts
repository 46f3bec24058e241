/**
 * Reads the event log of a run (`events.jsonl`). A torn last line is what a
 * killed run leaves and is tolerated; a line that is no known event is told,
 * with its number, and makes the judgement unknown.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { eventSchema, type RunEvent } from '../events.ts';
import { readLines } from './lines.ts';
import { collectProblems } from './problems.ts';

export interface EventLog {
  /** In the order they were written. */
  readonly events: readonly RunEvent[];
  readonly torn: boolean;
  readonly problems: readonly string[];
}

export function readEvents(path: string): EventLog {
  const file = basename(path);
  if (!existsSync(path)) return { events: [], torn: false, problems: [`${file} is missing`] };
  const events: RunEvent[] = [];
  const problems = collectProblems();
  const { torn } = readLines(path, (bytes, start, end, line) => {
    try {
      events.push(eventSchema.parse(JSON.parse(bytes.toString('utf8', start, end))));
    } catch (cause) {
      const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'no JSON';
      problems.add(`${file}:${line} is no event: ${why.replaceAll('\n', ' ')}`);
    }
  });
  return { events, torn, problems: problems.list() };
}

export type EventOf<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

/** The events of one kind, in order. */
export const eventsOf = <K extends RunEvent['kind']>(
  events: readonly RunEvent[],
  kind: K,
): readonly EventOf<K>[] => events.filter((event): event is EventOf<K> => event.kind === kind);
