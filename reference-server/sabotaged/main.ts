/**
 * The chat server with one part broken: `SABOTAGE=<name> node
 * reference-server/sabotaged/main.ts`, all else as for `main.ts`. It exists so
 * that a checker can show that it finds what it says it looks for.
 *
 * Nothing here is imported by the server itself, and the images of a cluster
 * leave this folder out: whoever wants a broken server has to bring it along.
 */
import { z } from 'zod';
import { parseConfig } from '../config.ts';
import { PARTS, runServer } from '../server.ts';
import { SABOTAGED_PARTS } from './index.ts';
import { SABOTAGES } from './names.ts';

const name = z.enum(SABOTAGES).parse(process.env['SABOTAGE']);
await runServer(parseConfig(process.env), { ...PARTS, ...SABOTAGED_PARTS[name] });
