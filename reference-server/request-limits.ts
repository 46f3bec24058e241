/**
 * Who may ask how much: each user and each address has a bucket for requests
 * (whatever frame a client sends, nonsense too), and each address one for
 * logins.
 *
 * Limits: it is each server's own book, so somebody with sockets on three
 * servers may ask three times as much. An address is that of whoever opened
 * the connection, which behind a balancer is the balancer unless it says whom
 * it passes on (`sockets.ts`); many users may share one, so what an address
 * may is meant against floods, and what a user may against abuse.
 */
import { createRateLimit, type RateLimitOptions } from './rate-limit.ts';

export interface RequestLimitsOptions {
  readonly userRequests: RateLimitOptions;
  readonly addressRequests: RateLimitOptions;
  readonly addressLogins: RateLimitOptions;
}

/** 0: go on. Otherwise the milliseconds after which it is worth another try. */
export interface RequestLimits {
  login(address: string, nowMs: number): number;
  request(user: number, address: string, nowMs: number): number;
}

export function createRequestLimits(options: RequestLimitsOptions): RequestLimits {
  const users = createRateLimit<number>(options.userRequests);
  const addresses = createRateLimit<string>(options.addressRequests);
  const logins = createRateLimit<string>(options.addressLogins);
  return {
    login: (address, nowMs) => logins.take(address, nowMs),
    request(user, address, nowMs) {
      const waitMs = users.take(user, nowMs);
      return waitMs > 0 ? waitMs : addresses.take(address, nowMs);
    },
  };
}
