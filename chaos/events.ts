/**
 * The event log of a run: phases, faults with their proof, promotions,
 * probes, the generator's health. One JSON object a line, appended as it
 * happens; `atMs` is epoch milliseconds.
 */
import { z } from 'zod';
import { expectationSchema } from './faults/expectation.ts';

const at = { atMs: z.number() };

/** Each observation: what was looked at, what was seen. */
const observations = z.array(z.object({ what: z.string(), seen: z.string(), ok: z.boolean() }));

/** What a fault was aimed at and what was seen from outside it. */
export const proofSchema = z.object({
  /** True only if the effect was observed. */
  bitten: z.boolean(),
  observations,
});
export type Proof = Readonly<z.infer<typeof proofSchema>>;

const persistenceShape = {
  /** False: it is over once it has struck, so it cannot end too early. */
  lasts: z.boolean(),
  observations,
};
export type Persistence = Readonly<z.infer<z.ZodObject<typeof persistenceShape>>>;

export const memberRoleSchema = z.enum(['primary', 'replica', 'other', 'unreachable']);
export type MemberRole = z.infer<typeof memberRoleSchema>;

/** From 0; absent: 0. Runs of earlier versions had one database only. */
const database = z.number().int().min(0).optional();

const latency = z.object({ p50: z.number(), p95: z.number() });

