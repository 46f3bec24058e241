/** The real chat server in its container, from the sources as they are. */
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { Lab, Service } from './lab.ts';

const PORT = 9001;

export const TEST_TOKEN_SECRET = 'a secret only for tests';

export interface ChatServerOptions {
  readonly id: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Shell commands before it starts. */
  readonly prepare?: string;
}

export interface TestChatServer {
  readonly service: Service;
  readonly url: string;
  get(path: string): Promise<Response>;
  /** The value of a metric, summed over its labels, or over those that hold this one. */
  metric(name: string, label?: string): Promise<number>;
}

export async function startChatServer(
  lab: Lab,
  options: ChatServerOptions,
): Promise<TestChatServer> {
  const service = await lab.start({
    image: 'runtime',
    command: ['node', 'reference-server/main.ts'],
    workingDirectory: '/app',
    ...(options.prepare !== undefined && { prepare: options.prepare }),
    mounts: { [join(import.meta.dirname, '..')]: '/app/reference-server' },
    environment: {
      PORT: String(PORT),
      SERVER_ID: options.id,
      WRITE_URLS: options.databaseUrl,
      READ_URLS: options.databaseUrl,
      NATS_URLS: options.natsUrl,
      TOKEN_SECRET: TEST_TOKEN_SECRET,
      ...options.environment,
    },
  });
  const host = `${service.address}:${PORT}`;
  const get = (path: string) => fetch(`http://${host}${path}`);
  await eventually('the chat server to be ready', async () => (await get('/readyz')).ok);
  return {
    service,
    url: `ws://${host}/chat`,
    get,
    async metric(name, label = '') {
      const page = await (await get('/metrics')).text();
      const values = page.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, 'gm'));
      return [...values]
        .filter(([, labels = '']) => labels.includes(label))
        .reduce((sum, [, , value]) => sum + Number(value), 0);
    },
  };
}
