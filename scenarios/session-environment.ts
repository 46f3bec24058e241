/** What a session needs from whoever runs it: a socket, a clock, timers, and who its user is. */
import type { Population } from './population.ts';
import type { Session } from './session.ts';

/** An open or opening socket, as a session needs it. */
export interface Socket {
  send(text: string): void;
}

export interface SessionEnvironment {
  readonly run: string;
  readonly seed: number;
  readonly edges: readonly string[];
  /** Frames go to `session.onText`, a close or failure (maybe twice) to `session.onGone`. */
  open(url: string, token: string, session: Session): Socket;
  /** Says goodbye; one that is still opening goes as soon as it is open. */
  close(socket: Socket): void;
  /** Milliseconds since the ledger's epoch. */
  now(): number;
  later(action: () => void, delayMs: number): void;
  random(): number;
  record(line: string): void;
}

export interface SessionUser {
  readonly user: number;
  readonly token: string;
  readonly channels: Population['channelsOfUser'][number];
}
