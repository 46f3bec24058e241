/**
 * How far would nine servers go? From what each part cost here at each load
 * (a fixed cost and a cost a user, by least squares), placed as in
 * ARCHITECTURE.md: two edges, three app servers, four database servers, of
 * 2 CPUs and 64 GB each. The generator stands outside the nine.
 *
 * It is an extrapolation and says so: `assumptions` are part of the result,
 * to be shown wherever its figures are.
 */
import { formatCount } from '../figures.ts';
import type { CapacityStep, ProcessUsage } from './capacity.ts';
import { serverOf, sumOf } from './parts.ts';
import { straightLine, type StraightLine } from './straight-line.ts';

/** The mission's servers, and the load it wants on them. */
const CPUS = 2;
const MEMORY_BYTES = 64e9;
const MISSION_USERS = 20_000;
/** Work that comes unevenly waits without bound as a server fills up; as for the generator (`generator-cpu`). */
const SHARE_MAX = 0.75;

/** A line through smaller loads is a line through noise: a part's cost at rest is some hundredths of a core. */
const MEASURED_USERS_MIN = 2_000;

/** Two points always lie on a line, which tells nothing of how far it may be off. */
const LOADS_MIN = 3;

export type PlaceRole = 'edge' | 'app' | 'primary' | 'replica';

interface Place {
  readonly role: PlaceRole;
  readonly servers: number;
  /** When one of its kind is lost, the others carry so many times their users each. */
  readonly afterLoss: number;
}

const PLACES: readonly Place[] = [
  { role: 'edge', servers: 2, afterLoss: 2 },
  { role: 'app', servers: 3, afterLoss: 3 / 2 },
  // Another member takes the primary's place, and does what it did.
  { role: 'primary', servers: 1, afterLoss: 1 },
  { role: 'replica', servers: 3, afterLoss: 1 },
];

/** One server of a kind: the busiest of its kind here. */
export interface ServerExtrapolation {
  readonly role: PlaceRole;
  readonly servers: number;
  readonly cores: StraightLine;
  readonly memoryBytes: StraightLine;
  /** Largest distance of a measured value from the line, cores. */
  readonly coresErrorMax: number;
  /** At the mission's 20,000 users. */
  readonly coresAtMission: number;
  /** Users of the whole service at which it is full; null: its cost did not grow with the users. */
  readonly usersMax: number | null;
  readonly usersMaxAfterLoss: number | null;
  readonly fullBy: 'cores' | 'memory' | null;
}

/** Which kind of server is full first, and at how many users of the whole service. */
export interface FirstFull {
  readonly role: PlaceRole;
  readonly users: number;
  /**
   * How far the figure hangs on a single load: the least and the most that come out when any one of
   * them is left out. `most` null: without one of them no cost grew with the users.
   */
  readonly span: { readonly least: number; readonly most: number | null };
}

interface Extrapolated {
  readonly kind: 'extrapolated';
  /** The loads that the lines are laid through. */
  readonly fromUsers: readonly number[];
  readonly servers: readonly ServerExtrapolation[];
  readonly first: FirstFull | null;
  readonly firstAfterLoss: FirstFull | null;
  readonly assumptions: readonly string[];
}

export type Extrapolation = Extrapolated | { readonly kind: 'not-possible'; readonly why: string };

export function extrapolate(steps: readonly CapacityStep[]): Extrapolation {
  const used = steps.filter(({ kind, usage }) => kind === 'held' && usage.length > 0);
  const fromUsers = [...new Set(used.map(({ users }) => users))].sort((a, b) => a - b);
  if (fromUsers.length < LOADS_MIN) {
    return {
      kind: 'not-possible',
      why:
        `a line whose span is known takes ${LOADS_MIN} loads that held with their usage known; ` +
        `there ${fromUsers.length === 1 ? 'is' : 'are'} ${fromUsers.length}, and a lower --from tries more`,
    };
  }
  if ((fromUsers.at(-1) ?? 0) < MEASURED_USERS_MIN) {
    const why = `from so small loads nothing can be said of thousands: the largest was ${formatCount(fromUsers.at(-1) ?? 0)} users, ${formatCount(MEASURED_USERS_MIN)} are needed`;
    return { kind: 'not-possible', why };
  }
  const drawn = drawThrough(used);
  const others = fromUsers.map((left) => drawThrough(used.filter(({ users }) => users !== left)));
  return {
    kind: 'extrapolated',
    fromUsers,
    servers: drawn,
    first: firstWithSpan(drawn, others, ({ usersMax }) => usersMax),
    firstAfterLoss: firstWithSpan(drawn, others, ({ usersMaxAfterLoss }) => usersMaxAfterLoss),
    assumptions: assumptionsFor(fromUsers),
  };
}

const drawThrough = (steps: readonly CapacityStep[]): readonly ServerExtrapolation[] =>
  PLACES.flatMap((place) => extrapolateServer(place, steps) ?? []);

