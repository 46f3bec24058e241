/** Deliveries that go missing, come twice, say something else, or change places, on their way from the feed to the sockets. */
import type { ServerFrame } from '../protocol.ts';
import type { ServerParts } from '../server.ts';
import { createSockets, type Sockets } from '../sockets.ts';

/** One in so many deliveries goes wrong: often enough for a short run, too seldom to be seen at once. */
const EVERY = 20;
/** A delivery that waits for the next of its channel goes alone after this long. */
const HELD_MS_MAX = 2_000;

type Publish = Sockets['publish'];

const publishing = (change: (publish: Publish) => Publish): Partial<ServerParts> => ({
  createSockets(options) {
    const sockets = createSockets(options);
    return { ...sockets, publish: change(sockets.publish) };
  },
});

/** Calls `odd` for one delivery in `EVERY` and `publish` for all others. */
function sometimes(publish: Publish, odd: Publish): Publish {
  let count = 0;
  return (channel, frame) => {
    count += 1;
    return count % EVERY === 0 ? odd(channel, frame) : publish(channel, frame);
  };
}

export const deliveryDropped = publishing((publish) => sometimes(publish, () => 0));

export const deliveryDoubled = publishing((publish) =>
  sometimes(publish, (channel, frame) => publish(channel, frame) + publish(channel, frame)),
);

export const deliveryChanged = publishing((publish) =>
  sometimes(publish, (channel, frame) => {
    const [kind, ...rest] = JSON.parse(frame) as ServerFrame;
    const body = rest.at(-1);
    if (kind !== 'message' || typeof body !== 'string') return publish(channel, frame);
    return publish(channel, JSON.stringify([kind, ...rest.slice(0, -1), body.slice(0, -1)]));
  }),
);

export const deliverySwapped = publishing((publish) => {
  const held = new Map<number, string>();
  const release = (channel: number): number => {
    const frame = held.get(channel);
    held.delete(channel);
    return frame === undefined ? 0 : publish(channel, frame);
  };
  const hold = (channel: number, frame: string): number => {
    held.set(channel, frame);
    setTimeout(() => release(channel), HELD_MS_MAX);
    return 0;
  };
  return sometimes((channel, frame) => publish(channel, frame) + release(channel), hold);
});
