import { expect, test } from 'vitest';
import { parseControlGroup } from './control-group.ts';

test('version 1 has a directory for each controller', () => {
  const group = parseControlGroup(
    '13:blkio:/docker/abc\n12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n',
  );
  expect(group.version).toBe(1);
  expect(group.directory('memory')).toBe('/sys/fs/cgroup/memory/docker/abc');
  expect(group.directory('blkio')).toBe('/sys/fs/cgroup/blkio/docker/abc');
});

test('version 2 has one directory for all, whatever its name holds', () => {
  const group = parseControlGroup('0::/system.slice/docker-a:b.scope\n');
  expect(group.version).toBe(2);
  expect(group.directory('memory')).toBe('/sys/fs/cgroup/system.slice/docker-a:b.scope');
  expect(group.directory('blkio')).toBe('/sys/fs/cgroup/system.slice/docker-a:b.scope');
});
