/** What a session needs from whoever runs it: a socket, a clock, timers, and who its user is. */
import type { Population } from './population.ts';
import type { Session } from './session.ts';

/** An open or opening socket: whatever the one who opened it knows it by. */
export type Socket = number | object;

export interface SessionEnvironment {
  readonly run: string;
  readonly seed: number;
  readonly edges: readonly string[];
  /**
   * Frames go to `session.onText`, or deliveries to `session.onNumbered`; a close or failure (maybe
   * twice) to `session.onGone`. `first` is the first frame from here.
   */
  open(url: string, user: SessionUser, session: Session, first: string): Socket;
  /** On a socket that is gone: nothing. */
  send(socket: Socket, text: string): void;
  /** Says goodbye; one that is still opening is given up. */
  close(socket: Socket): void;
  /** Without a goodbye: only the connection ends. */
  hangUp(socket: Socket): void;
  /** Where whoever opens sockets counts deliveries by itself, for those who need not see each. */
  readonly counts?: DeliveryCounts;
  /** Milliseconds since the ledger's epoch. */
  now(): number;
  later(action: () => void, delayMs: number): void;
  random(): number;
  record(line: string): void;
}

/**
 * Deliveries of a channel that come in their turn are counted; from the first on that does not, all
 * go to the session.
 */
export interface DeliveryCounts {
  /** The next one on this socket is to be the one after `sequence`. */
  follow(socket: Socket, channel: number, sequence: number): void;
  /** Up to where they came in their turn; 0: the channel is not followed. */
  place(socket: Socket, channel: number): number;
}

export interface SessionUser {
  readonly user: number;
  readonly token: string;
  readonly channels: Population['channelsOfUser'][number];
}
