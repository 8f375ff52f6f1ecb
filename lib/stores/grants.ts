import type { Request } from 'express';
import type { Backend } from './backend';
import { checkGrantId } from './record';

/** Grants: what all tokens of a login are revoked by. `lifetime`: milliseconds that a revoked one is remembered. */
export function createGrants(backend: Backend, lifetime: () => number) {
  const revoke = async (name: string, grantId: unknown, req: Request | undefined) => {
    checkGrantId(name, grantId);
    await backend.revoke(backend.digest(String(grantId)), lifetime(), req);
  };
  const find = async (name: string, grantId: string, req: Request | undefined) => {
    checkGrantId(name, grantId);
    return backend.findGrant(backend.digest(grantId), req);
  };

  return {
    /** Revokes the grant, known or not: what was issued, what is being issued now, and what will be. */
    revokeTokens: ({ grantId }: { grantId: string }, req?: Request): Promise<void> =>
      revoke('revokeTokens', grantId, req),

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    async isRevoked(grantId: string, req?: Request): Promise<boolean> {
      const found = await find('isRevoked', grantId, req);
      return found?.isRevoked ?? true;
    },

    /** Ends one login, as a logout does. */
    revokeGrant: (grantId: string, req?: Request): Promise<void> => revoke('revokeGrant', grantId, req),

    /** Tells a grant that is revoked from one that the store does not know, or not any more (`null`). */
    findGrant: (grantId: string, req?: Request): Promise<{ isRevoked: boolean } | null> =>
      find('findGrant', grantId, req),
  };
}
