import type { Authorization, Claims } from './types';

/** The instants of a token that is issued now, in seconds (RFC 7519 §2). */
export function clockOf(lifetime: number): { iat: number; exp: number } {
  const iat = Math.floor(Date.now() / 1000);
  return { iat, exp: iat + lifetime };
}

/** How and when the user signed in, as far as it is known (RFC 9068 §2.2.1, OpenID Connect Core §2). */
export function authenticationClaims({ authTime, acr, amr }: Authorization): Claims {
  return {
    ...(authTime && { auth_time: Math.floor(authTime.getTime() / 1000) }),
    ...(acr && { acr }),
    ...(amr && { amr }),
  };
}

/** What a saved token is revoked by. */
export function requireGrantId({ grantId }: Authorization): string {
  if (typeof grantId === 'string' && grantId !== '') return grantId;
  throw new TypeError('The record of the exchange has no grantId: a token that is saved must be revocable');
}
