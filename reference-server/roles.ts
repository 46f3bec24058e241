/**
 * What a server may do for the service. By default it does all of it, and its
 * parts call each other; servers that do a part only can be as many of each as
 * the load asks for, and ask one another over NATS (`bus.ts`).
 *
 * `gateway`: users' sockets, joins, feeds. `ingest`: stores messages.
 * `history`: serves pages of history. A server with a gateway does what it can
 * for its own users itself and nothing for other gateways.
 */
import { z } from 'zod';

const ROLES = ['gateway', 'ingest', 'history'] as const;

/** A comma-separated list of at least one; left out, it is all of them. */
export const rolesSchema = z
  .string()
  .default(ROLES.join())
  .transform((list) => list.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(ROLES)).min(1));

/** Roles that gateways ask. */
type ServingRole = Exclude<(typeof ROLES)[number], 'gateway'>;

/**
 * Which database a request is for, counted from 0: those who serve one do not
 * serve another.
 */
export const subjectOf = (role: ServingRole, database: number): string =>
  `chat.${role}.${database}`;
