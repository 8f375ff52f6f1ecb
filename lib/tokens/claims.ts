import type { ParsedRecord } from './record';
import type { Claims } from './types';

/** The instants of a token that is issued now, in seconds (RFC 7519 §2). */
export function clockOf(lifetime: number): { iat: number; exp: number } {
  const iat = Math.floor(Date.now() / 1000);
  return { iat, exp: iat + lifetime };
}

/** How and when the user signed in, as far as it is known (RFC 9068 §2.2.1, OpenID Connect Core §2). */
export function authenticationClaims({ authTime, acr, amr }: ParsedRecord): Claims {
  return {
    ...(authTime !== null && { auth_time: authTime }),
    ...(acr !== null && { acr }),
    ...(amr !== null && { amr }),
  };
}
