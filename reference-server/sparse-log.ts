/**
 * Lines that strangers can cause at will, at most so many a second: each says
 * how many were left out before it.
 */
import type { Logger } from 'pino';
import { createRateLimit } from './rate-limit.ts';

const RATE = { rateHz: 5, burst: 50 };

export function createSparseLog(log: Logger) {
  const limit = createRateLimit<string>(RATE);
  let leftOut = 0;
  return (fields: Readonly<Record<string, string | number>>, message: string): void => {
    if (limit.take('', performance.now()) > 0) {
      leftOut += 1;
      return;
    }
    log.warn(leftOut > 0 ? { ...fields, leftOut } : fields, message);
    leftOut = 0;
  };
}
