import { expect, test } from 'vitest';
import { parseMember } from './members.ts';

/** Answers of Patroni 4.0.7 to GET /patroni, shortened. */
const PRIMARY = {
  state: 'running',
  role: 'primary',
  server_version: 170011,
  xlog: { location: 84012688 },
  timeline: 2,
  replication: [{ application_name: 'db1', state: 'streaming', sync_state: 'quorum' }],
};
const REPLICA = {
  state: 'running',
  role: 'replica',
  xlog: { received_location: 84012600, replayed_location: 84012500, paused: false },
  timeline: 2,
  quorum_standby: true,
  replication_state: 'streaming',
};

test('reads a primary', () => {
  expect(parseMember({ id: 'db2' }, PRIMARY)).toEqual({
    server: 'db2',
    database: 0,
    role: 'primary',
    state: 'running',
    timeline: 2,
    walPosition: 84012688,
    replayPosition: 84012688,
    inQuorum: false,
  });
});

test('reads a replica that commits wait for: what it has, and what can be read from it', () => {
  expect(parseMember({ id: 'db1' }, REPLICA)).toEqual({
    server: 'db1',
    database: 0,
    role: 'replica',
    state: 'streaming',
    timeline: 2,
    walPosition: 84012600,
    replayPosition: 84012500,
    inQuorum: true,
  });
});

test('a member that has no role yet is neither', () => {
  expect(parseMember({ id: 'db3' }, { state: 'starting', role: 'uninitialized' })).toMatchObject({
    role: 'other',
    state: 'starting',
    timeline: 0,
    walPosition: 0,
  });
});
