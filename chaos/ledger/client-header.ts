/** The first line of a client ledger: whose it is, and what its users meant to send when. */
import { basename } from 'node:path';
import { z } from 'zod';
import { CLIENT_LEDGER_SCHEMA, type ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { readFirstLine } from './lines.ts';

/** A span's times are above 0, or its messages would never be due. */
const ratesSchema = z.array(
  z.object({
    every: z.number().int().min(1),
    first: z.number().int().min(0),
    spans: z.array(z.object({ fromMs: z.number().min(0), times: z.number().positive() })),
  }),
);

const headerSchema: z.ZodType<ClientLedgerHeader> = z.object({
  schema: z.literal(CLIENT_LEDGER_SCHEMA),
  run: z.string(),
  runNonce: z.string().min(1),
  shard: z.number().int().min(0),
  epochMs: z.number(),
  seed: z.number(),
  sendFromMs: z.number(),
  intervalMs: z.number().positive(),
  rates: ratesSchema.default([]),
  firstUser: z.number().int().min(0),
  users: z.number().int().min(1).max(1_000_000),
  virtualUsers: z.number().int().min(1),
  // Ledgers of before there were any have none.
  readers: z.number().int().min(0).default(0),
});

/** The header, or a sentence about what is wrong with it. */
export function readClientHeader(path: string): ClientLedgerHeader | string {
  const file = basename(path);
  const line = readFirstLine(path);
  if (line === null) return `${file} has no header: the shard was stopped before it began`;
  try {
    return headerSchema.parse(JSON.parse(line));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : 'no JSON';
    return `${file}:1 is not a client ledger's header: ${why}`;
  }
}
