/**
 * One user's open socket, as the rest of the server sees it. `sockets.ts`
 * makes them; nothing else knows what a socket is made of.
 */
export interface Connection {
  readonly user: number;
  /** Of whoever opened it; several users may share one. */
  readonly address: string;
  readonly isOpen: boolean;
  /** Sends a text frame, in order with what is published; does nothing once closed. */
  send(frame: string): void;
  /**
   * As `send`, but together with what else leaves on this socket in this turn of the loop, or with
   * 31 more frames. A write costs ten times what a frame in it does.
   */
  sendAlong(frame: string): void;
  /** From now on the socket gets what is published to the channel. */
  subscribe(channel: number): void;
  unsubscribe(channel: number): void;
  /** Resolves when little is left to send, or the socket closed. */
  drained(): Promise<void>;
  /** Closes and says why; does nothing once closed. */
  end(farewell: Farewell): void;
}

/**
 * Why the server closes a socket, with the WebSocket close code that tells it: 1001 going away,
 * 1008 against the rules, 1013 try again later.
 */
export const FAREWELLS = {
  leaving: { code: 1001, reason: 'bye' },
  'broke-the-rules': { code: 1008, reason: 'wait for your welcome' },
  'no-database': { code: 1013, reason: 'no database answered' },
  'slow-reader': { code: 1013, reason: 'you read too slowly: join again from what you have' },
} as const;
export type Farewell = keyof typeof FAREWELLS;
