/**
 * All shapes of load by name. A new one is a file beside this and a line in
 * the list: from it follow the type, the check of the config and `--shape`.
 */
import { abuser } from './abuser.ts';
import { europeanDay } from './european-day.ts';
import { hotChannel } from './hot-channel.ts';
import { ramp } from './ramp.ts';
import { reconnectStorm } from './reconnect-storm.ts';
import type { GivenShape, PlanDefaults, ShapedLoad, ShapedPlan } from './shape.ts';
import { slowReaders } from './slow-readers.ts';
import { soak } from './soak.ts';
import { spike } from './spike.ts';
import { steady } from './steady.ts';
import { today } from './today.ts';

export const SHAPES = [
  steady,
  today,
  ramp,
  spike,
  reconnectStorm,
  hotChannel,
  europeanDay,
  slowReaders,
  abuser,
  soak,
] as const;

export type ShapeKind = (typeof SHAPES)[number]['kind'];
export const SHAPE_KINDS: readonly ShapeKind[] = SHAPES.map(({ kind }) => kind);

const shapeOf = (kind: ShapeKind): (typeof SHAPES)[number] =>
  SHAPES.find((shape) => shape.kind === kind) ?? steady;

export const planDefaultsOf = (kind: ShapeKind): PlanDefaults => shapeOf(kind).plan;

interface PlanOfShape extends ShapedPlan {
  readonly shape: GivenShape<ShapeKind>;
}

/** What the plan's shape makes of its load. */
export const shapedLoadOf = (plan: PlanOfShape): ShapedLoad =>
  shapeOf(plan.shape.kind).load(numbersIn(plan.shape), plan);

/** What is wrong with a plan of this shape: the field, and a sentence. */
export function misfitsOf(plan: PlanOfShape): readonly (readonly [field: string, why: string])[] {
  const { shape, users, steadySec } = plan;
  const { slow, abuser: flood } = shapedLoadOf(plan);
  const lastsSec = shapeOf(shape.kind).lastsSec(numbersIn(shape));
  const places =
    flood === null ? 0 : (users * flood.messagesHz * (flood.toMs - flood.fromMs)) / 1e3;
  return [
    ...(steadySec < lastsSec
      ? [['steadySec', `the shape ${shape.kind} takes ${lastsSec} s, as its options are`] as const]
      : []),
    ...(slow !== null && slow.users > users / 2
      ? [['users', `at least twice the ${slow.users} slow readers`] as const]
      : []),
    ...(places > PLACES_MAX
      ? [
          [
            'users',
            `the flood's messages times all users are over ${PLACES_MAX}: fewer users`,
          ] as const,
        ]
      : []),
  ];
}

/** The judge's tables take 36 bytes for each message that any user might have sent: 720 MB. */
const PLACES_MAX = 20_000_000;

const numbersIn = (shape: GivenShape): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(shape).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
