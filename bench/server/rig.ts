/**
 * One chat server on a core of its own, with what it needs on the others: a
 * real PostgreSQL and NATS, and a place beside it, in its network, where the
 * client runs. Between the two there is the loopback and nothing else.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { connectEngine } from '../../cluster/docker/engine.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { projectRoot } from '../../cluster/paths.ts';
import {
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../reference-server/testing/database.ts';
import { eventually } from '../../reference-server/testing/eventually.ts';
import { openLab, type Lab, type Service } from '../../reference-server/testing/lab.ts';
import { startNats, type TestNats } from '../../reference-server/testing/nats.ts';
import type { Shape, ShapeName } from './shape.ts';

export const MAKES = ['uWebSockets.js', 'ws'] as const;
export type Make = (typeof MAKES)[number];

const PROGRAM: Readonly<Record<Make, string>> = {
  'uWebSockets.js': 'reference-server/main.ts',
  ws: 'bench/server/ws-main.ts',
};
const PORT = 9001;
const TOKEN_SECRET = 'a secret only for benches';
/** What client.ts and ws-main.ts may reach; `.dependency-cruiser.mjs` knows it, too. */
const ROOMS = ['reference-server', 'scenarios', 'cluster', 'chaos', 'bench', 'node_modules/ws'];
const SERVER_CORE = '0';
/** The most the kernel takes: whatever else runs on this machine waits. */
const CPU_SHARES = 262_144;

export interface Rig extends AsyncDisposable {
  start(make: Make, shape: Shape): Promise<Server>;
}

export interface ServerMemory {
  readonly sockets: number;
  readonly residentBytes: number;
  /** What the kernel keeps for its control group: sockets' structures among it. */
  readonly kernelBytes: number;
}

export interface Server extends AsyncDisposable {
  /** Runs the client to its end; resolves with what it printed. */
  run(task: { users: number; shape: ShapeName; holdMs?: number }): Promise<unknown>;
  memory(): Promise<ServerMemory>;
}

function otherCores(): string {
  const count = cpus().length;
  if (count > 1) return count === 2 ? '1' : `1-${count - 1}`;
  throw new HoldfastError({
    code: 'bench-one-core',
    message: 'the server cannot have a core of its own: there is one',
    remedy: 'two cores are needed; anything said on one would be about both ends together',
  });
}

const MOUNTS = Object.fromEntries(ROOMS.map((room) => [join(projectRoot, room), `/app/${room}`]));

/** Also of those that it starts later. */
const confine = (service: Service, cores: string): Promise<string> =>
  service.shell(
    `for task in /proc/[0-9]*; do taskset -apc ${cores} "\${task#/proc/}" > /dev/null 2>&1 || true; done`,
  );

async function putFirst(...services: readonly Service[]): Promise<void> {
  const engine = await connectEngine();
  for (const { id } of services) await engine.getContainer(id).update({ CpuShares: CPU_SHARES });
}

async function fillChannels(database: TestDatabase, { channels }: Shape): Promise<void> {
  const places = channels.flatMap(({ id, members }) => members.map((member) => [id, member]));
  await database.query('insert into channels (id) select unnest($1::int[])', [
    channels.map(({ id }) => id),
  ]);
  await database.query(
    'insert into members (channel, member) select * from unnest($1::int[], $2::int[])',
    [places.map(([channel]) => channel), places.map(([, member]) => member)],
  );
  await database.query('analyze');
}

async function serve(
  { lab, postgres, nats }: { lab: Lab; postgres: TestPostgres; nats: TestNats },
  make: Make,
  shape: Shape,
): Promise<Server> {
  const cores = otherCores();
  const database = await postgres.create(0);
  await fillChannels(database, shape);
  const service = await lab.start({
    image: 'runtime',
    command: ['taskset', '-c', SERVER_CORE, 'node', PROGRAM[make]],
    workingDirectory: '/app',
    mounts: MOUNTS,
    environment: {
      PORT: String(PORT),
      SERVER_ID: make,
      WRITE_URLS: database.url,
      READ_URLS: database.url,
      NATS_URLS: nats.url,
      TOKEN_SECRET,
      LOG_LEVEL: 'warn',
      // All users are behind one address.
      ADDRESS_REQUESTS_HZ: '1000000',
    },
  });
  const page = (path: string) => fetch(`http://${service.address}:${PORT}${path}`);
  await eventually('the chat server to be ready', async () => (await page('/readyz')).ok);
  const beside = await lab.start({
    image: 'runtime',
    command: ['sleep', 'infinity'],
    workingDirectory: '/app',
    mounts: MOUNTS,
    beside: service,
  });
  await putFirst(service, beside);

  return {
    async run(task) {
      const argument = JSON.stringify({ port: PORT, tokenSecret: TOKEN_SECRET, ...task });
      const output = await beside.shell(
        `taskset -c ${cores} node bench/server/client.ts '${argument}'`,
      );
      const answer: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
      return answer;
    },
    async memory() {
      const metrics = await (await page('/metrics')).text();
      const valueOf = (name: string): number =>
        z.coerce.number().parse(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
      const kernel = await service.shell(
        `cat /sys/fs/cgroup/memory/memory.kmem.usage_in_bytes 2>/dev/null ||
         awk '$1 == "kernel" || $1 == "sock" { sum += $2 } END { print sum }' /sys/fs/cgroup/memory.stat`,
      );
      return {
        sockets: valueOf('chat_open_sockets'),
        residentBytes: valueOf('process_resident_memory_bytes'),
        kernelBytes: z.coerce.number().parse(kernel.trim()),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([beside.remove(), service.remove()]);
      await database[Symbol.asyncDispose]();
    },
  };
}

export async function openRig(): Promise<Rig> {
  const cores = otherCores();
  const lab = await openLab();
  try {
    const [postgres, nats] = await Promise.all([startPostgres(lab), startNats(lab)]);
    await Promise.all([confine(postgres.service, cores), confine(nats.service, cores)]);
    await putFirst(postgres.service, nats.service);
    return {
      start: (make, shape) => serve({ lab, postgres, nats }, make, shape),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}
