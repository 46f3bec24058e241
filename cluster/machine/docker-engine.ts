/**
 * Asks the Docker engine for itself over its own HTTP interface, so that neither the `docker`
 * command nor a library that decides by itself where the engine is stands in between.
 *
 * Where it looks: `DOCKER_HOST` if set, else the system's socket, Docker Desktop's and the
 * rootless one, the first that exists. `unix://` and plain `tcp://` are understood; a remote engine
 * serves only if its containers' addresses can be reached from here.
 */
import { existsSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** An engine that is alive answers in milliseconds; one that is pulling hard, within a second. */
const ANSWER_TIMEOUT_MS = 3_000;

export const SYSTEM_SOCKET = '/var/run/docker.sock';

const engineSchema = z.object({
  ServerVersion: z.string(),
  Driver: z.string(),
  DockerRootDir: z.string(),
  CgroupVersion: z.string().default('1'),
  OSType: z.string().default('linux'),
});

export interface DockerEngine {
  readonly address: string;
  readonly version: string;
  readonly storageDriver: string;
  readonly rootDirectory: string;
  readonly cgroupVersion: string;
  readonly os: string;
}

export type EngineAnswer =
  | { readonly kind: 'answers'; readonly engine: DockerEngine }
  /** Nothing listens there. */
  | { readonly kind: 'absent'; readonly address: string; readonly seen: string }
  /** It is there, and this user may not talk to it. */
  | { readonly kind: 'forbidden'; readonly address: string }
  | { readonly kind: 'unwell'; readonly address: string; readonly seen: string };

export function engineAddress(environment: NodeJS.ProcessEnv = process.env): string {
  const ordered = environment['DOCKER_HOST'];
  if (ordered !== undefined && ordered !== '') return ordered;
  const sockets = [
    SYSTEM_SOCKET,
    join(homedir(), '.docker/run/docker.sock'),
    join(environment['XDG_RUNTIME_DIR'] ?? '/nonexistent', 'docker.sock'),
  ];
  return `unix://${sockets.find((path) => existsSync(path)) ?? SYSTEM_SOCKET}`;
}

export async function askEngine(
  signal: AbortSignal,
  address: string = engineAddress(),
): Promise<EngineAnswer> {
  const target = requestTarget(address);
  if (target === undefined) {
    return { kind: 'unwell', address, seen: 'an address that is neither unix:// nor tcp://' };
  }
  try {
    const { status, body } = await get(target, signal);
    if (status !== 200) return { kind: 'unwell', address, seen: `HTTP ${status}: ${body.trim()}` };
    const engine = engineSchema.parse(JSON.parse(body));
    return {
      kind: 'answers',
      engine: {
        address,
        version: engine.ServerVersion,
        storageDriver: engine.Driver,
        rootDirectory: engine.DockerRootDir,
        cgroupVersion: engine.CgroupVersion,
        os: engine.OSType,
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'forbidden', address };
    if (code === 'ENOENT' || code === 'ECONNREFUSED')
      return { kind: 'absent', address, seen: code };
    return {
      kind: 'unwell',
      address,
      seen: error instanceof Error ? error.message : String(error),
    };
  }
}

function requestTarget(address: string): RequestOptions | undefined {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'tcp:' && url.protocol !== 'http:') return undefined;
  return { host: url.hostname, port: url.port === '' ? '2375' : url.port };
}

function get(
  target: RequestOptions,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const asked = request(
      { ...target, path: '/info', signal: bounded, headers: { Host: 'docker' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    asked.on('error', (error) =>
      reject(
        bounded.aborted && !signal.aborted
          ? new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)
          : error,
      ),
    );
    asked.end();
  });
}
