/**
 * What goes into an image besides its Dockerfile: a list of ingredients that
 * names every byte exactly (for the tag), and a way to lay the files out (for
 * the build, only when the tag is new).
 *
 * The npm packages are named by their lock, not by their bytes, so that
 * looking for a built image takes milliseconds.
 */
import { createHash } from 'node:crypto';
import { copyFile, cp, glob, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../paths.ts';
import { resolveK6 } from '../machine/k6.ts';
import type { Log } from './docker-command.ts';
import type { ImageRole } from './image-roles.ts';
import { lockClosure } from './lock-closure.ts';

export interface ImageContext {
  readonly ingredients: readonly string[];
  layOut(directory: string): Promise<void>;
}

/** What the chat server imports; their own needs follow from the lock. */
const SERVER_PACKAGES = [
  '@nats-io/transport-node',
  'jose',
  'pg',
  'pino',
  'prom-client',
  'uWebSockets.js',
  'zod',
];
const NODE_BINARY = 'node_modules/node/bin/node';
const SOURCES = ['reference-server/**/*.{ts,sql}', 'cluster/guard/**/*.ts', 'package.json'];
/** Tests, what they need, and servers that are broken on purpose have no business in an image. */
const LEFT_OUT = /\.test\.|^reference-server\/(?:testing|sabotaged)\//;
/** Debian's and Node's names for the machine's architecture are not the same; uWS uses Node's. */
const NATIVE_ADDON = /uws_.*\.node$/;

const none: ImageContext = { ingredients: [], layOut: () => Promise.resolve() };

const fileHash = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

const runtimeContext = async (): Promise<ImageContext> => {
  const lock: unknown = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8'));
  const packages = lockClosure(lock, SERVER_PACKAGES);
  const node = lockClosure(lock, ['node']).find(({ path }) => path === 'node_modules/node');
  return {
    ingredients: [
      process.arch,
      `node ${node?.version ?? ''}`,
      ...packages.map(({ path, version, integrity }) => `${path} ${version} ${integrity}`),
    ],
    layOut: async (directory) => {
      const binary = join(projectRoot, NODE_BINARY);
      await copyFile(binary, join(directory, 'node'));
      const { stdout: abi } = await execa(binary, ['-p', 'process.versions.modules']);
      const addon = `uws_linux_${process.arch}_${abi}.node`;
      for (const { path } of packages) {
        await cp(join(projectRoot, path), join(directory, path), {
          recursive: true,
          filter: (source) => !NATIVE_ADDON.test(source) || source.endsWith(addon),
        });
      }
    },
  };
};

const nodeContext = async (): Promise<ImageContext> => {
  const files = (await Array.fromAsync(glob(SOURCES, { cwd: projectRoot })))
    .filter((file) => !LEFT_OUT.test(file))
    .sort();
  return {
    ingredients: await Promise.all(
      files.map(async (file) => `${file} ${await fileHash(join(projectRoot, file))}`),
    ),
    layOut: async (directory) => {
      for (const file of files) {
        await mkdir(dirname(join(directory, file)), { recursive: true });
        await copyFile(join(projectRoot, file), join(directory, file));
      }
    },
  };
};

const loadContext = async (log: Log, signal: AbortSignal | undefined): Promise<ImageContext> => {
  const binary = await resolveK6(log, signal ?? new AbortController().signal);
  return {
    ingredients: [await fileHash(binary)],
    layOut: (directory) => copyFile(binary, join(directory, 'k6')),
  };
};

export const imageContext = (
  role: ImageRole,
  log: Log,
  signal?: AbortSignal,
): Promise<ImageContext> => {
  switch (role) {
    case 'runtime':
      return runtimeContext();
    case 'node':
      return nodeContext();
    case 'load':
      return loadContext(log, signal);
    case 'base':
    case 'database':
    case 'coordination':
    case 'balancer':
      return Promise.resolve(none);
  }
};
