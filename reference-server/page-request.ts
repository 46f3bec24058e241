/**
 * What a gateway and a history server say to each other: which page, for whom
 * the channel stands where, and as much of the page as fits into a payload,
 * newest first to be sent.
 */
import { z } from 'zod';
import { HISTORY_LIMIT_MAX } from './frames.ts';
import { fitting, parseJson } from './payloads.ts';
import type { HistoryEntry } from './protocol.ts';

const count = z.int().min(0);

const requestSchema = z.object({
  channel: count,
  /** As in the protocol; 0: the newest page. */
  before: count,
  limit: z.int().min(1).max(HISTORY_LIMIT_MAX),
  /** How far the gateway's feed has published: the newest page ends there. */
  published: count,
});
export type PageRequest = Readonly<z.infer<typeof requestSchema>>;

const replySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('page'),
    entries: z.array(z.tuple([count, z.string(), z.int(), z.string()])),
    /** False: older entries of the page did not fit. */
    isWhole: z.boolean(),
  }),
  z.object({ kind: z.literal('refused'), detail: z.string() }),
]);
export type PageReply = Readonly<z.infer<typeof replySchema>>;

/** Undefined for what is none. */
export const parsePageRequest = (payload: string): PageRequest | undefined =>
  requestSchema.safeParse(parseJson(payload)).data;

export const parsePageReply = (payload: string): PageReply | undefined =>
  replySchema.safeParse(parseJson(payload)).data;

/** The newest entries of a page, as many as fit. */
export function pageReply(page: readonly HistoryEntry[]): PageReply {
  const newestFirst = page.map((entry) => JSON.stringify(entry)).reverse();
  const fits = fitting(newestFirst);
  const entries = page.slice(page.length - fits).map((entry): [...HistoryEntry] => [...entry]);
  return { kind: 'page', entries, isWhole: fits === page.length };
}
