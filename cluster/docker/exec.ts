/** Runs a command in a container, as root, and returns what it printed. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { ExecResult } from '../cluster.ts';
import type { Engine } from './engine.ts';

/** The engine's number for "it could not be started" where it gives none. */
const EXIT_NOT_STARTED = 126;

export const execIn = async (
  engine: Engine,
  container: string,
  command: readonly string[],
): Promise<ExecResult> => {
  const exec = await engine.getContainer(container).exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
    User: 'root',
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  engine.modem.demuxStream(stream, stdout, stderr);
  const output = Promise.all([text(stdout), text(stderr)]);
  await finished(stream, { writable: false });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? EXIT_NOT_STARTED, stdout: out, stderr: err };
};
