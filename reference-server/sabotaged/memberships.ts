/** Who gets which messages: a stranger does, a member who resumes misses one, nobody asks who is a member. */
import type { Connection } from '../connection.ts';
import { parseClientFrame } from '../frames.ts';
import { encodeFrame } from '../protocol.ts';
import { createReads } from '../reads.ts';
import type { ServerParts } from '../server.ts';
import { createSessions } from '../session.ts';

/** Whoever joins a channel is told of the next one too. */
export const deliveryToStranger: Partial<ServerParts> = {
  createSessions(options) {
    const open = createSessions(options);
    return (connection) => {
      const curious: Connection = {
        user: connection.user,
        address: connection.address,
        get isOpen() {
          return connection.isOpen;
        },
        send: (frame) => connection.send(frame),
        sendAlong: (frame) => connection.sendAlong(frame),
        subscribe(channel) {
          connection.subscribe(channel);
          connection.subscribe(channel + 1);
        },
        unsubscribe: (channel) => connection.unsubscribe(channel),
        drained: () => connection.drained(),
        end: (farewell) => connection.end(farewell),
      };
      return open(curious);
    };
  },
};

/** "Everything after 7" is answered from 9 on. A join from the very beginning is not. */
export const resumeSkipsOne: Partial<ServerParts> = {
  createSessions(options) {
    const open = createSessions(options);
    return (connection) => {
      const session = open(connection);
      const skip = (after: number): number => (after === 0 ? 0 : after + 1);
      return {
        closed: () => session.closed(),
        received(text) {
          const parsed = parseClientFrame(text);
          if (parsed.kind === 'error' || parsed.frame[0] !== 'join') return session.received(text);
          const places = parsed.frame[1].map(([id, after]) => [id, skip(after)] as const);
          session.received(encodeFrame(['join', places]));
        },
      };
    };
  },
};

/** Everybody counts as a member of the first few channels. */
export const membershipIgnored: Partial<ServerParts> = {
  createReads(options) {
    const reads = createReads(options);
    return {
      ...reads,
      async channelsOf(user) {
        const own = await reads.channelsOf(user);
        return [...new Set([...own, 1, 2, 3])];
      },
    };
  },
};
