/**
 * The reference chat server on each app server: one process that does
 * everything, or, where roles are apart, a gateway, an ingest and a history
 * server. It finds the databases through the router on its own loopback and
 * NATS at its own server first, so that it needs no other app server to work;
 * roles apart ask each other across all of them.
 */
import type { ServiceComponent } from '../cluster.ts';
import { ports, ROUTER_PORTS_STEP } from '../ports.ts';
import { natsUrls } from './nats.ts';
import { CHAT_DATABASE, CHAT_LOGIN } from './patroni.ts';
import type { ProcessContext, ProcessSpec } from './process-spec.ts';

/** What `ROLES` says in each process where roles are apart. */
const ROLE_OF = { chat: 'gateway', ingest: 'ingest', history: 'history' } as const;

const render =
  (component: ServiceComponent) =>
  ({ topology, secrets, server, name }: ProcessContext): ProcessSpec => {
    const databases = (port: number): string =>
      Array.from(
        { length: topology.databases },
        (_, database) =>
          `postgres://${CHAT_LOGIN}:${secrets.chatPassword}@127.0.0.1:${port + database * ROUTER_PORTS_STEP}/${CHAT_DATABASE}`,
      ).join(',');
    return {
      image: 'node',
      command: ['node', 'reference-server/main.ts'],
      environment: {
        PORT: String(ports[component]),
        SERVER_ID: component === 'chat' ? server.id : `${server.id}-${name}`,
        WRITE_URLS: databases(ports.routerPrimary),
        READ_URLS: databases(ports.routerReplicas),
        NATS_URLS: natsUrls(topology, server.id).join(','),
        LOG_LEVEL: 'info',
        ...(topology.roles === 'apart' && { ROLES: ROLE_OF[component] }),
        ...(component === 'chat' && {
          TOKEN_SECRET: secrets.tokenSecret,
          // The edges say whom they pass on, and nobody but them and the harness reaches this port.
          PROXY_PROTOCOL: 'true',
        }),
      },
      files: {},
      hasData: false,
    };
  };

export const chat = render('chat');
export const ingest = render('ingest');
export const history = render('history');
