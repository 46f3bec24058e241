/**
 * The users of the server's bench, a program of its own so that it can be
 * kept to its own core: connects all of them, then either finds the server's
 * limit or only stays. It prints one line of JSON.
 *
 *     node bench/server/client.ts '{"port":9001,"users":5000,"shape":"mission",…}'
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { gather } from './crowd.ts';
import { findLimit, type Watch } from './find-limit.ts';
import { offer } from './offered-load.ts';
import { SHAPES, shapeOf } from './shape.ts';

const HOST = '127.0.0.1';
/** As `/proc/stat` has it: user nice system idle iowait irq softirq steal. */
const IDLE_FIELDS = [3, 4];

const taskSchema = z.object({
  port: z.number(),
  users: z.number(),
  shape: z.enum(SHAPES),
  tokenSecret: z.string(),
  /** Stays so long once all have joined, and does nothing else. */
  holdMs: z.number().optional(),
});

async function coreTimes(): Promise<readonly { readonly all: number; readonly idle: number }[]> {
  const lines = (await readFile('/proc/stat', 'utf8')).split('\n');
  return lines
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const fields = line.split(/\s+/).slice(1, 9).map(Number);
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      return { all: sum(fields), idle: sum(IDLE_FIELDS.map((field) => fields[field] ?? 0)) };
    });
}

/** The server's own word on itself, from its metrics. */
async function serverMetrics(port: number): Promise<{ cpuSec: number; residentBytes: number }> {
  const page = await (await fetch(`http://${HOST}:${port}/metrics`)).text();
  const valueOf = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN);
  return {
    cpuSec: valueOf('process_cpu_seconds_total'),
    residentBytes: valueOf('process_resident_memory_bytes'),
  };
}

const watchOn =
  (port: number): Watch =>
  async () => {
    const [server, cores, beganMs] = [await serverMetrics(port), await coreTimes(), Date.now()];
    return async () => {
      const seconds = (Date.now() - beganMs) / 1_000;
      const after = await coreTimes();
      const now = await serverMetrics(port);
      return {
        server: {
          cores: (now.cpuSec - server.cpuSec) / seconds,
          residentBytes: now.residentBytes,
        },
        coresBusy: after.map(({ all, idle }, core) => {
          const before = cores[core] ?? { all: 0, idle: 0 };
          return 1 - (idle - before.idle) / Math.max(1, all - before.all);
        }),
      };
    };
  };

const {
  port,
  users,
  shape: name,
  tokenSecret,
  holdMs,
} = taskSchema.parse(JSON.parse(process.argv[2] ?? ''));
const shape = shapeOf(name, users);
using crowd = await gather({
  host: HOST,
  port,
  tokenSecret,
  channelsOfUser: shape.channelsOfUser,
});
if (holdMs === undefined) {
  using load = offer(crowd, shape);
  const plateaus = await findLimit(load, watchOn(port));
  process.stdout.write(`${JSON.stringify({ plateaus, gone: crowd.counts.gone })}\n`);
} else {
  await pause(holdMs);
  process.stdout.write(`${JSON.stringify({ gone: crowd.counts.gone })}\n`);
}
