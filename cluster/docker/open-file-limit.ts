/**
 * How many descriptors the engine can give a process: what a container gets
 * when nothing is asked for is the engine's own limit, and more than that it
 * may not be able to give.
 */
import { OPEN_FILES_MAX } from '../machine/limits.ts';
import { HoldfastError } from '../errors.ts';
import type { Engine } from './engine.ts';

export const readOpenFileLimit = async (
  engine: Engine,
  image: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> => {
  const container = await engine.createContainer({
    Image: image,
    Cmd: ['sh', '-c', 'ulimit -Hn'],
    Labels: { ...labels },
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    await container.start();
    await container.wait();
    const output = (await container.logs({ stdout: true })).toString();
    const found = /(\d+|unlimited)\s*$/.exec(output)?.[1];
    if (found === undefined) {
      throw new HoldfastError({
        code: 'no-open-file-limit',
        message: `A container was asked for its open-file limit and said ${JSON.stringify(output)}.`,
        remedy: `docker run --rm ${image} sh -c 'ulimit -Hn' has to print a number.`,
      });
    }
    return Math.min(OPEN_FILES_MAX, found === 'unlimited' ? OPEN_FILES_MAX : Number(found));
  } finally {
    await container.remove({ force: true });
  }
};
