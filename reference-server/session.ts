/**
 * What happens on a user's socket: the user's channels are looked up, then
 * each frame is parsed, held against the limits and the channels, and handed
 * on; the answers go back on the same socket.
 *
 * What is logged names users, message keys and requests, never a body.
 */
import type { Logger } from 'pino';
import type { Connection } from './connection.ts';
import { parseClientFrame, type ParsedFrame } from './frames.ts';
import type { History } from './history.ts';
import { startJoin, type Join, type JoinOptions } from './join.ts';
import { encodeFrame, type ClientFrame, type ErrorCode } from './protocol.ts';
import type { RequestLimits } from './request-limits.ts';
import type { Writer } from './writer.ts';

/** Pages of history being read at once; beyond it the answer is `history-unavailable`. */
const HISTORY_IN_FLIGHT_MAX = 200;

/** Frames kept from a client that does not wait for its welcome. */
const EARLY_FRAMES_MAX = 20;

/** By which its sender knows an answer to it: the key of a message, the number of a request. */
function keyOf(parsed: ParsedFrame): string {
  if (parsed.kind === 'error') return parsed.key;
  return parsed.frame[0] === 'join' ? '' : String(parsed.frame[1]);
}

type FrameOf<Kind extends ClientFrame[0]> = Extract<ClientFrame, readonly [Kind, ...unknown[]]>;

export interface SessionsOptions extends JoinOptions {
  readonly writer: Writer;
  readonly history: History;
  readonly limits: RequestLimits;
  /** What those whose history is not served now are told to wait. */
  readonly retryAfterMs: number;
  readonly log: Logger;
}

export interface Session {
  received(text: string): void;
  closed(): void;
}

export function createSessions(options: SessionsOptions): (connection: Connection) => Session {
  const { writer, reads, limits, retryAfterMs, metrics, log } = options;
  let historyInFlight = 0;

  return (connection) => {
    const joins = new Map<number, Join>();
    let channels: ReadonlySet<number> | undefined;
    let early: string[] | undefined;

    function refuse(code: ErrorCode, key: string, detail: string, waitMs?: number): void {
      metrics.errors.inc({ code });
      log.debug({ user: connection.user, key, code, waitMs }, 'refused');
      connection.send(
        encodeFrame(
          waitMs === undefined
            ? ['error', code, key, detail]
            : ['error', code, key, detail, waitMs],
        ),
      );
    }

    function isMember(channel: number, key: string): boolean {
      if (channels?.has(channel) === true) return true;
      refuse('not-a-member', key, `channel ${channel}`);
      return false;
    }

    function send([, key, channel, body]: FrameOf<'send'>): void {
      metrics.received.inc();
      if (!isMember(channel, key)) return;
      writer.submit({ key, channel, author: connection.user, body }, (result) => {
        if (result.kind === 'refused') {
          return refuse(result.code, key, result.detail, result.retryAfterMs);
        }
        log.trace({ user: connection.user, key, channel, sequence: result.sequence }, 'stored');
        // Only what could be handed to its sender counts as acknowledged.
        if (connection.isOpen) metrics.acknowledged.inc();
        connection.send(encodeFrame(['ack', key, channel, result.sequence]));
      });
    }

    async function history([, request, channel, before, limit]: FrameOf<'history'>): Promise<void> {
      const key = String(request);
      if (!isMember(channel, key)) return;
      if (historyInFlight >= HISTORY_IN_FLIGHT_MAX) {
        return refuse('history-unavailable', key, 'too many requests at once', retryAfterMs);
      }
      historyInFlight += 1;
      try {
        const messages = await options.history(channel, before, limit);
        connection.send(encodeFrame(['history', request, channel, messages]));
      } catch (error) {
        const { user } = connection;
        log.debug({ user, request, channel, error: String(error) }, 'history not served');
        refuse('history-unavailable', key, 'no database has it now', retryAfterMs);
      } finally {
        historyInFlight -= 1;
      }
    }

    function join([, places]: FrameOf<'join'>): void {
      for (const [channel, after] of places) {
        if (!isMember(channel, '')) continue;
        joins.get(channel)?.cancel();
        joins.set(channel, startJoin(options, connection, channel, after));
      }
    }

    function handle(text: string): void {
      const parsed = parseClientFrame(text);
      const waitMs = limits.request(connection.user, connection.address, performance.now());
      if (waitMs > 0) {
        metrics.rateLimited.inc({ what: 'request' });
        return refuse('rate-limited', keyOf(parsed), 'too many requests', Math.ceil(waitMs));
      }
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
    }

    async function begin(): Promise<void> {
      try {
        channels = new Set(await reads.channelsOf(connection.user));
      } catch (error) {
        log.debug({ user: connection.user, error: String(error) }, 'login not possible');
        metrics.logins.inc({ outcome: 'unavailable' });
        return connection.end('no-database');
      }
      metrics.logins.inc({ outcome: 'ok' });
      connection.send(encodeFrame(['welcome', connection.user, [...channels]]));
      for (const text of early ?? []) handle(text);
      early = undefined;
    }

    metrics.openSockets.inc();
    void begin();

    return {
      received(text) {
        if (channels !== undefined) handle(text);
        else if ((early ??= []).push(text) > EARLY_FRAMES_MAX) {
          connection.end('broke-the-rules');
        }
      },
      closed() {
        metrics.openSockets.dec();
        for (const join of joins.values()) join.cancel();
      },
    };
  };
}
