/**
 * One who listens: notes how long its deliveries take (`delivery-times.ts`) and
 * what they say (`delivery-digest.ts`). One user in fifty does, because taking
 * a frame apart costs a generator more than all else about a delivery.
 */
import type { ServerFrame } from '../reference-server/protocol.ts';
import { deliveryNumber, digestOfSum, FOREIGN_KEY, type KeyParts } from './delivery-digest.ts';
import type { DeliveryTimes } from './delivery-times.ts';
import { bodyHashOf, type Md5 } from './history.ts';
import { messageKey } from './schedule.ts';

/** The part of a user that matters here. */
interface Hearer {
  readonly user: number;
  readonly channels: readonly number[];
}

/** A class as sessions are, for the same reason. */
export class Listener {
  private readonly times: Pick<DeliveryTimes, 'add'>;
  private readonly run: string;
  private readonly md5: Md5;
  private readonly self: Hearer;
  /** By the place of the channel among the user's. */
  private readonly sums: number[];

  constructor(times: Pick<DeliveryTimes, 'add'>, run: string, md5: Md5, self: Hearer) {
    this.times = times;
    this.run = run;
    this.md5 = md5;
    this.self = self;
    this.sums = self.channels.map(() => 0);
  }

  /** The text of a delivery's frame, of one that this user had not got before. */
  add(text: string): void {
    this.times.add(text);
    const frame = JSON.parse(text) as ServerFrame;
    if (frame[0] !== 'message') return;
    const [, channel, sequence, key, author, body] = frame;
    const slot = this.self.channels.indexOf(channel);
    if (slot < 0) return;
    const bodyHash = Number.parseInt(bodyHashOf(body, this.md5), 16);
    const number = deliveryNumber(sequence, this.partsOf(key), author, bodyHash);
    this.sums[slot] = ((this.sums[slot] as number) + number) | 0;
  }

  /** The `V` lines of the client ledger. */
  lines(nowMs: number): string[] {
    const { user, channels } = this.self;
    return channels.map(
      (channel, slot) => `V ${nowMs} ${user} ${channel} ${digestOfSum(this.sums[slot] as number)}`,
    );
  }

  private partsOf(key: string): KeyParts {
    const [user, n] = key
      .slice(this.run.length + 1)
      .split('-')
      .map(Number);
    if (user === undefined || n === undefined) return FOREIGN_KEY;
    return key === messageKey(this.run, user, n) ? { user, n } : FOREIGN_KEY;
  }
}
