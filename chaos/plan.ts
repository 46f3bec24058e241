/**
 * The plan of a run: validated once, then frozen. `plan.json` in the run
 * directory holds everything needed to run it again, the seed included.
 */
import { z } from 'zod';
import { FAULT_KINDS, FAULTS } from './faults/index.ts';
import { stopWhenSchema } from './stop-conditions.ts';

const seconds = (what: string, max: number) =>
  z.number().min(0, `${what} must not be negative`).max(max, `${what} is at most ${max} s`);

const [first, ...rest] = FAULTS;
/** By its kind: how long it is held and its own options (`chaos/faults/<kind>.ts`). */
export const plannedFaultSchema = z.discriminatedUnion('kind', [
  first.schema,
  ...rest.map(({ schema }) => schema),
]);
export type PlannedFault = Readonly<z.infer<typeof plannedFaultSchema>>;

export const objectiveSchema = z.strictObject({
  /** Share of messages, with retries, within `deadlineMs`. The mission's objective is 0.99. */
  availability: z.number().gt(0).lte(1).default(0.99),
  /** With retries: acknowledged within this time of the intended send time. */
  deadlineMs: z.number().int().min(100).max(60_000).default(5_000),
  /** As sent: acknowledged within this time, at the first attempt. */
  asSentMs: z.number().int().min(10).max(60_000).default(1_000),
});

export const campaignSchema = z.strictObject({
  /** How often each kind comes in a round; those that are not named never do. */
  weights: z
    .partialRecord(z.enum(FAULT_KINDS), z.number().int().min(1).max(100, 'at most 100 a round'))
    .refine((weights) => Object.keys(weights).length > 0, 'at least one kind of fault'),
});

/**
 * The mission's three: a crash, a dead server, a server off the network. A crash is over within
 * seconds; the other two are held longer than the 22 s that Patroni alone would need.
 */
const MISSION_FAULTS: PlannedFault[] = [
  { kind: 'kill-postgres', holdSec: 10 },
  { kind: 'kill-server', holdSec: 25 },
  { kind: 'cut-link', holdSec: 25 },
];

export const planSchema = z.strictObject({
  schema: z.literal('holdfast.plan/1').default('holdfast.plan/1'),
  /** Part of the run directory's name. */
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'use 1 to 40 of a-z, 0-9 and -')
    .default('gate'),
  seed: z.number().int().min(0).max(0x7fff_ffff).default(1),
  /** Users connected at once. 100,000 is the most the address plan of one machine was made for. */
  users: z
    .number()
    .int()
    .min(2, 'at least 2 users')
    .max(100_000, 'at most 100,000 users')
    .default(20_000),
  /** Each user means to send one message in each interval, seconds. */
  intervalSec: z.number().min(0.1).max(3_600).default(60),
  /** All users connect within this time, seconds. */
  connectSec: seconds('connectSec', 3_600).default(75),
  /** Steady load before the first fault, seconds. */
  steadySec: seconds('steadySec', 86_400).default(180),
  /** Load after each fault was healed and redundancy is back, seconds. */
  settleSec: seconds('settleSec', 600).default(5),
  /** After the load: time for retries and late deliveries, seconds. */
  drainSec: seconds('drainSec', 600).default(15),
  faults: z.array(plannedFaultSchema).default(MISSION_FAULTS),
  /** `faults` are the first of a stream drawn from the seed (`planned-faults.ts`). */
  campaign: campaignSchema.optional(),
  objective: objectiveSchema.prefault({}),
  /** With the failover guard beside the database; without it Patroni's own lease decides. */
  guard: z.boolean().default(true),
  /** After the load, try what the limits and the cache of the service are worth; takes some seconds. */
  probes: z.boolean().default(true),
  /** Live figures at which the run stops by itself, healed and inconclusive; none by default. */
  stopWhen: stopWhenSchema.default({}),
});

export type Plan = Readonly<z.infer<typeof planSchema>>;
