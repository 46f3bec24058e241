/**
 * What uWebSockets.js is worth to the chat server: deliveries a second on one
 * core, and memory a connection, against the same server with its sockets on
 * `ws`; same protocol, same client, same run, in turns.
 *
 *     npm run bench -- server [--rounds 2] [--json]
 *
 * Exit 0: at least 5 times the deliveries, in the mission's channels, and half
 * the memory; that everybody is in one room is shown beside it.
 *
 * The server has the first core to itself; client, PostgreSQL and NATS share
 * the others, and the loopback is between them. The kernel does the receiver's
 * work of a loopback on the sender's core, so a real network card would leave
 * the server more of it. Which side was the limit is said for each figure.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HoldfastError } from '../cluster/errors.ts';
import { runClusterBench } from './run-bench.ts';
import { measureMemory, type MemoryTurn } from './server/measure-memory.ts';
import { MAKES, openRig, type Make, type Rig } from './server/rig.ts';
import { shapeOf, type ShapeName } from './server/shape.ts';
import { median, spreadOf } from './spread.ts';
import { grouped, tableOf } from './table.ts';

const DELIVERIES_TIMES_MIN = 5;
const MEMORY_SHARE_MAX = 0.5;
const GOAL = { deliveriesHz: 50_000, kilobytes: 12 };
/** What Centrifugo's makers measured on 40 cores, a core (2020). */
const CENTRIFUGO_HZ = 12_500;
/** The same deliveries in many small channels and in one large one. */
const USERS: Readonly<Record<ShapeName, number>> = { mission: 2_000, room: 500 };
/** Who uses this much of a core has none left. */
const SATURATED = 0.9;

const plateauSchema = z.object({
  offeredHz: z.number(),
  deliveredHz: z.number(),
  backlog: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  clientCores: z.number(),
  server: z.object({ cores: z.number(), residentBytes: z.number() }),
  coresBusy: z.array(z.number()),
  refused: z.number(),
});
type Plateau = z.infer<typeof plateauSchema>;
/** Those tried, until one held. */
const triedSchema = z.object({ plateaus: z.array(plateauSchema).min(1), gone: z.number() });

interface Turn extends Plateau {
  readonly make: Make;
  readonly shape: ShapeName;
  /** Deliveries for each second of CPU time that the server's process used. */
  readonly perCpuSec: number;
  readonly limit: string;
}

const kilobytes = (bytes: number): string => (bytes / 1_024).toFixed(1);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** What had nothing left; `others`: the server's core was busy, and not with the server. */
function limitOf({ coresBusy, server, clientCores }: Plateau): string {
  if (server.cores >= SATURATED) return 'server';
  if (clientCores >= SATURATED) return 'client';
  return Math.max(...coresBusy) >= SATURATED ? 'others' : 'latency';
}

function sayPlateau(plateau: Plateau): void {
  const { offeredHz, deliveredHz, backlog, refused, p99Ms, server, clientCores } = plateau;
  const busy = plateau.coresBusy.map((share) => share.toFixed(2)).join(' ');
  say(
    `  of ${grouped(offeredHz)}/s ${grouped(deliveredHz)}, ${grouped(backlog)} behind, ` +
      `${refused} refused, p99 ${p99Ms.toFixed(0)} ms\n` +
      `  server ${server.cores.toFixed(2)} client ${clientCores.toFixed(2)} of cores ${busy}`,
  );
}

async function takeTurn(rig: Rig, make: Make, shape: ShapeName): Promise<Turn> {
  const users = USERS[shape];
  await using server = await rig.start(make, shapeOf(shape, users));
  const { plateaus, gone } = triedSchema.parse(await server.run({ users, shape }));
  plateaus.forEach(sayPlateau);
  const plateau = plateaus.at(-1);
  if (plateau === undefined || plateau.refused + gone > 0) {
    throw new HoldfastError({
      code: 'bench-server',
      message: `${make}: ${plateau?.refused} messages refused, ${gone} sockets closed under load`,
      remedy: 'with nothing else running; what was delivered then says nothing about the server',
    });
  }
  const perCpuSec = plateau.deliveredHz / plateau.server.cores;
  return { make, shape, ...plateau, perCpuSec, limit: limitOf(plateau) };
}

interface Result {
  readonly turns: readonly Turn[];
  readonly memory: readonly MemoryTurn[];
}

