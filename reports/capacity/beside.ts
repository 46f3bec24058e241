/**
 * An earlier sweep that stands beside this one in its report: mostly the one
 * without a fault beside the one under it. Read from its `capacity.json`.
 */
import { z } from 'zod';

const milliseconds = z.number().nullable();

/** What is shown of it; everything else in the file is left alone. */
export const besideSchema = z.object({
  schema: z.literal('holdfast.capacity/1'),
  name: z.string(),
  under: z.string().nullable(),
  result: z.object({
    kind: z.enum(['found', 'at-least', 'none']),
    users: z.number(),
    words: z.string(),
  }),
  steps: z.array(
    z.object({
      users: z.number(),
      kind: z.enum(['held', 'failed', 'generator', 'unknown']),
      latencyMs: z.object({ p50: milliseconds, p99: milliseconds }),
    }),
  ),
});
export type Beside = Readonly<z.infer<typeof besideSchema>>;

/** `without a fault`, `under kill-server`. */
export const circumstancesOf = ({ under }: { readonly under: string | null }): string =>
  under === null ? 'without a fault' : `under ${under}`;

/** `Beside it, without a fault: 30 000 users; …` */
export const besideWords = (beside: Beside): string =>
  `Beside it, ${circumstancesOf(beside)} (${beside.name}): ${beside.result.words}`;
