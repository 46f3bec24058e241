/**
 * What a cluster needs to be attached to again, in its state directory: the
 * record it was started from, its secrets (readable by the owner alone), the
 * authority's certificate, and every process's rendered files, which the
 * containers mount.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ROLE_LAYOUTS } from '../cluster.ts';
import type { ProcessSpec } from '../components/process-spec.ts';
import type { Images } from '../images/ensure-image.ts';
import { HoldfastError } from '../errors.ts';
import { clusterDirectory } from '../paths.ts';
import { type Secrets, secretsSchema } from '../secrets.ts';

const imagesSchema = z.object({
  base: z.string(),
  database: z.string(),
  coordination: z.string(),
  balancer: z.string(),
  runtime: z.string(),
  node: z.string(),
  load: z.string(),
}) satisfies z.ZodType<Images>;

export const recordSchema = z.strictObject({
  schema: z.literal('holdfast.cluster/1'),
  id: z.string(),
  users: z.number().int().positive(),
  openFiles: z.number().int().positive(),
  network: z.string(),
  guard: z.boolean().default(true),
  movableClocks: z.boolean().default(false),
  roles: z.enum(ROLE_LAYOUTS).default('together'),
  databases: z.number().int().min(1).default(1),
  keep: z.boolean(),
  owner: z.string(),
  images: imagesSchema,
});
export type ClusterRecord = Readonly<z.infer<typeof recordSchema>>;

export const recordFile = (id: string): string => join(clusterDirectory(id), 'cluster.json');
export const authorityFile = (id: string): string => join(clusterDirectory(id), 'ca.pem');
const secretsFile = (id: string): string => join(clusterDirectory(id), 'secrets.json');
/** Mounted into the process's container. */
export const configDirectory = (id: string, process: string): string =>
  join(clusterDirectory(id), 'config', ...process.split('/'));

export const writeState = async (
  record: ClusterRecord,
  secrets: Secrets,
  authority: string,
): Promise<void> => {
  const directory = clusterDirectory(record.id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(secretsFile(record.id), JSON.stringify(secrets, null, 2), { mode: 0o600 });
  await writeFile(authorityFile(record.id), authority);
  await writeFile(recordFile(record.id), JSON.stringify(record, null, 2));
};

/** Readable by the container's user: the directory above lets nobody else of the host in. */
export const writeConfig = async (
  id: string,
  process: string,
  spec: ProcessSpec,
): Promise<void> => {
  const directory = configDirectory(id, process);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(spec.files)) {
    await writeFile(join(directory, name), text, { mode: 0o644 });
  }
};

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

export const readState = async (
  id: string,
): Promise<{ readonly record: ClusterRecord; readonly secrets: Secrets }> => {
  try {
    return {
      record: recordSchema.parse(await readJson(recordFile(id))),
      secrets: secretsSchema.parse(await readJson(secretsFile(id))),
    };
  } catch (cause) {
    throw new HoldfastError({
      code: 'no-such-cluster',
      message: `There is no usable record of the cluster ${id} in ${clusterDirectory(id)}: ${String(cause)}`,
      remedy:
        'holdfast cluster status lists the clusters that are up; holdfast cluster up starts one.',
      exitCode: 64,
      cause,
    });
  }
};

export const removeState = (id: string): Promise<void> =>
  rm(clusterDirectory(id), { recursive: true, force: true });
