/**
 * The connection to the Docker engine. Containers are made through
 * testcontainers; whatever they have no word for (signals, freezing, labels of
 * volumes) goes to the same engine directly.
 *
 * Answers that only say "it is that way already" are not errors: most of what
 * we do has to be harmless when done twice.
 */
import type Dockerode from 'dockerode';
import { getContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { HoldfastError } from '../errors.ts';

export type Engine = Dockerode;

/** testcontainers' own clean-up needs an image from a registry; ours goes by labels. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

export const connectEngine = async (): Promise<Engine> => {
  try {
    const client = await getContainerRuntimeClient();
    await client.container.dockerode.ping();
    return client.container.dockerode;
  } catch (cause) {
    throw new HoldfastError({
      code: 'docker-unreachable',
      message: `The Docker engine does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Start it (systemctl start docker, or dockerd), or see `holdfast doctor`.',
      cause,
    });
  }
};

const answerSchema = z.object({ statusCode: z.number(), message: z.string().default('') });

/** Does the error say that the thing is not there? */
export const isMissing = (error: unknown): boolean =>
  answerSchema.safeParse(error).data?.statusCode === 404;

/** 304: it is so already. 404: it is not there. 409: it is not running, or is just being removed. */
const HARMLESS = [304, 404, 409];

export const ignoreHarmless = async (answer: Promise<unknown>): Promise<void> => {
  try {
    await answer;
  } catch (error) {
    const status = answerSchema.safeParse(error).data?.statusCode;
    if (status === undefined || !HARMLESS.includes(status)) throw error;
  }
};
