import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isOwnerAlive, labelsFor, ownerOf, ownershipOf, ownOwner, processOf } from './labels.ts';

test('reads from labels what was written into them', () => {
  const ownership = { cluster: 'run-1', owner: '12:345', keep: true };
  const labels = labelsFor(ownership, { server: 'db1', process: 'db1/patroni' });
  expect(ownershipOf(labels)).toEqual(ownership);
  expect(processOf(labels)).toBe('db1/patroni');
  expect(processOf(labelsFor(ownership, { server: 'db1' }))).toBeUndefined();
});

test('knows that this process lives', () => {
  expect(isOwnerAlive(ownOwner())).toBe(true);
});

test('a process that has the same id but started later is another owner', () => {
  expect(isOwnerAlive(`${process.pid}:1`)).toBe(false);
});

test('an owner that ended is dead, and so is one that cannot be read', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const owner = ownerOf(child.pid ?? 0);
  expect(isOwnerAlive(owner)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isOwnerAlive(owner)).toBe(false);
  expect(isOwnerAlive('')).toBe(false);
  expect(isOwnerAlive('nobody')).toBe(false);
});
