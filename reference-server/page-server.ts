/** Pages over plain HTTP, for whoever has no uWebSockets: GET, by their paths, and nothing else. */
import { createServer, type Server } from 'node:http';
import type { SocketsOptions } from './sockets.ts';

export interface PageServer {
  readonly server: Server;
  /** Resolves with the port that it got. */
  listen(port: number): Promise<number>;
}

export function createPageServer(pages: SocketsOptions['pages']): PageServer {
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
    server,
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
  };
}
