/**
 * NATS, one on each app server, joined to a cluster: it carries committed
 * messages from the chat server that wrote them to the others. A hint only:
 * what it loses, the chat servers fetch from the database. So it keeps
 * nothing on disk, and finds a dead peer by pings within seconds.
 */
import { ports } from '../ports.ts';
import { serversOf, type Topology } from '../topology.ts';
import {
  CONFIG_DIRECTORY,
  type ProcessContext,
  type ProcessSpec,
  SPARING_GO,
} from './process-spec.ts';

/** Far more than chat servers send at once, which is 256 Ki characters (`payloads.ts`). */
const PAYLOAD_MAX = '8MB';

/** Client addresses, the given server's own first. */
export const natsUrls = (topology: Topology, ownServer: string): readonly string[] => {
  const apps = serversOf(topology, 'app');
  const ordered = [
    ...apps.filter(({ id }) => id === ownServer),
    ...apps.filter(({ id }) => id !== ownServer),
  ];
  return ordered.map(({ address }) => `nats://${address}:${ports.natsClients}`);
};

export const nats = ({ topology, server }: ProcessContext): ProcessSpec => {
  const routes = serversOf(topology, 'app')
    .filter(({ id }) => id !== server.id)
    .map(({ address }) => `"nats://${address}:${ports.natsPeers}"`);
  return {
    image: 'coordination',
    command: ['nats-server', '--config', `${CONFIG_DIRECTORY}/nats.conf`],
    environment: SPARING_GO,
    files: {
      'nats.conf': `server_name: ${server.id}
listen: "0.0.0.0:${ports.natsClients}"
http: "0.0.0.0:${ports.natsMonitor}"
max_payload: ${PAYLOAD_MAX}
max_pending: 64MB
write_deadline: "5s"
ping_interval: "5s"
ping_max: 2
cluster {
  name: holdfast
  listen: "0.0.0.0:${ports.natsPeers}"
  ping_interval: "2s"
  routes: [${routes.join(', ')}]
}
`,
    },
    hasData: false,
  };
};
