/** A whole chat service for a test file: two servers, a PostgreSQL, a NATS, all real. */
import { connectUser, type ChatClient } from './chat-client.ts';
import { startChatServer, type TestChatServer } from './chat-server.ts';
import { startPostgres, type TestDatabase, type TestPostgres } from './database.ts';
import { openLab } from './lab.ts';
import { startNats, type TestNats } from './nats.ts';

/** Enough for each test of a file to have one of its own; users 0 … 9 are members of all. */
export const CHANNELS = 20;
const MEMBERS = 10;

export interface ChatService extends AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly servers: readonly [TestChatServer, TestChatServer];
  /** One more server of the same service. */
  startServer(
    id: string,
    environment?: Readonly<Record<string, string>>,
    prepare?: string,
  ): Promise<TestChatServer>;
  /** A user on one of the two servers. */
  connect(server: 0 | 1, user: number): Promise<ChatClient>;
  /** A channel nobody has used yet. */
  newChannel(): number;
}

export async function startChatService(): Promise<ChatService> {
  const lab = await openLab();
  const [postgres, nats] = await Promise.all([startPostgres(lab), startNats(lab)]);
  const database = await postgres.create(CHANNELS, MEMBERS);
  const startServer: ChatService['startServer'] = (id, environment = {}, prepare = '') =>
    startChatServer(lab, {
      id,
      prepare,
      databaseUrl: database.url,
      natsUrl: nats.url,
      environment: {
        STATEMENT_TIMEOUT_MS: '1000',
        READ_TIMEOUT_MS: '1000',
        // Tests send as fast as they can.
        USER_REQUESTS_HZ: '1000000',
        ...environment,
      },
    });
  const servers = await Promise.all([startServer('app1'), startServer('app2')] as const);
  let channelsUsed = 0;
  return {
    postgres,
    database,
    nats,
    servers,
    startServer,
    connect: (server, user) => connectUser(servers[server].url, user),
    newChannel: () => ++channelsUsed,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

let keysUsed = 0;
export const newKey = (): string => `key-${++keysUsed}`;

/** Sends a message and waits for its acknowledgement; resolves with its sequence. */
export async function say(client: ChatClient, channel: number, body = 'hello'): Promise<number> {
  const key = newKey();
  client.send(['send', key, channel, body]);
  return (await client.next('ack', (frame) => frame[1] === key))[3];
}

/** from, from + 1, …, to */
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
