/**
 * The door of a server that has no users: GET for probes and metrics, on the
 * same port as elsewhere, and nothing else.
 */
import { createServer } from 'node:http';
import type { Sockets, SocketsOptions } from './sockets.ts';

export function createProbes({ pages }: Pick<SocketsOptions, 'pages'>): Sockets {
  const server = createServer((request, response) => {
    const page = request.method === 'GET' ? pages[request.url ?? ''] : undefined;
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    Promise.resolve(page()).then(
      ({ status, type, body }) => {
        response.writeHead(Number.parseInt(status), { 'Content-Type': type }).end(body);
      },
      () => response.writeHead(500).end(),
    );
  });

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    publish: () => 0,
    connections: new Map<never, never>(),
    close: () => void server.close(),
  };
}
