import { afterAll, beforeAll, expect, it } from 'vitest';
import { MAKES, openRig, type Rig } from './rig.ts';
import { shapeOf } from './shape.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

it.each(MAKES)(
  'lets users join a server on %s from beside it, and reads its memory',
  async (make) => {
    await using server = await rig.start(make, shapeOf('mission', 30));
    expect(await server.run({ users: 30, shape: 'mission', holdMs: 1 })).toEqual({ gone: 0 });
    expect(await server.memory()).toEqual({
      sockets: expect.any(Number),
      residentBytes: expect.any(Number),
      kernelBytes: expect.any(Number),
    });
  },
);
