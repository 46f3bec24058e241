/**
 * One user's open socket, as the rest of the server sees it. `sockets.ts`
 * makes them; nothing else knows what a socket is made of.
 */
export interface Connection {
  readonly user: number;
  readonly isOpen: boolean;
  /** Sends a text frame, in order with what is published; does nothing once closed. */
  send(frame: string): void;
  /** From now on the socket gets what is published to the channel. */
  subscribe(channel: number): void;
  unsubscribe(channel: number): void;
  /** Resolves when little is left to send, or the socket closed. */
  drained(): Promise<void>;
  /** Closes with a WebSocket code; does nothing once closed. */
  end(code: number, reason: string): void;
}
