/**
 * The plan of a run: validated once, then frozen. `plan.json` in the run
 * directory holds everything needed to run it again, the seed included.
 */
import { z } from 'zod';
import { ROLE_LAYOUTS } from '../cluster/cluster.ts';
import { FAULT_KINDS, FAULTS } from './faults/index.ts';
import { misfitsOf, SHAPES, type ShapeKind } from '../scenarios/shapes/index.ts';
import type { GivenShape, Shape } from '../scenarios/shapes/shape.ts';
import { DATABASES_MAX } from '../cluster/topology.ts';
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
  /** Over the whole window, from the intended time; where one is set, it fails the run. */
  latencyP50MsMax: z.number().min(1).max(60_000).optional(),
  latencyP99MsMax: z.number().min(1).max(60_000).optional(),
  /** To the delivery to a member; the others are to the acknowledgement. */
  deliveryP99MsMax: z.number().min(1).max(60_000).optional(),
});

export const campaignSchema = z.strictObject({
  /** How often each kind comes in a round; those that are not named never do. */
  weights: z
    .partialRecord(z.enum(FAULT_KINDS), z.number().int().min(1).max(100, 'at most 100 a round'))
    .refine((weights) => Object.keys(weights).length > 0, 'at least one kind of fault'),
});

const optionsOf = ({ options }: Shape) =>
  Object.fromEntries(
    Object.entries(options).map(([name, { standard, from, to }]) => {
      const bounds = `${name} is a number from ${from} to ${to}`;
      return [name, z.number(bounds).min(from, bounds).max(to, bounds).default(standard)];
    }),
  );

const schemaOf = <Kind extends ShapeKind>(shape: Shape<Kind>) =>
  z.strictObject(
    { ...optionsOf(shape), kind: z.literal(shape.kind) },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `${shape.kind} has no ${issue.keys?.join(', ')}; it has ${namesOf(shape)}`
          : undefined,
    },
  );

const namesOf = ({ options }: Shape): string =>
  Object.keys(options).length === 0 ? 'no options' : Object.keys(options).join(', ');

const [steady, ...shapes] = SHAPES;
/** Its name, and its own options (`scenarios/shapes/<kind>.ts`). */
export const shapeSchema: z.ZodType<GivenShape<ShapeKind>, unknown> = z.discriminatedUnion('kind', [
  schemaOf(steady),
  ...shapes.map(schemaOf),
]);

/**
 * The mission's three: a crash, a dead server, a server off the network. A crash is over within
 * seconds; the other two are held longer than the 22 s that Patroni alone would need.
 */
const MISSION_FAULTS: PlannedFault[] = [
  { kind: 'kill-postgres', holdSec: 10 },
  { kind: 'kill-server', holdSec: 25 },
  { kind: 'cut-link', holdSec: 25 },
];

/** The most that the address plan of one machine was made for. */
export const USERS_MAX = 100_000;

const planShape = z.strictObject({
  schema: z.literal('holdfast.plan/1').default('holdfast.plan/1'),
  /** Part of the run directory's name. */
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'use 1 to 40 of a-z, 0-9 and -')
    .default('gate'),
  seed: z.number().int().min(0).max(0x7fff_ffff).default(1),
  /** Users connected at once. */
  users: z
    .number()
    .int()
    .min(2, 'at least 2 users')
    .max(USERS_MAX, `at most ${USERS_MAX.toLocaleString('en-GB')} users`)
    .default(20_000),
  /** Each user means to send one message in each interval, seconds. */
  intervalSec: z.number().min(0.1).max(3_600).default(60),
  /** What the load looks like over time, and what its users do otherwise than usual. */
  shape: shapeSchema.default({ kind: 'steady' }),
  /** All users connect within this time, seconds. */
  connectSec: seconds('connectSec', 3_600).default(75),
  /** Steady load before the first fault, seconds. */
  steadySec: seconds('steadySec', 86_400).default(180),
  /** Load after each fault was healed and redundancy is back, seconds. */
  settleSec: seconds('settleSec', 600).default(5),
  /** After the load, once nothing waits for its acknowledgement any more: for late deliveries, seconds. */
  drainSec: seconds('drainSec', 600).default(15),
  faults: z.array(plannedFaultSchema).default(MISSION_FAULTS),
  /** `faults` are the first of a stream drawn from the seed (`planned-faults.ts`). */
  campaign: campaignSchema.optional(),
  objective: objectiveSchema.prefault({}),
  /** Replicated database clusters that share the channels (`--shards`). */
  databases: z
    .number()
    .int()
    .min(1, 'at least 1 database')
    .max(DATABASES_MAX, `at most ${DATABASES_MAX} databases`)
    .default(1),
  /** With the failover guard beside the database; without it Patroni's own lease decides. */
  guard: z.boolean().default(true),
  /** The chat service's roles in one process on each app server, or in processes of their own. */
  roles: z.enum(ROLE_LAYOUTS).default('together'),
  /** After the load, try what the limits and the cache of the service are worth; takes some seconds. */
  probes: z.boolean().default(true),
  /** Live figures at which the run stops by itself, healed and inconclusive; none by default. */
  stopWhen: stopWhenSchema.default({}),
});

export const planSchema = planShape.superRefine((plan, context) => {
  for (const [field, message] of misfitsOf(plan)) {
    context.addIssue({ code: 'custom', path: [field], message });
  }
});

export type Plan = Readonly<z.infer<typeof planSchema>>;
