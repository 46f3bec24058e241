import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionsPerBalancer,
  openFileLimit,
  OPEN_FILES_MAX,
  parseOpenFiles,
  RESERVED_OPEN_FILES,
  shardsFor,
  usableCores,
  usableMemoryBytes,
  usersPerShard,
} from './limits.ts';

describe('shards from the open-file limit', () => {
  it('holds 10,000 users a process where the limit allows more, and what it allows where it is lower', () => {
    expect(usersPerShard(20_000)).toBe(10_000);
    expect(shardsFor(20_000, 20_000)).toBe(2);
    expect(usersPerShard(4_096)).toBe(3_096);
    expect(shardsFor(20_000, 4_096)).toBe(7);
  });

  it('needs one process for a few users, and for no users at all', () => {
    expect(shardsFor(10_000, OPEN_FILES_MAX)).toBe(1);
    expect(shardsFor(0, 20_000)).toBe(1);
  });

  it('gives a balancer two descriptors a connection', () => {
    expect(connectionsPerBalancer(20_000)).toBe(9_500);
    expect(connectionsPerBalancer(1_000)).toBe(0);
    expect(connectionsPerBalancer(10)).toBe(0);
  });

  it('refuses to plan where the reserve takes every descriptor', () => {
    expect(() => shardsFor(1, RESERVED_OPEN_FILES)).toThrow(
      expect.objectContaining({ code: 'too-few-open-files', exitCode: 70 }),
    );
  });

  it('holds every user within the limit and wastes no whole shard', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: RESERVED_OPEN_FILES + 1, max: OPEN_FILES_MAX }),
        (users, openFiles) => {
          const shards = shardsFor(users, openFiles);
          const perShard = usersPerShard(openFiles);
          expect(shards * perShard).toBeGreaterThanOrEqual(users);
          expect(Math.max(0, shards - 1) * perShard).toBeLessThan(Math.max(1, users));
          expect(Math.ceil(users / shards) + RESERVED_OPEN_FILES).toBeLessThanOrEqual(openFiles);
        },
      ),
    );
  });
});

describe('limits of this machine', () => {
  it('reads the kernel’s own table', () => {
    const table = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max processes             96365                96365                processes ',
      'Max open files            1024                 524288               files     ',
    ].join('\n');
    expect(parseOpenFiles(table)).toEqual({ soft: 1_024, hard: 524_288 });
    expect(parseOpenFiles('Max open files  unlimited  unlimited  files')).toEqual({
      soft: OPEN_FILES_MAX,
      hard: OPEN_FILES_MAX,
    });
    expect(parseOpenFiles('')).toBeUndefined();
  });

  it('never promises a child less than the hard limit, nor more than the ceiling', async () => {
    const { soft, hard, reachable } = await openFileLimit(AbortSignal.timeout(5_000));
    expect(soft).toBeLessThanOrEqual(hard);
    expect(reachable).toBeGreaterThanOrEqual(Math.min(hard, OPEN_FILES_MAX));
    expect(reachable).toBeLessThanOrEqual(OPEN_FILES_MAX);
  });

  it('counts at least one core and some memory', () => {
    expect(usableCores()).toBeGreaterThanOrEqual(1);
    expect(usableMemoryBytes()).toBeGreaterThan(64 * 1024 ** 2);
  });
});
