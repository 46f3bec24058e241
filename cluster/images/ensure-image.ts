/**
 * An image of a role, built if it is not there yet. Its tag is a hash of its
 * Dockerfile, its ingredients and its parent's tag: a second start builds
 * nothing, a changed source builds what depends on it and nothing else.
 *
 * Images with other tags are left alone: another checkout may use them.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../machine/cache.ts';
import { exclusively } from '../machine/exclusive.ts';
import { DEBIAN_IMAGE, ensureDebian } from './debian-base.ts';
import { imageExists, type Log, runCommand } from './docker-command.ts';
import { type ImageContext, imageContext } from './image-context.ts';
import { IMAGE_ROLES, imageParent, type ImageRole } from './image-roles.ts';

/** Two minutes where it was measured; the largest takes most of it on a slow mirror. */
const BUILD_TIMEOUT_MS = 900_000;
const TAG_LENGTH = 12;

const dockerfile = (role: ImageRole): string => join(import.meta.dirname, role, 'Dockerfile');

/** One build of an image at a time in this process, shared by all who ask for it. */
const underWay = new Map<ImageRole, Promise<string>>();

const layOutAndBuild = async (
  role: ImageRole,
  image: string,
  parent: string,
  context: ImageContext,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<void> => {
  // One name for all, because we are alone here: a killed build's leftovers go with the next one.
  const directory = join(cacheDirectory(), `building-${role}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    await context.layOut(directory);
    await copyFile(dockerfile(role), join(directory, 'Dockerfile'));
    await runCommand(
      'docker',
      ['build', '--network', 'host', '--build-arg', `PARENT=${parent}`, '-t', image, directory],
      {
        task: `building ${image}`,
        log,
        signal,
        timeoutMs: BUILD_TIMEOUT_MS,
        isProgress: (line) => line.startsWith('Step '),
        // The older builder: the newer one is a plug-in that is not everywhere installed.
        environment: { DOCKER_BUILDKIT: '0' },
      },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const buildImage = async (
  role: ImageRole,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<string> => {
  const parentRole = imageParent[role];
  const parent =
    parentRole === 'debian' ? DEBIAN_IMAGE : await ensureImage(parentRole, log, signal);
  const context = await imageContext(role, log, signal);
  const hash = createHash('sha256');
  for (const part of [parent, await readFile(dockerfile(role), 'utf8'), ...context.ingredients]) {
    hash.update(part).update('\0');
  }
  const image = `holdfast/${role}:${hash.digest('hex').slice(0, TAG_LENGTH)}`;
  if (await imageExists(image)) return image;
  const turn = { log, signal: signal ?? new AbortController().signal };
  await exclusively(`image-${role}`, turn, async () => {
    // Whoever was before us may have built it.
    if (await imageExists(image)) return;
    if (parentRole === 'debian') await ensureDebian(log, signal);
    await layOutAndBuild(role, image, parent, context, log, signal);
  });
  return image;
};

/** The image's name, `holdfast/<role>:<hash>`, once it is there. */
export const ensureImage = (role: ImageRole, log: Log, signal?: AbortSignal): Promise<string> => {
  const known = underWay.get(role);
  if (known !== undefined) return known;
  const building = buildImage(role, log, signal).finally(() => underWay.delete(role));
  underWay.set(role, building);
  return building;
};

export type Images = Readonly<Record<ImageRole, string>>;

/** All images of a cluster, those that do not need each other built at the same time. */
export const ensureImages = async (log: Log, signal?: AbortSignal): Promise<Images> => {
  const names = await Promise.all(IMAGE_ROLES.map((role) => ensureImage(role, log, signal)));
  const of = (role: ImageRole): string => names[IMAGE_ROLES.indexOf(role)] ?? '';
  return {
    base: of('base'),
    database: of('database'),
    coordination: of('coordination'),
    balancer: of('balancer'),
    runtime: of('runtime'),
    node: of('node'),
    load: of('load'),
  };
};
