/**
 * Three promises of an acknowledgement, each given away by one setting of the
 * writing connection, as a hasty optimisation would do it.
 *
 * A setting in the address wins over those that `append.ts` asks for.
 */
import { openAppendConnection, type AppendConnectionOptions } from '../append.ts';
import type { ServerParts } from '../server.ts';

function withSettings(...settings: readonly string[]): Partial<ServerParts> {
  const words = settings.map((setting) => `-c ${setting}`).join(' ');
  return {
    openAppendConnection(options: AppendConnectionOptions) {
      const url = new URL(options.url);
      url.searchParams.set('options', words);
      return openAppendConnection({ ...options, url: url.href });
    },
  };
}

/** A commit returns when it is on the primary's disk, whether or not a replica has it. */
export const acknowledgeBeforeReplication = withSettings('synchronous_commit=local');

/** A commit returns before it is on any disk. */
export const acknowledgeBeforeFlush = withSettings('synchronous_commit=off');

/** The one warning that says "committed, but not replicated" is not sent. */
export const acknowledgeCancelledWait = withSettings(
  'synchronous_commit=on',
  'client_min_messages=error',
);
