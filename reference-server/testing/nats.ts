/** A real NATS server for tests. */
import { Socket } from 'node:net';
import { eventually } from './eventually.ts';
import type { Lab, Service } from './lab.ts';

const PORT = 4222;

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
}

export async function startNats(lab: Lab): Promise<TestNats> {
  const service = await lab.start({
    image: 'coordination',
    command: ['nats-server', '--addr', '0.0.0.0', '--port', String(PORT)],
  });
  await eventually('NATS to take connections', () => answers(service.address, PORT));
  return {
    service,
    url: `nats://${service.address}:${PORT}`,
  };
}
