import type { Request } from 'express';
import { describeValue } from '../received';
import type { AnyAuthorization, Authorization, RefreshTokenRecord } from '../tokens/types';
import type { AuthorizationCode, Awaitable, DpopJti } from '../types';
import type { Backend } from './backend';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { checkLeeway, checkStrictReplay, type StoreOptions } from './options';
import { isUserId } from './record';
import { createRefreshTokens } from './refresh-tokens';

/** The default record of a login: what the token endpoint and the issuer read. */
export type LoginRecord = AuthorizationCode & Authorization;

/** The least that a record must have. `audience` may be missing if `resources` is a list. */
export type AnyLoginRecord = AuthorizationCode & AnyAuthorization;

/** One store for codes, refresh tokens, grants and the `jti`s of DPoP proofs. */
export function createStore<Record extends AnyLoginRecord>(
  name: string,
  backend: Backend,
  consumeJti: (jti: DpopJti) => Awaitable<boolean>,
  options: StoreOptions,
) {
  const { spentLifetime, keepGrantsFor } = createSpentLifetime(name, options.spentLifetime);
  const leeway = checkLeeway(name, options.leeway);
  const strictReplay = checkStrictReplay(name, options.strictReplay);
  const codes = createCodes<Record>(backend, { strictReplay, spentLifetime });
  const tokens = createRefreshTokens<RefreshTokenRecord<Record>>(backend, { leeway, keptAfter: spentLifetime });
  const grants = createGrants(backend, spentLifetime);
  const { findCode, consumeCode } = codes;
  const { findRefreshToken, consumeRefreshToken } = tokens;
  const { revokeTokens } = grants;

  return {
    ...codes,
    ...tokens,
    ...grants,
    keepGrantsFor,
    /** For `createDpopVerifier`: returns `true` for the first use of the `jti` of a DPoP proof (RFC 9449 §11.1). */
    consumeJti: async (jti: DpopJti): Promise<boolean> => consumeJti(jti),
    /** Revokes every login of a user, by the `userId` of the records: "sign out everywhere". */
    async revokeUser(userId: string, req?: Request): Promise<void> {
      if (!isUserId(userId)) {
        throw new TypeError(
          `revokeUser: userId is ${describeValue(userId)}. Pass a string that is not empty, or a number.`,
        );
      }
      await backend.revokeUser(backend.digest(String(userId)), spentLifetime(), req);
    },
    /** The adapters for `createTokenRouter`. Spread them into its options. */
    adapters: { findCode, consumeCode, revokeTokens, refresh: { findRefreshToken, consumeRefreshToken, revokeTokens } },
  };
}

/** What `memoryStore`, `redisStore` and `postgresStore` return. */
export type Store<Record extends AnyLoginRecord = LoginRecord> = ReturnType<typeof createStore<Record>>;
