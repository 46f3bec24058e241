/**
 * What happens on a user's socket: each frame is parsed, held against the
 * user's channels, and handed on; the answers go back on the same socket.
 */
import type { Logger } from 'pino';
import type { Connection } from './connection.ts';
import { parseClientFrame } from './frames.ts';
import { startJoin, type Join, type JoinOptions } from './join.ts';
import { encodeFrame, type ClientFrame, type ErrorCode } from './protocol.ts';
import type { Writer } from './writer.ts';

/** Pages of history being read at once; beyond it the answer is `history-unavailable`. */
const HISTORY_IN_FLIGHT_MAX = 200;

export interface SessionsOptions extends JoinOptions {
  readonly writer: Writer;
  readonly log: Logger;
}

export interface Session {
  received(text: string): void;
  closed(): void;
}

export function createSessions(options: SessionsOptions): (connection: Connection) => Session {
  const { writer, reads, metrics } = options;
  let historyInFlight = 0;

  return (connection) => {
    const joins = new Map<number, Join>();

    function refuse(code: ErrorCode, key: string, detail: string): void {
      metrics.errors.inc({ code });
      connection.send(encodeFrame(['error', code, key, detail]));
    }

    function isMember(channel: number, key: string): boolean {
      if (connection.channels.has(channel)) return true;
      refuse('not-a-member', key, `channel ${channel}`);
      return false;
    }

    function send([, key, channel, body]: ClientFrame & { 0: 'send' }): void {
      metrics.received.inc();
      if (!isMember(channel, key)) return;
      writer.submit({ key, channel, author: connection.user, body }, (result) => {
        if (result.kind === 'refused') return refuse(result.code, key, result.detail);
        // Only what could be handed to its sender counts as acknowledged.
        if (connection.isOpen) metrics.acknowledged.inc();
        connection.send(encodeFrame(['ack', key, channel, result.sequence]));
      });
    }

    async function history([, request, channel, before, limit]: ClientFrame & {
      0: 'history';
    }): Promise<void> {
      const key = String(request);
      if (!isMember(channel, key)) return;
      if (historyInFlight >= HISTORY_IN_FLIGHT_MAX) {
        return refuse('history-unavailable', key, 'too many requests at once');
      }
      historyInFlight += 1;
      try {
        const messages = await reads.history(channel, before, limit);
        connection.send(encodeFrame(['history', request, channel, messages]));
      } catch {
        refuse('history-unavailable', key, 'no database answered');
      } finally {
        historyInFlight -= 1;
      }
    }

    function join([, places]: ClientFrame & { 0: 'join' }): void {
      for (const [channel, after] of places) {
        if (!isMember(channel, '')) continue;
        joins.get(channel)?.cancel();
        joins.set(channel, startJoin(options, connection, channel, after));
      }
    }

    metrics.openSockets.inc();
    connection.send(encodeFrame(['welcome', connection.user, [...connection.channels]]));

    return {
      received(text) {
        const parsed = parseClientFrame(text);
        if (parsed.kind === 'error') return refuse(parsed.code, parsed.key, parsed.detail);
        const { frame } = parsed;
        switch (frame[0]) {
          case 'send':
            return send(frame);
          case 'join':
            return join(frame);
          case 'history':
            return void history(frame);
        }
      },
      closed() {
        metrics.openSockets.dec();
        for (const join of joins.values()) join.cancel();
      },
    };
  };
}