function extrapolateServer(
  { role, servers, afterLoss }: Place,
  steps: readonly CapacityStep[],
): ServerExtrapolation | undefined {
  const measured = steps.flatMap(({ users, usage }) => {
    const server = busiestOf(role, usage);
    return server === undefined ? [] : [{ at: users, ...server }];
  });
  const lineOf = (figure: 'cores' | 'memoryBytes') =>
    straightLine(measured.map((each) => ({ at: each.at, value: each[figure] })));
  const [cores, memoryBytes] = [lineOf('cores'), lineOf('memoryBytes')];
  if (cores === null || memoryBytes === null) return undefined;
  const byCores = usersUntil(cores, CPUS);
  const byMemory = usersUntil(memoryBytes, MEMORY_BYTES);
  const usersMax = least(byCores, byMemory);
  const errors = measured.map(({ at, cores: seen }) =>
    Math.abs(seen - cores.fixed - cores.each * at),
  );
  return {
    role,
    servers,
    cores,
    memoryBytes,
    coresErrorMax: Math.max(...errors),
    coresAtMission: cores.fixed + cores.each * MISSION_USERS,
    usersMax,
    usersMaxAfterLoss: usersMax === null ? null : Math.floor(usersMax / afterLoss),
    fullBy: usersMax === null ? null : usersMax === byCores ? 'cores' : 'memory',
  };
}

const PREFIX: Readonly<Record<PlaceRole, RegExp>> = {
  edge: /^edge\d/,
  app: /^app\d/,
  primary: /^db\d/,
  replica: /^db\d/,
};

/** The primary is the busiest database server; a replica the busiest of the others. */
function busiestOf(
  role: PlaceRole,
  usage: readonly ProcessUsage[],
): Pick<ProcessUsage, 'cores' | 'memoryBytes'> | undefined {
  const names = [...new Set(usage.map(({ id }) => serverOf(id)))].filter((name) =>
    PREFIX[role].test(name),
  );
  const servers = names
    .map((name) => usage.filter(({ id }) => serverOf(id) === name))
    .map((processes) => ({
      cores: sumOf(processes, 'cores'),
      memoryBytes: sumOf(processes, 'memoryBytes'),
    }))
    .toSorted((left, right) => right.cores - left.cores);
  return servers[role === 'replica' ? 1 : 0];
}

/** Undoes binary fractions before rounding down. */
const SLACK = 1e-6;

const usersUntil = ({ fixed, each }: StraightLine, most: number): number | null =>
  each === 0 ? null : Math.max(0, Math.floor((SHARE_MAX * most - fixed) / each + SLACK));

const least = (left: number | null, right: number | null): number | null =>
  left === null ? right : right === null ? left : Math.min(left, right);

type Drawn = readonly ServerExtrapolation[];
type UsersOf = (server: ServerExtrapolation) => number | null;

/** `others`: the same, each drawn without one of the loads. */
function firstWithSpan(drawn: Drawn, others: readonly Drawn[], usersOf: UsersOf): FirstFull | null {
  const first = firstFull(drawn, usersOf);
  if (first === null) return null;
  const users = [first, ...others.map((other) => firstFull(other, usersOf))].map(
    (each) => each?.users ?? Infinity,
  );
  const most = Math.max(...users);
  return { ...first, span: { least: Math.min(...users), most: most === Infinity ? null : most } };
}

function firstFull(drawn: Drawn, usersOf: UsersOf): Omit<FirstFull, 'span'> | null {
  const [first] = drawn
    .flatMap((server) => {
      const users = usersOf(server);
      return users === null ? [] : [{ role: server.role, users }];
    })
    .toSorted((left, right) => left.users - right.users);
  return first ?? null;
}

const assumptionsFor = (fromUsers: readonly number[]): readonly string[] => [
  `Each part costs a fixed amount and so much a user; the line is laid through ${fromUsers.length} loads from ${formatCount(fromUsers[0] ?? 0)} to ${formatCount(fromUsers.at(-1) ?? 0)} users that held. Beyond them nothing was measured.`,
  `A server is full at ${SHARE_MAX * 100} % of its ${CPUS} CPUs or of its 64 GB: beyond that, waiting grows without bound. Disk and network were not looked at.`,
  'The span is what comes out when any one of these loads is left out: how far the figure hangs on a single minute of a machine whose speed may change. What none of them shows is not in it.',
  'A core of those servers does as much as one here. Here the parts share the cores with one another and with the generator, which makes each of them dearer than on a server of its own.',
  'The kernel’s work for the network is counted where it was done, and may be put down to the neighbour of whom it was done for. Between real servers there are network cards, whose interrupts are not counted here at all.',
  'The servers’ operating systems, backups, monitoring and logs need something as well; they are not in it.',
  'Users behave as here: one message a minute, some 20 receivers each. The busiest server of each kind stands for its kind.',
  'With one server lost, the others of its kind carry its users; the members of the database do the same work whichever of them is primary.',
];
