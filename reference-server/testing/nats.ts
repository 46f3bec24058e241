/** A real NATS server for tests. */
import { Socket } from 'node:net';
import { eventually } from './eventually.ts';
import type { Lab, Service } from './lab.ts';

const PORT = 4222;
const PEERS_PORT = 6222;

const answers = (host: string, port: number): Promise<true> =>
  new Promise((resolve, reject) => {
    const socket = new Socket();
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
  });

export interface TestNats {
  readonly service: Service;
  readonly url: string;
  /** Until it takes connections: at once, except after it was down. */
  awaitUp(): Promise<true>;
}

/** `peer`: joins it, and both carry what is sent through either. */
export async function startNats(lab: Lab, peer?: TestNats): Promise<TestNats> {
  const service = await lab.start({
    image: 'coordination',
    command: [
      ...['nats-server', '--addr', '0.0.0.0', '--port', String(PORT)],
      ...['--cluster_name', 'test', '--cluster', `nats://0.0.0.0:${PEERS_PORT}`],
      ...(peer === undefined ? [] : ['--routes', `nats://${peer.service.address}:${PEERS_PORT}`]),
    ],
  });
  const awaitUp = () =>
    eventually('NATS to take connections', () => answers(service.address, PORT));
  await awaitUp();
  return { service, url: `nats://${service.address}:${PORT}`, awaitUp };
}
