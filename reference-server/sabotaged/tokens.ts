/** A door that lets in whom it should not. */
import type { ServerParts } from '../server.ts';
import { verifyBearer } from '../token.ts';

/** The user an unverified token names; refused as before where it names none. */
function userOf(authorization: string): number | undefined {
  try {
    const body = authorization.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    const named = typeof claims === 'object' && claims !== null && 'sub' in claims;
    return named ? Number(claims.sub) : undefined;
  } catch {
    return undefined;
  }
}

const accepting = (accepted: readonly string[]): Partial<ServerParts> => ({
  verifyBearer(keys, authorization, nowMs) {
    const result = verifyBearer(keys, authorization, nowMs);
    if (result.kind === 'valid' || !accepted.includes(result.reason)) return result;
    const user = userOf(authorization);
    return user === undefined ? result : { kind: 'valid', user };
  },
});

export const expiredTokenAccepted = accepting(['expired']);

export const signatureIgnored = accepting(['bad-signature']);
