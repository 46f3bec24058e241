/**
 * Reads who is a member of what (`ledger/population.jsonl`): one JSON line a
 * channel. It stands in the run directory, so that a judgement does not hang
 * on the code that once drew the population.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { readLines } from './lines.ts';
import { messageCount, userOf, wasSent, type Messages } from './messages.ts';
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
  const ids = new Set<number>();
  const problems = collectProblems();
  const { torn } = readLines(path, (bytes, start, end, line) => {
    try {
      const channel = channelSchema.parse(JSON.parse(bytes.toString('utf8', start, end)));
      if (ids.has(channel.id)) problems.add(`${file}:${line} is channel ${channel.id} once more`);
      else channels.push(channel);
      ids.add(channel.id);
    } catch {
      problems.add(`${file}:${line} is no channel with its members`);
    }
  });
  if (torn) problems.add(`${file} was cut short`);
  return { channels, problems: problems.list() };
}

/**
 * Users write to their own channels only: somebody who wrote to a channel without being a member is
 * missing here, and nobody would miss what was not delivered to them.
 */
export function findOutsiders(
  messages: Messages,
  { channels }: PopulationLedger,
): readonly string[] {
  const channelsOf: number[][] = Array.from({ length: messages.users }, () => []);
  for (const { id, members } of channels) for (const user of members) channelsOf[user]?.push(id);
  const problems = collectProblems();
  for (let message = 0; message < messageCount(messages); message++) {
    if (!wasSent(messages, message)) continue;
    const user = userOf(messages, message);
    const channel = messages.channel[message] as number;
    if (channelsOf[user]?.includes(channel) !== true) {
      problems.add(`user ${user} wrote to channel ${channel} and is no member of it`);
    }
  }
  return problems.list();
}
