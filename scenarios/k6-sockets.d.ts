/** What our k6 has beside its own modules: `cluster/machine/k6-build/sockets/`. */
declare module 'k6/x/sockets/v2' {
  /** Whom a socket belongs to: told of what happens to it and is not counted, as it came. */
  interface Owner {
    /** A text that begins with the prefix and these two integers, each with a comma behind it. */
    onNumbered(socket: number, stream: number, place: number, text: string): void;
    /** Any other text. */
    onText(socket: number, text: string): void;
    /** It closed, with this WebSocket close code, or never opened (1006). Once, and last. */
    onGone(socket: number, code: number): void;
  }

  /** The sockets of one virtual user, which does not end before they are closed. */
  export class Sockets {
    constructor(prefix: string);
    /**
     * Returns its number at once; what becomes of it is told to the owner. `first` is sent as soon as
     * it is open. `late`: milliseconds later than they came it hears its peer's bytes, those of
     * TLS and the upgrade too: a round trip to a service that is far away.
     */
    open(
      url: string,
      headers: Readonly<Record<string, string>>,
      owner: Owner,
      first?: string,
      late?: number,
    ): number;
    /** One that is not open takes nothing. */
    send(socket: number, text: string): void;
    /**
     * Texts of this stream that come in their turn, beginning after that place, are counted and not
     * handed over; from the first on that is out of turn, all are.
     */
    follow(socket: number, stream: number, place: number): void;
    /** How far a stream was followed, until `onGone` returns; 0 where it was not. */
    place(socket: number, stream: number): number;
    /** Milliseconds that something waited for the script at most, since it was asked last. */
    waited(): number;
    /** After all that was sent, with a goodbye; one that is still opening is given up. */
    close(socket: number, code: number): void;
    /** Without a goodbye: only the connection ends. */
    hangUp(socket: number): void;
  }
}
