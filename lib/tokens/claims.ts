import type { ParsedRecord } from './record';
import type { Claims } from './types';

/** `iat` and `exp` of a token that is issued now, in seconds (RFC 7519 §2). */
export function clockOf(lifetime: number): { iat: number; exp: number } {
  const iat = Math.floor(Date.now() / 1000);
  return { iat, exp: iat + lifetime };
}

/** The claims about how and when the user signed in, if they are known (RFC 9068 §2.2.1, OpenID Connect Core §2). */
export function authenticationClaims({ authTime, acr, amr }: ParsedRecord): Claims {
  return {
    ...(authTime !== null && { auth_time: authTime }),
    ...(acr !== null && { acr }),
    ...(amr !== null && { amr }),
  };
}
