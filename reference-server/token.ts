/**
 * Users' tokens: JWTs signed with HS256, for the audience `chat`, the subject
 * being the user's number. The algorithm is pinned, so `none` and anything
 * else is refused whatever the token claims; an expiry is required.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const AUDIENCE = 'chat';

export const TOKEN_REFUSALS = [
  'missing',
  'malformed',
  'wrong-algorithm',
  'bad-signature',
  'expired',
  'wrong-claim',
] as const;
export type TokenRefusal = (typeof TOKEN_REFUSALS)[number];

export type VerifiedToken =
  | { readonly kind: 'valid'; readonly user: number; readonly expiresAtMs: number }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal };

export const tokenKey = (secret: string): KeyObject => createSecretKey(Buffer.from(secret, 'utf8'));

export function signToken(secret: string, user: number, expiresInSec: number): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(String(user))
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSec)
    .sign(tokenKey(secret));
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong-algorithm';
  if (error instanceof errors.JWTClaimValidationFailed) return 'wrong-claim';
  return 'malformed';
}

export async function verifyToken(key: KeyObject, token: string): Promise<VerifiedToken> {
  if (token === '') return { kind: 'refused', reason: 'missing' };
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
    });
    const user = /^\d{1,9}$/.test(payload.sub ?? '') ? Number(payload.sub) : undefined;
    if (user === undefined || payload.exp === undefined) {
      return { kind: 'refused', reason: 'wrong-claim' };
    }
    return { kind: 'valid', user, expiresAtMs: payload.exp * 1_000 };
  } catch (error) {
    return { kind: 'refused', reason: refusalOf(error) };
  }
}
