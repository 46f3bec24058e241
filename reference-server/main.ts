/**
 * The chat server as it is meant to run: `node reference-server/main.ts`, told
 * by its environment (`config.ts`) where the database and its peers are.
 */
import { parseConfig } from './config.ts';
import { PARTS, runServer } from './server.ts';

await runServer(parseConfig(process.env), PARTS);
