import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askEngine, engineAddress } from './docker-engine.ts';

const signal = AbortSignal.timeout(20_000);

/** An HTTP server that is not Docker: what a wrong DOCKER_HOST leads to. */
async function answering(
  status: number,
  body: string,
): Promise<AsyncDisposable & { address: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-engine-'));
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  server.listen(join(folder, 'socket'));
  await once(server, 'listening');
  return {
    address: `unix://${join(folder, 'socket')}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true });
    },
  };
}

describe('asking the Docker engine', () => {
  it('says that nothing is there when the socket does not exist', async () => {
    const answer = await askEngine(signal, 'unix:///nonexistent/docker.sock');
    expect(answer).toMatchObject({ kind: 'absent', seen: 'ENOENT' });
  });

  it('says that nothing listens when the port is closed', async () => {
    expect(await askEngine(signal, 'tcp://127.0.0.1:1')).toMatchObject({ kind: 'absent' });
  });

  it('names an address it cannot use', async () => {
    expect(await askEngine(signal, 'ssh://somewhere')).toMatchObject({ kind: 'unwell' });
  });

  it('passes on what an unwell engine says', async () => {
    await using engine = await answering(500, 'no space left on device');
    expect(await askEngine(signal, engine.address)).toMatchObject({
      kind: 'unwell',
      seen: 'HTTP 500: no space left on device',
    });
  });

  it('does not take something else for an engine', async () => {
    await using engine = await answering(200, '{"hello":"world"}');
    expect(await askEngine(signal, engine.address)).toMatchObject({ kind: 'unwell' });
  });

  it('obeys DOCKER_HOST', () => {
    expect(engineAddress({ DOCKER_HOST: 'tcp://10.0.0.1:2375' })).toBe('tcp://10.0.0.1:2375');
    expect(engineAddress({})).toMatch(/^unix:\/\//);
  });
});
