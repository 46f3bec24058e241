/**
 * The way in for users: HAProxy on an edge, TLS 1.2 or newer outside, spread
 * over the chat servers by the number of connections each holds. Several
 * processes share the edge's port (SO_REUSEPORT), because one cannot have
 * enough descriptors for all users.
 *
 * A chat server is checked every 500 ms and is out after three failures: about a
 * second where it refuses, 12 s where it is silent; its sessions are then shut, so
 * that users connect elsewhere instead of waiting on a dead server. Patience is
 * worth more here than speed: with 700 ms and two failures a server that was
 * merely busy was taken out, its 6,700 users came back all at once, and the
 * handshakes took the other servers down one after the other; and with 6 s of
 * silence one that had a minute's backlog to deliver. For the same reason
 * handshakes are limited to what can be served beside the load: those who come
 * later wait in the queue of the port.
 *
 * A server is reached within 300 ms or another is tried. Short, because HAProxy 3.0 forgets a session
 * whose connection is under way at the moment in which its server is taken out: with 1 s a fifth of
 * those who came in the second after a server's death waited until they gave up.
 *
 * The check speaks HTTP/1.1, the only one the chat server does.
 * A server that answers 404 is leaving: it gets no new users and keeps those it
 * has. `bufsize 4096` holds a login's headers and keeps 20,000 connections within
 * 0.5 GB. The curves leave out the post-quantum hybrid, which was a good part of
 * a handshake's cost when thousands connect in a minute; AES with 128 bits comes
 * first, for its hash is the cheaper one. Who was here within the hour resumes its TLS session, on
 * any edge: all processes have the same keys for it. That saves a quarter of what
 * coming back costs both ends in TLS. The keys are the cluster's for as long as it
 * lives; an edge that stays for weeks would be given new ones every day.
 *
 * Behind TLS it passes bytes on and reads none of them: taking sockets apart as
 * HTTP cost a tenth more. So it knows connections, not requests; and it says
 * before the first byte whose they are (PROXY protocol), so that a server can
 * limit an address without limiting an edge.
 */
import { ports } from '../ports.ts';
import { serversOf } from '../topology.ts';
import {
  AS_BATCH,
  CONFIG_DIRECTORY,
  type ProcessContext,
  type ProcessSpec,
} from './process-spec.ts';

/**
 * TLS handshakes a second of all balancer processes together, however many there are. 20,000 who come
 * back at once on two cores cannot be served faster: 2.8 ms each, with all that goes on meanwhile. Limit: where half of them do, and
 * the other half goes on, everybody waits for the 20 s that it takes.
 */
const HANDSHAKES_HZ_MAX = 800;

const handshakesHzOf = ({ processes }: ProcessContext['topology']): number =>
  Math.ceil(
    HANDSHAKES_HZ_MAX / processes.filter(({ component }) => component === 'balancer').length,
  );

/** `balancer-2` → 2. */
const balancerNumber = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

const config = ({ topology, name }: ProcessContext): string => `global
  maxconn ${topology.balancerConnections}
  nbthread 1
  log stdout format raw local0 notice
  user haproxy
  group haproxy
  tune.bufsize 4096
  tune.ssl.default-dh-param 2048
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-curves X25519:P-256
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
  tune.ssl.lifetime 1h
  maxsslrate ${handshakesHzOf(topology)}

defaults
  mode tcp
  log global
  option dontlognull
  option redispatch 1
  retries 2
  timeout connect 300ms
  timeout check 4s
  timeout client 30s
  timeout client-fin 5s
  timeout server 30s
  timeout tunnel 1h

frontend users
  bind :${ports.users} ssl crt ${CONFIG_DIRECTORY}/edge.pem tls-ticket-keys ${CONFIG_DIRECTORY}/ticket-keys
  default_backend chat

backend chat
  balance leastconn
  option httpchk
  http-check disable-on-404
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat
  http-check expect status 200
  default-server inter 500ms fastinter 300ms downinter 500ms fall 3 rise 2 on-marked-down shutdown-sessions send-proxy-v2
${serversOf(topology, 'app')
  .map(({ id, address }) => `  server ${id} ${address}:${ports.chat} check`)
  .join('\n')}

frontend metrics
  mode http
  bind :${ports.balancerMetrics + balancerNumber(name) - 1}
  timeout client 10s
  http-request use-service prometheus-exporter if { path /metrics }
`;

export const balancer = (context: ProcessContext): ProcessSpec => ({
  image: 'balancer',
  command: [...AS_BATCH, 'haproxy', '-db', '-f', `${CONFIG_DIRECTORY}/haproxy.cfg`],
  environment: {},
  files: {
    'haproxy.cfg': config(context),
    'edge.pem': context.edge.certificate,
    'ticket-keys': context.edge.ticketKeys,
  },
  hasData: false,
});
