/**
 * Reads who is a member of what (`ledger/population.jsonl`): one JSON line a
 * channel. It stands in the run directory, so that a judgement does not hang
 * on the code that once drew the population.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { readLines } from './lines.ts';
import { collectProblems } from './problems.ts';

const channelSchema = z.object({
  id: z.number().int().min(0),
  kind: z.string(),
  members: z.array(z.number().int().min(0)),
});

export type ChannelMembers = Readonly<z.infer<typeof channelSchema>>;

export interface PopulationLedger {
  readonly channels: readonly ChannelMembers[];
  /** Not empty: some member of some channel may be missing here. */
  readonly problems: readonly string[];
}

export function readPopulation(path: string): PopulationLedger {
  const file = basename(path);
  if (!existsSync(path)) return { channels: [], problems: [`${file} is missing`] };
  const channels: ChannelMembers[] = [];
  const problems = collectProblems();
  const { torn } = readLines(path, (bytes, start, end, line) => {
    try {
      channels.push(channelSchema.parse(JSON.parse(bytes.toString('utf8', start, end))));
    } catch {
      problems.add(`${file}:${line} is no channel with its members`);
    }
  });
  if (torn) problems.add(`${file} was cut short`);
  return { channels, problems: problems.list() };
}
