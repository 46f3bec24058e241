/**
 * Memory that each further connection takes, all joined and nobody talking:
 * what the server holds with many less what it holds with few, so that what a
 * first user costs, and what V8 has in hand anyway, is in neither.
 */
import { eventually } from '../../reference-server/testing/eventually.ts';
import type { Make, Rig, Server, ServerMemory } from './rig.ts';
import { shapeOf } from './shape.ts';

/** Half of what one server of three has in the mission when the two others are gone. */
const MANY = 10_000;
const FEW = 2_000;
/** Until V8 has let go of what the joins left. */
const HOLD_MS = 12_000;
const READ_BEFORE_END_MS = 3_000;

export interface MemoryTurn {
  readonly make: Make;
  readonly sockets: number;
  /** Resident memory and kernel memory of a connection. */
  readonly processBytes: number;
  readonly kernelBytes: number;
  /** Of the process, with all of them. */
  readonly residentBytes: number;
}

async function memoryWith(server: Server, users: number): Promise<ServerMemory> {
  const staying = server.run({ users, shape: 'mission', holdMs: HOLD_MS });
  const allThere = () => server.memory().then(({ sockets }) => sockets === users);
  // A client that failed says why; that its sockets are missing says nothing.
  await Promise.race([eventually(`${users} sockets`, allThere, 60_000), staying]);
  await new Promise((resolve) => setTimeout(resolve, HOLD_MS - READ_BEFORE_END_MS));
  const memory = await server.memory();
  await staying;
  return memory;
}

export async function measureMemory(rig: Rig, make: Make): Promise<MemoryTurn> {
  const memories: ServerMemory[] = [];
  for (const users of [FEW, MANY]) {
    await using server = await rig.start(make, shapeOf('mission', users));
    memories.push(await memoryWith(server, users));
  }
  const [few, many] = memories as [ServerMemory, ServerMemory];
  const sockets = many.sockets - few.sockets;
  return {
    make,
    sockets: many.sockets,
    processBytes: (many.residentBytes - few.residentBytes) / sockets,
    kernelBytes: (many.kernelBytes - few.kernelBytes) / sockets,
    residentBytes: many.residentBytes,
  };
}
