import type { Request } from 'express';
import type { Client, IssuedTokens } from '../types';
import { createAccessTokens } from './access-token';
import { createClaimReport } from './claim-report';
import { createCustomClaims } from './custom-claims';
import { type Granted, parseGranted } from './granted';
import { createIdTokens } from './id-token';
import { createKeyring, listMissing } from './keyring';
import { parseKeys, type SigningKey } from './keys';
import { createLooks } from './looks';
import { checkMistakes, parseIssuerOptions, type TokenIssuerOptions } from './options';
import { createRefreshTokens } from './refresh-token';
import { checkRevocation } from './revocation';
import { backlog } from './signature';
import { longestLifetime } from './store';
import type { AnyAuthorization, IssuerExchange, Jwk } from './types';
import { createProfiles } from './user-claims';

/** What `createTokenIssuer` returns. */
export interface TokenIssuer<Record extends AnyAuthorization, RequestingClient extends Client> {
  /** What `createTokenRouter` takes as `issueTokens`. If you wrap it, copy `check`. */
  issueTokens: {
    (exchange: IssuerExchange<Record, RequestingClient>, req: Request): Promise<IssuedTokens>;
    /** Refuses what could not be issued, before the code or the refresh token is spent. Saves nothing. */
    check: (exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Promise<void>;
  };
  /** The public halves of all keys (RFC 7517 §5), for `/.well-known/jwks.json`. */
  jwks: () => { keys: Jwk[] };
  /**
   * Replaces all keys; tokens that are being made keep theirs.
   *
   * @throws TypeError that lists every mistake; the keys are then as they were.
   */
  rotateKeys: (keys: readonly SigningKey[]) => void;
}

/**
 * Issues access tokens (RFC 9068), ID tokens (OpenID Connect Core §2) and refresh tokens for what was granted. Does not
 * decide what is granted: the authorization endpoint did.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createTokenIssuer<
  Record extends AnyAuthorization = AnyAuthorization,
  RequestingClient extends Client = Client,
>(options: TokenIssuerOptions<Record, RequestingClient>): TokenIssuer<Record, RequestingClient> {
  const configuration = parseIssuerOptions(options);
  const { apis, signingTimeout } = configuration;
  const reportClaim = createClaimReport(configuration);
  const customClaims = createCustomClaims(configuration, reportClaim);
  const findProfile = createProfiles(configuration, reportClaim);
  const issueAccessToken = createAccessTokens(configuration, customClaims);
  const issueIdToken = createIdTokens(configuration, customClaims);
  const issueRefreshToken = createRefreshTokens(configuration);
  const looks = createLooks();
  let keyring = createKeyring(configuration.keys);
  configuration.store?.keepGrantsFor(longestLifetime(options.apis, configuration.idTokenLifetime));

  /** The keys that an exchange needs, as they are now. */
  const keysOf = ({ apis: [{ accessToken, alg }], scopes }: Granted) => ({
    access: accessToken === 'jwt' ? keyring.keyFor(alg) : undefined,
    id: scopes.includes('openid') ? keyring.keyFor(undefined) : undefined,
  });
  const promiseSignatures = (keys: ReturnType<typeof keysOf>, req: Request, timeoutMs: number) =>
    backlog.promise(
      req,
      [keys.access, keys.id].flatMap((key) => key ?? []),
      timeoutMs,
    );

  async function check(exchange: IssuerExchange, req: Request): Promise<void> {
    const granted = parseGranted(exchange, configuration);
    const release = promiseSignatures(keysOf(granted), req, signingTimeout);
    try {
      const profile = await findProfile(exchange, granted.scopes, req);
      await checkRevocation(exchange, req, configuration);
      looks.keep(exchange, req, { profile, release });
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  async function issueTokens(exchange: IssuerExchange, req: Request): Promise<IssuedTokens> {
    const look = looks.take(exchange, req);
    // Checked again: a host that wraps this function may have lost its check.
    const granted = parseGranted(exchange, configuration);
    const keys = keysOf(granted);
    const release = look?.release ?? promiseSignatures(keys, req, Number.POSITIVE_INFINITY);
    try {
      const profile = look?.profile ?? (await findProfile(exchange, granted.scopes, req));
      const accessToken = await issueAccessToken(granted, exchange, keys.access, req);
      const idToken = keys.id && (await issueIdToken(granted, { accessToken, profile }, exchange, keys.id, req));
      const refreshToken = granted.isOffline ? await issueRefreshToken(granted, exchange, req) : undefined;
      await checkRevocation(exchange, req, configuration);
      return {
        access_token: accessToken,
        expires_in: granted.lifetime,
        refresh_token: refreshToken,
        id_token: idToken,
        scope: granted.scopes.length > 0 ? granted.scopes.join(' ') : undefined,
      };
    } finally {
      release();
    }
  }

  return {
    issueTokens: Object.assign(issueTokens, { check }) as TokenIssuer<Record, RequestingClient>['issueTokens'],
    jwks: () => keyring.jwks(),
    rotateKeys(keys) {
      const { parsed, mistakes } = parseKeys(keys);
      checkMistakes([...mistakes, ...keyring.listClashes(parsed), ...listMissing(parsed, apis.algorithms)]);
      keyring = createKeyring(parsed);
    },
  };
}
