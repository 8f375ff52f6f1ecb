import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Client, IssuedTokens } from '../types';
import { createAccessTokens } from './access-token';
import { createCustomClaims } from './custom-claims';
import { parseGranted } from './granted';
import { createIdTokens } from './id-token';
import { createKeyring } from './keyring';
import { parseKeys, type SigningKey } from './keys';
import { checkMistakes, type IssuerConfiguration, parseIssuerOptions, type TokenIssuerOptions } from './options';
import { createRefreshTokens } from './refresh-token';
import type { Authorization, Claims, IssuerExchange, Jwk } from './types';

/** What `createTokenIssuer` returns. */
export interface TokenIssuer<Record extends Authorization, RequestingClient extends Client> {
  /** What `createTokenRouter` takes as `issueTokens`. */
  issueTokens: (exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Promise<IssuedTokens>;
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
  Record extends Authorization = Authorization,
  RequestingClient extends Client = Client,
>(options: TokenIssuerOptions<Record, RequestingClient>): TokenIssuer<Record, RequestingClient> {
  const configuration = parseIssuerOptions(options);
  const customClaims = createCustomClaims(configuration);
  const issueAccessToken = createAccessTokens(configuration, customClaims);
  const issueIdToken = createIdTokens(configuration, customClaims);
  const issueRefreshToken = createRefreshTokens(configuration);
  let keyring = createKeyring(configuration.keys);

  async function issueTokens(exchange: IssuerExchange, req: Request): Promise<IssuedTokens> {
    const granted = parseGranted(exchange, configuration);
    const { api, scopes, isOffline } = granted;
    const { active } = keyring;
    const user = await findUser(exchange, req, configuration);

    const accessToken = await issueAccessToken(granted, exchange, active, req);
    const isOpenId = scopes.includes('openid');
    const idToken = isOpenId ? await issueIdToken(granted, { accessToken, user }, exchange, active, req) : undefined;
    // Left out by a host that makes the exchange itself: then the token is spent, and its client needs another one.
    const isKept = exchange.refreshToken !== undefined && exchange.isRotated === false;
    const refreshToken = isOffline && !isKept ? await issueRefreshToken(granted, exchange, req) : undefined;
    await checkRevocation(exchange, req, configuration);
    return {
      access_token: accessToken,
      expires_in: api.lifetime,
      refresh_token: refreshToken,
      id_token: idToken,
      scope: scopes.length > 0 ? scopes.join(' ') : undefined,
    };
  }

  return {
    issueTokens: issueTokens as TokenIssuer<Record, RequestingClient>['issueTokens'],
    jwks: () => keyring.jwks(),
    rotateKeys(keys) {
      const { parsed, mistakes } = parseKeys(keys);
      checkMistakes([...mistakes, ...keyring.listClashes(parsed)]);
      keyring = createKeyring(parsed);
    },
  };
}

async function findUser(exchange: IssuerExchange, req: Request, { users }: IssuerConfiguration): Promise<Claims> {
  if (!users) return {};
  const user: unknown = await users(exchange, req);
  if (user === null || user === undefined) {
    throw new OAuthError('invalid_grant', 'The user is not known any more', { reason: 'user_unknown' });
  }
  if (typeof user !== 'object') throw new TypeError('users returns the standard claims of the user, or null');
  return user as Claims;
}

/** The last step: what was issued while its grant was revoked does not leave (RFC 6749 §4.1.2, RFC 9700 §4.14). */
async function checkRevocation(
  exchange: IssuerExchange,
  req: Request,
  { isRevoked }: IssuerConfiguration,
): Promise<void> {
  if (!isRevoked) return;
  const answer: unknown = await isRevoked(exchange, req);
  if (answer === false) return;
  if (answer !== true) throw new TypeError('isRevoked returns true or false');
  throw new OAuthError('invalid_grant', 'The grant was revoked', { reason: 'grant_revoked' });
}