export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ ...at, kind: z.literal('run-started'), run: z.string(), pid: z.number() }),
  z.object({
    ...at,
    kind: z.literal('phase'),
    phase: z.enum(['cluster', 'preflight', 'connect', 'steady', 'campaign', 'drain', 'collect']),
  }),
  /** The window in which availability is judged: [began, ended). */
  z.object({ ...at, kind: z.literal('window-began') }),
  z.object({ ...at, kind: z.literal('window-ended') }),
  /** Was the system in its steady state right before a fault? */
  z.object({
    ...at,
    kind: z.literal('steady-state'),
    before: z.string(),
    held: z.boolean(),
    detail: z.string(),
  }),
  /** A fault whose turn it was and that could not be borne then. */
  z.object({
    ...at,
    kind: z.literal('fault-skipped'),
    id: z.string(),
    fault: z.string(),
    /** In the plan's faults, or in the campaign's stream, from 0. */
    place: z.number().int().min(0),
    why: z.string(),
  }),
  z.object({
    ...at,
    kind: z.literal('fault-injecting'),
    id: z.string(),
    fault: z.string(),
    target: z.string(),
    /** What the service has to do meanwhile; runs of earlier versions do not say it. */
    expects: expectationSchema.optional(),
    /** Another member has to be promoted after it; runs of earlier versions do not say it. */
    failover: z.boolean().optional(),
  }),
  z.object({
    ...at,
    kind: z.literal('fault-injected'),
    id: z.string(),
    fault: z.string(),
    target: z.string(),
    /** It struck between these two moments, epoch milliseconds, by the struck server's own clock. */
    struckFromMs: z.number(),
    struckToMs: z.number(),
  }),
  z.object({ ...at, kind: z.literal('fault-proof'), id: z.string(), proof: proofSchema }),
  /** What was still to be seen of it right before it was healed. */
  z.object({ ...at, kind: z.literal('fault-held'), id: z.string(), ...persistenceShape }),
  /** Healing begins: from here on the service may be better than the fault would have it. */
  z.object({ ...at, kind: z.literal('fault-healing'), id: z.string() }),
  z.object({ ...at, kind: z.literal('fault-healed'), id: z.string() }),
  z.object({ ...at, kind: z.literal('redundancy-restored'), id: z.string() }),
  /** The leader key of a database, as etcd shows it; empty: nobody holds it. */
  z.object({ ...at, kind: z.literal('leader'), leader: z.string(), database }),
  /** A database member's own view of itself changed. */
  z.object({
    ...at,
    kind: z.literal('member'),
    server: z.string(),
    role: memberRoleSchema,
    state: z.string(),
    timeline: z.number(),
    database,
  }),
  /** Open sockets as the chat servers count them, all together. */
  z.object({
    ...at,
    kind: z.literal('sockets'),
    open: z.number(),
    byServer: z.record(z.string(), z.number()),
  }),
  /**
   * Which processes of the chat service answered, where its roles are apart, and what each has done
   * since its start: messages acknowledged, messages stored, pages served.
   */
  z.object({ ...at, kind: z.literal('roles'), done: z.record(z.string(), z.number()) }),
  /** Of the whole machine, with whatever, since the sample before. */
  z.object({
    ...at,
    kind: z.literal('machine'),
    /** So many of its cores were busy. */
    busyCores: z.number(),
    cores: z.number(),
    /** Share of the time in which somebody waited for a disk; the kernel may not count it. */
    diskWait: z.number().nullish(),
  }),
  /** A chat server's circuit breaker, when a look at it showed something new. */
  z.object({
    ...at,
    kind: z.literal('circuit'),
    server: z.string(),
    state: z.enum(['closed', 'half-open', 'open']),
    /** How often it opened since the server's start. */
    opened: z.number(),
    /** When it opened and closed last, by the server's clock; 0: never. */
    openedAtMs: z.number(),
    closedAtMs: z.number().default(0),
  }),
  /** By how much the chat servers' own counters grew, all together, over one step of the run. */
  z.object({
    ...at,
    kind: z.literal('counted'),
    step: z.enum(['load', 'refusals']),
    grew: z.record(z.string(), z.number()),
  }),
  /** Somebody flooded the service, beside bystanders on every server. */
  z.object({
    ...at,
    kind: z.literal('flood-tried'),
    forMs: z.number(),
    /** Of the one who flooded. */
    sent: z.number(),
    acknowledged: z.number(),
    limited: z.number(),
    /** Messages of bystanders meanwhile, and those not acknowledged. */
    bystanders: z.number(),
    bystandersUnanswered: z.number(),
    /** Of the bystander who waited the longest: before, and during the flood. */
    quietMs: latency,
    floodMs: latency,
  }),
  /** The same page of history, asked for so that the cache may serve it, and so that it may not. */
  z.object({
    ...at,
    kind: z.literal('history-tried'),
    requests: z.number(),
    /** Queries that the servers made for them. */
    readsWith: z.number(),
    readsWithout: z.number(),
    /** All pages were the same. */
    same: z.boolean(),
  }),
  /** One balancer of the kind in use, alone on a core: HTTP requests on kept connections. */
  z.object({
    ...at,
    kind: z.literal('balancer-tried'),
    requests: z.number(),
    cpuSec: z.number(),
    requestsPerCpuSec: z.number(),
  }),
  z.object({ ...at, kind: z.literal('shard-exited'), shard: z.number(), exitCode: z.number() }),
  z.object({
    ...at,
    kind: z.literal('rows-read'),
    node: z.string(),
    rows: z.number(),
    complete: z.boolean(),
    detail: z.string(),
  }),
  /** A write tried on a replica: it has to be refused. */
  z.object({
    ...at,
    kind: z.literal('replica-write'),
    node: z.string(),
    refused: z.boolean(),
    detail: z.string(),
  }),
  /** Something that the service has to refuse was tried on it. */
  z.object({
    ...at,
    kind: z.literal('refusal'),
    what: z.string(),
    /** By which the service counts it; runs of earlier versions do not say it. */
    reason: z.string().optional(),
    refused: z.boolean(),
    detail: z.string(),
  }),
  /** Clock of a server minus the harness's clock, and how exactly that is known. */
  z.object({
    ...at,
    kind: z.literal('clock'),
    server: z.string(),
    offsetMs: z.number(),
    uncertaintyMs: z.number(),
  }),
  z.object({ ...at, kind: z.literal('interrupted'), reason: z.string() }),
  z.object({ ...at, kind: z.literal('note'), text: z.string() }),
  z.object({ ...at, kind: z.literal('run-ended'), complete: z.boolean() }),
]);

export type RunEvent = Readonly<z.infer<typeof eventSchema>>;
/** `Omit` over each member of a union. */
type WithoutTime<E> = E extends unknown ? Omit<E, 'atMs'> : never;
export type NewEvent = WithoutTime<RunEvent>;
