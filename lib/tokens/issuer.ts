import type { Request } from 'express';
import { tellFacts } from '../facts';
import type { Client, IssuedTokens } from '../types';
import { createClientTokens } from './client-tokens';
import { createIssue, type KeyFor } from './issue';
import { createKeyring, listMissing } from './keyring';
import { parseKeys, type SigningKey } from './keys';
import { checkMistakes, parseIssuerOptions, type TokenIssuerOptions } from './options';
import { longestLifetime } from './store';
import type { AnyAuthorization, IssueClientTokens, IssuerExchange, Jwk } from './types';

/** What `createTokenIssuer` returns. */
export interface TokenIssuer<Record extends AnyAuthorization, RequestingClient extends Client> {
  /** What `createTokenRouter` takes as `issueTokens`. If you wrap it, copy `check`. */
  issueTokens: {
    (exchange: IssuerExchange<Record, RequestingClient>, req: Request): Promise<IssuedTokens>;
    /** Called before the code or the refresh token is spent. Throws if the tokens cannot be issued. Saves nothing. */
    check: (exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Promise<void>;
  };
  /**
   * What `clientCredentials` of `./clients` takes as `issueTokens`. The client is the subject of the token
   * (RFC 9068 §2.2).
   */
  issueClientTokens: IssueClientTokens<RequestingClient>;
  /** The public halves of all keys (RFC 7517 §5), for `/.well-known/jwks.json`. */
  jwks: () => { keys: Jwk[] };
  /**
   * Replaces all keys. Tokens that are being made at this moment keep their key.
   *
   * @throws TypeError that lists every mistake. Then the keys stay as they were.
   */
  rotateKeys: (keys: readonly SigningKey[]) => void;
}

/**
 * Creates an issuer of access tokens (RFC 9068), ID tokens (OpenID Connect Core §2) and refresh tokens. It does not
 * decide what is granted: the authorization endpoint does.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createTokenIssuer<
  Record extends AnyAuthorization = AnyAuthorization,
  RequestingClient extends Client = Client,
>(options: TokenIssuerOptions<Record, RequestingClient>): TokenIssuer<Record, RequestingClient> {
  const configuration = parseIssuerOptions(options);
  const { apis } = configuration;
  let keyring = createKeyring(configuration.keys);
  const keyFor: KeyFor = (alg) => keyring.keyFor(alg);
  configuration.store?.keepGrantsFor(longestLifetime(options.apis, configuration.idTokenLifetime));

  const { idTokenLifetime, refreshTokenIdleLifetime, refreshTokenLifetime, signingTimeout, store } = configuration;
  const lifetimes = { apis: options.apis, idTokenLifetime, refreshTokenIdleLifetime, refreshTokenLifetime };
  const issueTokens = tellFacts(createIssue(configuration, keyFor), {
    issuer: { ...lifetimes, signingTimeout, hasStore: store !== undefined },
  });

  return {
    issueTokens: issueTokens as TokenIssuer<Record, RequestingClient>['issueTokens'],
    issueClientTokens: createClientTokens(configuration, keyFor) as IssueClientTokens<RequestingClient>,
    jwks: () => keyring.jwks(),
    rotateKeys(keys) {
      const { parsed, mistakes } = parseKeys(keys);
      checkMistakes([...mistakes, ...keyring.listClashes(parsed), ...listMissing(parsed, apis.algorithms)]);
      keyring = createKeyring(parsed);
    },
  };
}
