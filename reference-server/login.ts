/**
 * Who may open a socket: the bearer of a valid token, whose channels are then
 * looked up. Verified tokens are remembered until they expire, for users who
 * reconnect in their thousands; the expiry is checked every time.
 */
import type { TokenRefusal, VerifiedToken } from './token.ts';

export type LoginResult =
  | { readonly kind: 'ok'; readonly user: number; readonly channels: readonly number[] }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal }
  /** The tables could not be read, or the server is leaving: come again. */
  | { readonly kind: 'unavailable' };

export interface LoginOptions {
  readonly verify: (token: string) => Promise<VerifiedToken>;
  readonly channelsOf: (user: number) => Promise<readonly number[]>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Enough for every user of one server; about 0.3 KB each. */
const TOKENS_REMEMBERED_MAX = 30_000;

export function createLogin(
  options: LoginOptions,
): (authorization: string) => Promise<LoginResult> {
  const verified = new Map<string, VerifiedToken & { kind: 'valid' }>();

  async function check(token: string): Promise<VerifiedToken> {
    const known = verified.get(token);
    if (known !== undefined) {
      if (options.now() < known.expiresAtMs) return known;
      verified.delete(token);
    }
    const result = await options.verify(token);
    if (result.kind === 'valid') {
      const [oldest] = verified.keys();
      if (verified.size >= TOKENS_REMEMBERED_MAX && oldest !== undefined) verified.delete(oldest);
      verified.set(token, result);
    }
    return result;
  }

  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    const result = await check(token);
    if (result.kind === 'refused') return result;
    try {
      return { kind: 'ok', user: result.user, channels: await options.channelsOf(result.user) };
    } catch {
      return { kind: 'unavailable' };
    }
  };
}
