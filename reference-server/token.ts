/**
 * Users' tokens: JWTs signed with HS256, for the audience `chat`, the subject
 * being the user's number. Which key signed it may stand in the header (`kid`).
 *
 * They are verified in one go, without waiting, because an upgrade has to be
 * decided in the tick in which it arrives (`sockets.ts` says why); jose, which
 * signs here, can only verify asynchronously. The algorithm is pinned: `none`
 * and anything else is refused, whatever the signature. An expiry is required.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { tokenKey, type TokenKeys } from './token-keys.ts';

const ALGORITHM = 'HS256';
const AUDIENCE = 'chat';
/** Several times what `signToken` makes; nothing longer is even looked at. */
const TOKEN_LENGTH_MAX = 2_000;

export const TOKEN_REFUSALS = [
  'missing',
  'malformed',
  'wrong-algorithm',
  'unknown-key',
  'bad-signature',
  'expired',
  'wrong-audience',
  'wrong-claim',
] as const;
export type TokenRefusal = (typeof TOKEN_REFUSALS)[number];

export type VerifiedToken =
  | { readonly kind: 'valid'; readonly user: number }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal };

// `crit` names extensions a verifier must understand; this one understands none.
const headerSchema = z.object({
  alg: z.string(),
  kid: z.string().optional(),
  crit: z.never().optional(),
});
const claimsSchema = z.object({
  sub: z.string().regex(/^\d{1,9}$/),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
});

/** `keyId`: for a service that has several keys. */
export function signToken(
  secret: string,
  user: number,
  expiresInSec: number,
  keyId?: string,
): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM, ...(keyId !== undefined && { kid: keyId }) })
    .setSubject(String(user))
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSec)
    .sign(tokenKey(secret));
}

/** Undefined for what is not JSON. */
function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const refused = (reason: TokenRefusal): VerifiedToken => ({ kind: 'refused', reason });

/** `nowMs`: epoch milliseconds. */
export function verifyToken(keys: TokenKeys, token: string, nowMs: number): VerifiedToken {
  if (token === '') return refused('missing');
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = headerSchema.safeParse(decode(head));
  if (!header.success || rest.length > 0 || token.length > TOKEN_LENGTH_MAX) {
    return refused('malformed');
  }
  if (header.data.alg !== ALGORITHM) return refused('wrong-algorithm');
  const key = keys.get(header.data.kid ?? '');
  if (key === undefined) return refused('unknown-key');

  const expected = createHmac('sha256', key).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return refused('bad-signature');
  }
  const claims = claimsSchema.safeParse(decode(body));
  if (!claims.success) return refused('wrong-claim');
  const { sub, aud, exp, nbf = 0 } = claims.data;
  if (![aud].flat().includes(AUDIENCE)) return refused('wrong-audience');
  const nowSec = nowMs / 1_000;
  if (nowSec >= exp) return refused('expired');
  if (nowSec < nbf) return refused('wrong-claim');
  return { kind: 'valid', user: Number(sub) };
}

/** Verifies the token of an `Authorization` header. */
export function verifyBearer(keys: TokenKeys, authorization: string, nowMs: number): VerifiedToken {
  return verifyToken(keys, /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '', nowMs);
}
