/**
 * The reference chat server, one on each app server. It finds the databases
 * through the router on its own loopback and NATS at its own server first, so
 * that it needs no other app server to work.
 */
import { ports, ROUTER_PORTS_STEP } from '../ports.ts';
import { natsUrls } from './nats.ts';
import { CHAT_DATABASE, CHAT_LOGIN } from './patroni.ts';
import type { ProcessContext, ProcessSpec } from './process-spec.ts';

export const chat = ({ topology, secrets, server }: ProcessContext): ProcessSpec => {
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
      PORT: String(ports.chat),
      SERVER_ID: server.id,
      WRITE_URLS: databases(ports.routerPrimary),
      READ_URLS: databases(ports.routerReplicas),
      NATS_URLS: natsUrls(topology, server.id).join(','),
      TOKEN_SECRET: secrets.tokenSecret,
      // The edges say whom they pass on, and nobody but them and the harness reaches this port.
      PROXY_PROTOCOL: 'true',
      LOG_LEVEL: 'info',
    },
    files: {},
    hasData: false,
  };
};
