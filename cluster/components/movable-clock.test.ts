import { expect, test } from 'vitest';
import { createSecrets } from '../secrets.ts';
import { createTopology } from '../topology.ts';
import { CLOCK_LIBRARY } from './movable-clock.ts';
import { NO_EDGE } from './process-spec.ts';
import { renderProcess } from './render-process.ts';

/** Which processes of a cluster are started with a library before their command. */
function preloaded(movableClocks: boolean): readonly string[] {
  const topology = createTopology({
    users: 20,
    openFiles: 20_000,
    network: '10.77.0',
    movableClocks,
  });
  const context = { topology, secrets: createSecrets(), edge: NO_EDGE };
  return topology.processes
    .filter((process) => renderProcess(process, context).command.join(' ').includes(CLOCK_LIBRARY))
    .map(({ id }) => id);
}

test('a cluster that was not started for it has no library before any program', () => {
  expect(preloaded(false)).toEqual([]);
});

test('the clocks of database servers can be moved, for all that runs there, and no others', () => {
  expect(preloaded(true)).toEqual(
    ['db1', 'db2', 'db3', 'db4'].flatMap((server) => [`${server}/patroni`, `${server}/guard`]),
  );
});
