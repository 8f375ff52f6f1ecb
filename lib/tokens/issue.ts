import type { Request } from 'express';
import type { IssuedTokens } from '../types';
import { createAccessTokens } from './access-token';
import { createClaimReport } from './claim-report';
import { createCustomClaims } from './custom-claims';
import { type Granted, parseGranted } from './granted';
import { createIdTokens } from './id-token';
import type { ActiveKey } from './keyring';
import { createLooks } from './looks';
import type { IssuerConfiguration } from './options';
import { createRefreshTokens } from './refresh-token';
import { checkRevocation, grantRevoked } from './revocation';
import { backlog } from './signature';
import { checkStorePace, countStoreCalls } from './store-pace';
import type { IssuerExchange, SigningAlgorithm, TokenKind } from './types';
import { createProfiles } from './user-claims';

/** Finds the key that signs with this algorithm, or the first key if none is named. */
export type KeyFor = (alg: SigningAlgorithm | undefined) => ActiveKey;

/** Creates `issueTokens`, and its `check`, which finds out beforehand whether the tokens can be made. */
export function createIssue(configuration: IssuerConfiguration, keyFor: KeyFor) {
  const { signingTimeout, isRevoked } = configuration;
  const reportClaim = createClaimReport(configuration);
  const findCustomClaims = createCustomClaims(configuration);
  const findProfile = createProfiles(configuration, reportClaim);
  const issueAccessToken = createAccessTokens(configuration);
  const issueIdToken = createIdTokens(configuration);
  const issueRefreshToken = createRefreshTokens(configuration);
  const looks = createLooks();

  /** The keys that an exchange needs at this moment. */
  const keysOf = ({ apis: [{ accessToken, alg }], scopes }: Granted) => ({
    access: accessToken === 'jwt' ? keyFor(alg) : undefined,
    id: scopes.includes('openid') ? keyFor(undefined) : undefined,
  });
  const kindsOf = ({ scopes }: Granted): readonly TokenKind[] =>
    scopes.includes('openid') ? ['access_token', 'id_token'] : ['access_token'];
  const listKeys = ({ access, id }: ReturnType<typeof keysOf>) => [access, id].flatMap((key) => key ?? []);

  /**
   * Half of the act, because the other half is for spending and saving. `actTimeout` is missing if the host makes the
   * exchange itself.
   */
  const timeoutOf = ({ actTimeout = Number.POSITIVE_INFINITY }: IssuerExchange) =>
    Math.min(signingTimeout, actTimeout / 2);

  const countCalls = (granted: Granted, exchange: IssuerExchange) =>
    countStoreCalls(granted, !(granted.isOffline && issueRefreshToken.looksAtGrant(granted, exchange)));

  async function check(exchange: IssuerExchange, req: Request): Promise<void> {
    const granted = parseGranted(exchange, configuration);
    const keys = listKeys(keysOf(granted));
    const trials = keys.flatMap((key) => key.prove() ?? []);
    if (trials.length > 0) await Promise.all(trials);
    const release = backlog.promise(req, keys, timeoutOf(exchange));
    try {
      if (granted.isOffline) issueRefreshToken.check(granted, exchange);
      const profile = await findProfile(exchange, granted.scopes, req);
      const custom = await findCustomClaims(exchange, kindsOf(granted), req);
      const startedAt = performance.now();
      await checkRevocation(exchange, req, configuration);
      if (isRevoked) checkStorePace(performance.now() - startedAt, countCalls(granted, exchange), exchange);
      looks.keep(exchange, req, { profile, custom, release });
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  async function issueTokens(exchange: IssuerExchange, req: Request): Promise<IssuedTokens> {
    const look = looks.take(exchange, req);
    // Checked again, because a host that wraps this function may have lost `check`.
    const granted = parseGranted(exchange, configuration);
    const keys = keysOf(granted);
    const release = look?.release ?? backlog.promise(req, listKeys(keys), Number.POSITIVE_INFINITY);
    try {
      const profile = look?.profile ?? (await findProfile(exchange, granted.scopes, req));
      // The look did not know the key of the proof.
      const known = exchange.confirmation ? undefined : look?.custom;
      const custom = known ?? (await findCustomClaims(exchange, kindsOf(granted), req));
      for (const refused of custom.refused) reportClaim(refused, req);
      const accessToken = await issueAccessToken(granted, custom.access_token, exchange, keys.access, req);
      const about = { accessToken, profile, custom: custom.id_token };
      const idToken = keys.id && (await issueIdToken(granted, about, keys.id, req));
      const refresh = granted.isOffline ? await issueRefreshToken(granted, exchange, req) : undefined;
      if (refresh?.isRevoked) throw grantRevoked();
      // A store that has saved a token has checked its grant in the same step.
      if (refresh?.isRevoked === undefined) await checkRevocation(exchange, req, configuration);
      return {
        access_token: accessToken,
        expires_in: granted.lifetime,
        refresh_token: refresh?.refreshToken,
        id_token: idToken,
        scope: granted.scopes.length > 0 ? granted.scopes.join(' ') : undefined,
      };
    } finally {
      release();
    }
  }

  return Object.assign(issueTokens, { check });
}
