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

/** What all sessions share. */
interface House extends SessionsOptions {
  historyInFlight: number;
}

/** A class, as the connection is: what a user costs while it says nothing is memory. */
class UserSession implements Session {
  private readonly house: House;
  private readonly connection: Connection;
  private readonly joins: Join[] = [];
  /** Undefined until they are looked up. */
  private channels: readonly number[] | undefined = undefined;
  private early: string[] | undefined = undefined;

  constructor(house: House, connection: Connection) {
    this.house = house;
    this.connection = connection;
  }

  /** Welcomes the user, or sends it away. */
  async begin(): Promise<void> {
    const { house, connection } = this;
    try {
      this.channels = [...new Set(await house.reads.channelsOf(connection.user))];
    } catch (error) {
      house.log.debug({ user: connection.user, error: String(error) }, 'login not possible');
      house.metrics.logins.inc({ outcome: 'unavailable' });
      return connection.end('no-database');
    }
    house.metrics.logins.inc({ outcome: 'ok' });
    // It went meanwhile, and whatever it sent early went with it: nobody would end its joins.
    if (!connection.isOpen) return;
    // With the answers to whoever did not wait for it.
    connection.sendAlong(encodeFrame(['welcome', connection.user, this.channels]));
    for (const text of this.early ?? []) this.handle(text);
    this.early = undefined;
  }

  received(text: string): void {
    if (this.channels !== undefined) this.handle(text);
    else if ((this.early ??= []).push(text) > EARLY_FRAMES_MAX) {
      this.early = undefined;
      this.connection.end('broke-the-rules');
    }
  }

  closed(): void {
    this.house.metrics.openSockets.dec();
    for (const join of this.joins) join.cancel();
  }

  private handle(text: string): void {
    const { limits, metrics } = this.house;
    const { user, address } = this.connection;
    const parsed = parseClientFrame(text);
    const waitMs = limits.request(user, address, performance.now());
    if (waitMs > 0) {
      metrics.rateLimited.inc({ what: 'request' });
      return this.refuse('rate-limited', keyOf(parsed), 'too many requests', Math.ceil(waitMs));
    }
    if (parsed.kind === 'error') return this.refuse(parsed.code, parsed.key, parsed.detail);
    const { frame } = parsed;
    switch (frame[0]) {
      case 'send':
        return this.send(frame);
      case 'join':
        return this.join(frame);
      case 'history':
        return void this.history(frame);
    }
  }

  private send([, key, channel, body]: FrameOf<'send'>): void {
    const { house, connection } = this;
    house.metrics.received.inc();
    if (!this.isMember(channel, key)) return;
    const { user } = connection;
    house.writer.submit({ key, channel, author: user, body }, (result) => {
      if (result.kind === 'refused') {
        return this.refuse(result.code, key, result.detail, result.retryAfterMs);
      }
      house.log.trace({ user, key, channel, sequence: result.sequence }, 'stored');
      // Only what could be handed to its sender counts as acknowledged.
      if (connection.isOpen) house.metrics.acknowledged.inc();
      // Who sent a message is a receiver of it, too.
      connection.sendAlong(encodeFrame(['ack', key, channel, result.sequence]));
    });
  }

  private join([, places]: FrameOf<'join'>): void {
    for (const [channel, after] of places) {
      if (!this.isMember(channel, '')) continue;
      const place = this.joins.findIndex((join) => join.channel === channel);
      this.joins[place]?.cancel();
      const join = startJoin(this.house, this.connection, channel, after);
      if (place === -1) this.joins.push(join);
      else this.joins[place] = join;
    }
  }

  private async history([, request, channel, before, limit]: FrameOf<'history'>): Promise<void> {
    const { house, connection } = this;
    const key = String(request);
    if (!this.isMember(channel, key)) return;
    if (house.historyInFlight >= HISTORY_IN_FLIGHT_MAX) {
      const { retryAfterMs } = house;
      return this.refuse('history-unavailable', key, 'too many requests at once', retryAfterMs);
    }
    house.historyInFlight += 1;
    try {
      const messages = await house.history(channel, before, limit);
      connection.send(encodeFrame(['history', request, channel, messages]));
    } catch (error) {
      const { user } = connection;
      house.log.debug({ user, request, channel, error: String(error) }, 'history not served');
      this.refuse('history-unavailable', key, 'no database has it now', house.retryAfterMs);
    } finally {
      house.historyInFlight -= 1;
    }
  }

  private isMember(channel: number, key: string): boolean {
    if (this.channels?.includes(channel) === true) return true;
    this.refuse('not-a-member', key, `channel ${channel}`);
    return false;
  }

  private refuse(code: ErrorCode, key: string, detail: string, waitMs?: number): void {
    const { house, connection } = this;
    house.metrics.errors.inc({ code });
    house.log.debug({ user: connection.user, key, code, waitMs }, 'refused');
    connection.send(
      encodeFrame(
        waitMs === undefined ? ['error', code, key, detail] : ['error', code, key, detail, waitMs],
      ),
    );
  }
}

export function createSessions(options: SessionsOptions): (connection: Connection) => Session {
  const house: House = { ...options, historyInFlight: 0 };
  return (connection) => {
    const session = new UserSession(house, connection);
    house.metrics.openSockets.inc();
    void session.begin();
    return session;
  };
}
