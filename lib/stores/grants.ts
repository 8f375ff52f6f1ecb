import type { Request } from 'express';
import type { Backend } from './backend';
import { checkGrantId } from './record';

/**
 * Grants, by which all tokens of a login are revoked. `lifetime`: milliseconds for which a revoked grant is remembered.
 */
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
    /** Revokes the grant, known or not: all tokens that were issued, that are being issued, and that will be. */
    revokeTokens: ({ grantId }: { grantId: string }, req?: Request): Promise<void> =>
      revoke('revokeTokens', grantId, req),

    /** Whether the grant is revoked. Also `true` for an unknown grant. */
    async isRevoked(grantId: string, req?: Request): Promise<boolean> {
      const found = await find('isRevoked', grantId, req);
      return found?.isRevoked ?? true;
    },

    /** Revokes one login, for a logout. */
    revokeGrant: (grantId: string, req?: Request): Promise<void> => revoke('revokeGrant', grantId, req),

    /** Finds a grant. `null` if the store does not know it, or not any more. */
    findGrant: (grantId: string, req?: Request): Promise<{ isRevoked: boolean } | null> =>
      find('findGrant', grantId, req),
  };
}
