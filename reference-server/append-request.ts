/**
 * What a gateway and an ingest say to each other: drafts in their order, and
 * one answer for all of them.
 */
import { z } from 'zod';
import type { Draft } from './message.ts';
import { encodeLists, parseJson } from './payloads.ts';

const draftSchema = z
  .tuple([z.string(), z.int(), z.int(), z.string()])
  .transform(([key, channel, author, body]): Draft => ({ key, channel, author, body }));
const draftsSchema = z.array(draftSchema).min(1);

const replySchema = z.discriminatedUnion('kind', [
  /** Each draft's sequence in order; `null`: the key is another message's. */
  z.object({ kind: z.literal('stored'), sequences: z.array(z.int().min(1).nullable()) }),
  /** One of them can never be stored; others may be. */
  z.object({ kind: z.literal('refused'), detail: z.string() }),
  /** Not all of them were taken: ask again. */
  z.object({ kind: z.literal('busy'), detail: z.string() }),
]);
export type AppendReply = Readonly<z.infer<typeof replySchema>>;

/** As many payloads as it takes; for a usual batch that is one. */
export const encodeDrafts = (drafts: readonly Draft[]): readonly string[] => [
  ...encodeLists(
    drafts.map(({ key, channel, author, body }) => JSON.stringify([key, channel, author, body])),
  ),
];

/** Undefined for what is none. */
export const parseDrafts = (payload: string): readonly Draft[] | undefined =>
  draftsSchema.safeParse(parseJson(payload)).data;

export const parseAppendReply = (payload: string): AppendReply | undefined =>
  replySchema.safeParse(parseJson(payload)).data;
