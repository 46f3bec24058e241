import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeCacheFolder } from './cache.ts';
import { K6_MODULE } from './k6-builder.ts';
import { cachedK6, findK6, K6_VERSION, resolveK6, SOCKETS_MODULE } from './k6.ts';

const signal = AbortSignal.timeout(30_000);

/** A program that answers `version` like a k6 of that age, in a folder of its own. */
async function program(
  script: string,
): Promise<AsyncDisposable & { folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-k6-'));
  const path = join(folder, 'k6');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return {
    folder,
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const STOCK = 'echo "k6 v2.3.1 (go1.26.8, linux/amd64)"';
const withSockets = (name: string): string =>
  `${STOCK}; echo "  holdfast/k6 (devel), ${name} [js]"`;
const NEW = withSockets(SOCKETS_MODULE);
const OTHER_SOCKETS = withSockets('k6/x/sockets');
const OLD = 'echo "k6 v1.8.1 (go1.24.2, linux/amd64)"';

describe('which k6 is used', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('builds the version it says it builds', async () => {
    const module = await readFile(join(K6_MODULE, 'go.mod'), 'utf8');
    expect(module).toContain(`go.k6.io/k6/v2 v${K6_VERSION}\n`);
    const sums = await readFile(join(K6_MODULE, 'go.sum'), 'utf8');
    expect(sums).toContain(`go.k6.io/k6/v2 v${K6_VERSION} h1:`);
  });

  it('takes K6_BIN before all others', async () => {
    await using k6 = await program(NEW);
    vi.stubEnv('K6_BIN', k6.path);
    expect(await resolveK6(() => undefined, signal)).toBe(k6.path);
  });

  it.each([
    ['is too old', OLD, 'version 1.8.1, and 2.0 or newer'],
    ['lacks the sockets of the scenarios', STOCK, `2.3.1 without ${SOCKETS_MODULE}`],
    ['has sockets that behave otherwise', OTHER_SOCKETS, `2.3.1 without ${SOCKETS_MODULE}`],
  ])('refuses a K6_BIN that %s, and says so', async (_why, unfit, told) => {
    await using k6 = await program(unfit);
    vi.stubEnv('K6_BIN', k6.path);
    await expect(findK6(signal)).rejects.toMatchObject({
      code: 'k6-unusable',
      message: expect.stringContaining(told),
    });
  });

  it('refuses a K6_BIN that is not there or does not run', async () => {
    vi.stubEnv('K6_BIN', '/nonexistent/k6');
    await expect(findK6(signal)).rejects.toMatchObject({ code: 'k6-unusable' });
    await using k6 = await program('echo broken >&2; exit 3');
    vi.stubEnv('K6_BIN', k6.path);
    await expect(findK6(signal)).rejects.toThrow('exit 3: broken');
  });

  it('takes the one on the PATH when it is fit, and passes over it when not', async () => {
    await using recent = await program(NEW);
    await using cache = await program(NEW);
    vi.stubEnv('K6_BIN', '');
    vi.stubEnv('XDG_CACHE_HOME', cache.folder);
    vi.stubEnv('PATH', `${recent.folder}:${process.env['PATH']}`);
    expect(await findK6(signal)).toMatchObject({ path: recent.path, source: 'PATH' });
    for (const unfit of [OLD, STOCK, OTHER_SOCKETS]) {
      await writeFile(recent.path, `#!/bin/sh\n${unfit}\n`);
      expect(await findK6(signal)).toBeUndefined();
    }
  });

  it('names the cache folder and the way out when it cannot be written', async () => {
    await expect(makeCacheFolder('/dev/null/holdfast')).rejects.toMatchObject({
      code: 'cache-not-writable',
      remedy: expect.stringContaining('XDG_CACHE_HOME'),
    });
  });

  it('keeps its build in the cache folder, by version and sources', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/somewhere');
    const build = new RegExp(
      `^/somewhere/holdfast/k6/${RegExp.escape(K6_VERSION)}-[0-9a-f]{12}/k6$`,
    );
    expect(cachedK6()).toMatch(build);
  });
});
