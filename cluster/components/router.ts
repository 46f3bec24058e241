/**
 * The way from an app server to the databases: HAProxy on the server's own
 * loopback. For each database one port always leads to the primary, another to
 * the replicas, by what each member's Patroni says of itself. Where no replica
 * is up, reads go to the primary.
 *
 * A member that stops being primary loses its sessions at once
 * (`shutdown-sessions`), so that no chat server waits on a dead socket. The
 * checks ask with OPTIONS, which Patroni answers without a body. The primary is
 * checked every second, five times a second once a connection to it failed, and is
 * out after two failures; the others are asked twice a second whether they have
 * become primary. Oftener would cost Patroni, which is Python, more than the
 * database itself. A connection attempt is answered by the kernel at once or
 * never: it fails after 400 ms and is not tried again here. With a retry a
 * chat server that came too early hung on the dead primary for three seconds
 * while the new one was already there.
 *
 * Limit: a request that was under way when the session was cut has an unknown
 * outcome; the chat server retries it with the same keys.
 */
import { ports, ROUTER_PORTS_STEP } from '../ports.ts';
import { serversOf, type Topology } from '../topology.ts';
import { CONFIG_DIRECTORY, type ProcessContext, type ProcessSpec } from './process-spec.ts';

const serverLines = (topology: Topology, database: number): string =>
  serversOf(topology, 'db')
    .filter((server) => server.database === database)
    .map(
      ({ id, address }) =>
        `  server ${id} ${address}:${ports.postgres} check port ${ports.patroni}`,
    )
    .join('\n');

const waysTo = (topology: Topology, database: number): string => {
  const [primary, replicas] = [`primary-${database}`, `replicas-${database}`];
  const step = database * ROUTER_PORTS_STEP;
  return `frontend ${primary}
  bind 127.0.0.1:${ports.routerPrimary + step}
  default_backend ${primary}

frontend ${replicas}
  bind 127.0.0.1:${ports.routerReplicas + step}
  use_backend ${primary} if { nbsrv(${replicas}) eq 0 }
  default_backend ${replicas}

backend ${primary}
  option httpchk
  http-check send meth OPTIONS uri /primary
  http-check expect status 200
  default-server inter 1s fastinter 200ms downinter 500ms fall 2 rise 1 observe layer4 error-limit 1 on-error fastinter on-marked-down shutdown-sessions
${serverLines(topology, database)}

backend ${replicas}
  balance roundrobin
  option httpchk
  http-check send meth OPTIONS uri /replica
  http-check expect status 200
  default-server inter 2s fastinter 500ms downinter 2s fall 2 rise 1 on-marked-down shutdown-sessions
${serverLines(topology, database)}
`;
};

const config = (topology: Topology): string => `global
  maxconn 2000
  nbthread 1
  log stdout format raw local0 notice
  user haproxy
  group haproxy

defaults
  mode tcp
  log global
  option clitcpka
  option srvtcpka
  retries 0
  timeout connect 400ms
  timeout check 600ms
  timeout client 1h
  timeout server 1h

${Array.from({ length: topology.databases }, (_, database) => waysTo(topology, database)).join('\n')}
frontend metrics
  mode http
  bind :${ports.routerMetrics}
  timeout client 10s
  http-request use-service prometheus-exporter if { path /metrics }
`;

export const router = ({ topology }: ProcessContext): ProcessSpec => ({
  image: 'balancer',
  command: ['haproxy', '-db', '-f', `${CONFIG_DIRECTORY}/haproxy.cfg`],
  environment: {},
  files: { 'haproxy.cfg': config(topology) },
  hasData: false,
});
