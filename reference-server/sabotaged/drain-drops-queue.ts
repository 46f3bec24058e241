/**
 * A leaving server tells everybody who waits "stored", and leaves. What was
 * still in its queue is nowhere.
 */
import type { ServerParts } from '../server.ts';
import { createWriter, type SendResult } from '../writer.ts';

/** The place it makes up; nobody has given it one. */
const INVENTED_SEQUENCE = 1;

export const drainDropsQueue: Partial<ServerParts> = {
  createWriter(options) {
    const writer = createWriter(options);
    const waiting = new Set<(result: SendResult) => void>();
    return {
      submit(draft, answer) {
        const once = (result: SendResult): void => {
          if (waiting.delete(once)) answer(result);
        };
        waiting.add(once);
        writer.submit(draft, once);
      },
      get waiting() {
        return waiting.size;
      },
      drain() {
        for (const answer of [...waiting]) answer({ kind: 'stored', sequence: INVENTED_SEQUENCE });
        writer[Symbol.dispose]();
        return Promise.resolve();
      },
      [Symbol.dispose]: () => writer[Symbol.dispose](),
    };
  },
};
