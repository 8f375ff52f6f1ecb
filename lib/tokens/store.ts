import type { Request } from 'express';
import { checkGrantId } from './record';
import type { Api, GrantStore, IssuerExchange } from './types';

/** Makes the options `saveRefreshToken` and `isRevoked` of a store. */
export function adaptStore({ saveRefreshToken, findGrant }: Pick<GrantStore, 'saveRefreshToken' | 'findGrant'>) {
  return {
    saveRefreshToken,
    async isRevoked({ code, refreshToken }: IssuerExchange, req: Request): Promise<boolean | 'unknown'> {
      const { grantId } = refreshToken ?? code;
      checkGrantId(grantId);
      const grant = await findGrant(String(grantId), req);
      return grant ? grant.isRevoked : 'unknown';
    },
  };
}

/** The longest lifetime of an access token or an ID token in milliseconds, plus a minute for clocks that differ. */
export function longestLifetime(apis: readonly Api[], idTokenLifetime: number): number {
  return Math.max(idTokenLifetime, ...apis.map(({ lifetime }) => lifetime)) * 1000 + 60_000;
}
