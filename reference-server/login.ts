/**
 * Decides on a login, in the tick in which it comes: may this address knock
 * now, does this server take users, is the token good. Each outcome is counted;
 * what is refused is logged without its token.
 */
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import type { RequestLimits } from './request-limits.ts';
import { createSparseLog } from './sparse-log.ts';
import type { VerifiedToken } from './token.ts';

export type LoginResult =
  | VerifiedToken
  /** This server takes no users now. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'rate-limited'; readonly retryAfterSec: number };

export type Login = (authorization: string, address: string) => LoginResult;

export interface LoginOptions {
  readonly state: () => 'starting' | 'ready' | 'leaving';
  readonly verify: (authorization: string) => VerifiedToken;
  readonly limits: RequestLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function createLogin({ state, verify, limits, metrics, log }: LoginOptions): Login {
  const warn = createSparseLog(log);
  return (authorization, address) => {
    const current = state();
    if (current !== 'ready') {
      metrics.logins.inc({ outcome: current });
      return { kind: 'unavailable' };
    }
    const waitMs = limits.login(address, performance.now());
    if (waitMs > 0) {
      metrics.logins.inc({ outcome: 'rate-limited' });
      metrics.rateLimited.inc({ what: 'login' });
      warn({ address }, 'too many logins from this address');
      return { kind: 'rate-limited', retryAfterSec: Math.ceil(waitMs / 1_000) };
    }
    const result = verify(authorization);
    if (result.kind === 'refused') {
      metrics.logins.inc({ outcome: result.reason });
      warn({ address, reason: result.reason }, 'login refused');
    }
    return result;
  };
}
