/**
 * What a server says of itself over HTTP. `/healthz`: the process answers.
 * `/readyz`: send users here; 503 while starting, 404 while leaving (balancers
 * such as HAProxy then send no new users and keep the old ones, who are told to
 * go one after the other). On purpose not when the database is away: then every
 * server would leave the balancers' pool at the same moment, and all users with
 * it, when they only have to wait for the next primary.
 */
import type { Metrics } from './metrics.ts';
import type { HttpAnswer } from './sockets.ts';

const READINESS = {
  starting: '503 Service Unavailable',
  ready: '200 OK',
  leaving: '404 Not Found',
} as const;
export type ServerState = keyof typeof READINESS;

export type StatusPages = Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;

const plain = (status: string, body: string): HttpAnswer => ({ status, type: 'text/plain', body });

export const createStatusPages = (state: () => ServerState, metrics: Metrics): StatusPages => ({
  '/healthz': () => plain('200 OK', 'alive\n'),
  '/readyz': () => plain(READINESS[state()], `${state()}\n`),
  '/metrics': async () => ({
    status: '200 OK',
    type: metrics.registry.contentType,
    body: await metrics.registry.metrics(),
  }),
});
