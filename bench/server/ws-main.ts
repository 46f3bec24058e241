/** The chat server with its sockets on `ws`; everything else is `reference-server/`. */
import { parseConfig } from '../../reference-server/config.ts';
import { PARTS, runServer } from '../../reference-server/server.ts';
import { createWsSockets } from './ws-sockets.ts';

await runServer(parseConfig(process.env), { ...PARTS, createSockets: createWsSockets });
