/**
 * The door of a server that has no users: probes and metrics, on the same port
 * as elsewhere, and nothing else.
 */
import { createPageServer } from './page-server.ts';
import type { Sockets, SocketsOptions } from './sockets.ts';

export function createProbes({ pages }: Pick<SocketsOptions, 'pages'>): Sockets {
  const { server, listen } = createPageServer(pages);
  return {
    listen,
    publish: () => 0,
    connections: new Map<never, never>(),
    close: () => void server.close(),
  };
}
