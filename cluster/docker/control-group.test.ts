import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseControlGroup, usageOf } from './control-group.ts';

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

test.each([
  {
    version: 1 as const,
    files: {
      'cpuacct/cpuacct.usage': '1500000000\n',
      'memory/memory.usage_in_bytes': '700\n',
      'memory/memory.stat': 'cache 300\ninactive_file 1\ntotal_inactive_file 200\n',
    },
  },
  {
    version: 2 as const,
    files: {
      'cpuacct/cpu.stat': 'usage_usec 1500000\nuser_usec 1\n',
      'memory/memory.current': '700\n',
      'memory/memory.stat': 'anon 5\ninactive_file 200\n',
    },
  },
])('version $version tells what a group has used, without file pages', async (given) => {
  await using root = await mkdtempDisposable(join(tmpdir(), 'group-'));
  for (const [file, text] of Object.entries(given.files)) {
    await mkdir(dirname(join(root.path, file)), { recursive: true });
    await writeFile(join(root.path, file), text);
  }
  const group = { version: given.version, directory: (name: string) => join(root.path, name) };
  expect(await usageOf(group)).toEqual({ cpuSec: 1.5, memoryBytes: 500 });
});