async function measure(rounds: number, signal: AbortSignal): Promise<Result> {
  await using rig = await openRig();
  const turns: Turn[] = [];
  const memory: MemoryTurn[] = [];
  for (const make of MAKES) {
    signal.throwIfAborted();
    const turn = await measureMemory(rig, make);
    memory.push(turn);
    say(`memory ${make}: ${kilobytes(turn.processBytes)} KB a connection`);
  }
  for (const shape of ['mission', 'room'] as const) {
    for (let round = 0; round < rounds; round++) {
      for (const make of round % 2 === 0 ? MAKES : MAKES.toReversed()) {
        signal.throwIfAborted();
        const turn = await takeTurn(rig, make, shape);
        turns.push(turn);
        say(`${shape} ${make}: ${grouped(turn.deliveredHz)}/s, ${turn.limit}`);
      }
    }
  }
  return { turns, memory };
}

const of = ({ turns }: Result, make: Make, shape: ShapeName): readonly Turn[] =>
  turns.filter((turn) => turn.make === make && turn.shape === shape);

/** A second of the server's CPU time: where it had its core to itself, that is a second. */
const deliveries = (result: Result, make: Make, shape: ShapeName): number =>
  median(of(result, make, shape).map(({ perCpuSec }) => perCpuSec));

const times = (result: Result, shape: ShapeName): number =>
  deliveries(result, 'uWebSockets.js', shape) / deliveries(result, 'ws', shape);

function deliveryTable(result: Result): string {
  const rows = (['mission', 'room'] as const).flatMap((shape) =>
    MAKES.map((make) => {
      const turns = of(result, make, shape);
      const inMiddle = (pick: (turn: Turn) => number): number => median(turns.map(pick));
      return [
        ...[shape, make, grouped(inMiddle(({ perCpuSec }) => perCpuSec))],
        spreadOf(
          turns.map(({ perCpuSec }) => perCpuSec),
          grouped,
        ),
        grouped(inMiddle(({ deliveredHz }) => deliveredHz)),
        inMiddle(({ p99Ms }) => p99Ms).toFixed(0),
        inMiddle(({ clientCores }) => clientCores).toFixed(2),
        [...new Set(turns.map(({ limit }) => limit))].join(','),
      ];
    }),
  );
  const heads = ['shape', 'on', '/CPU s', 'spread', '/s', 'p99 ms', 'client', 'limit'];
  return tableOf(heads, rows);
}

const memoryTable = ({ memory }: Result): string =>
  tableOf(
    ['on', 'sockets', 'process KB each', 'with kernel KB', 'process MB'],
    memory.map(({ make, sockets, processBytes, kernelBytes, residentBytes }) => [
      ...[make, grouped(sockets), kilobytes(processBytes), kilobytes(processBytes + kernelBytes)],
      (residentBytes / 2 ** 20).toFixed(0),
    ]),
  );

function conclude(result: Result) {
  const [ours, peer] = MAKES.map(
    (make) => result.memory.find((turn) => turn.make === make)?.processBytes ?? Number.NaN,
  ) as [number, number];
  const ratios = {
    missionTimes: times(result, 'mission'),
    roomTimes: times(result, 'room'),
    memoryShare: ours / peer,
  };
  const met = ratios.missionTimes >= DELIVERIES_TIMES_MIN && ratios.memoryShare <= MEMORY_SHARE_MAX;
  return { ...ratios, ourHz: deliveries(result, 'uWebSockets.js', 'mission'), ourBytes: ours, met };
}

function print(result: Result, conclusion: ReturnType<typeof conclude>): void {
  const { missionTimes, roomTimes, memoryShare, ourHz, ourBytes, met } = conclusion;
  const goal = (reached: boolean): string => (reached ? 'reached' : 'not reached');
  process.stdout.write(
    `${deliveryTable(result)}\n${memoryTable(result)}\n` +
      `deliveries: ${missionTimes.toFixed(2)} times those on ws in the mission's channels, ${roomTimes.toFixed(2)} in one room\n` +
      `goal ${grouped(GOAL.deliveriesHz)}/s a core: ${grouped(ourHz)} ${goal(ourHz >= GOAL.deliveriesHz)}, ${(ourHz / CENTRIFUGO_HZ).toFixed(1)} times Centrifugo's\n` +
      `goal ${GOAL.kilobytes} KB a connection: ${kilobytes(ourBytes)} ${goal(ourBytes <= GOAL.kilobytes * 1_024)}\n` +
      `server: ${missionTimes.toFixed(2)} times the deliveries, ${memoryShare.toFixed(2)} of the memory (bar ${DELIVERIES_TIMES_MIN}, ${MEMORY_SHARE_MAX}) ${met ? 'met' : 'not met'}\n`,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

await runClusterBench(async (signal) => {
  const result = await measure(Math.max(1, Number(values.rounds)), signal);
  const conclusion = conclude(result);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ machine, ...result, ...conclusion }, null, 2)}\n`);
  } else print(result, conclusion);
  return conclusion.met;
});
