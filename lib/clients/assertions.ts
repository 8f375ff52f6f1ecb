import { createHash, type KeyObject } from 'node:crypto';
import type { Request } from 'express';
import { addressOf } from '../address';
import { fault, toOAuthError } from '../errors';
import { algorithmOf } from '../jws/algorithms';
import { describeKind, wrongReturn } from '../received';
import { invalidClient } from '../refusals';
import { type Assertion, checkAudience, parseAssertion } from './assertion';
import type { Documents } from './documents';
import { findKeys, parseKeySet } from './key-set';
import type { AssertionConfiguration } from './options';
import { toInvalidClient } from './refusals';
import type { AssertionJti, JsonWebKeySet, RegisteredClient } from './types';
import { isDocumentUrl } from './url';

/** Parses an assertion, and checks that it is for this server. */
export function parseOwnAssertion(text: string, req: Request, configuration: AssertionConfiguration): Assertion {
  const { audience, tokenEndpoint, isCompat, algorithms } = configuration;
  try {
    const { audience: named, ...assertion } = parseAssertion(text, algorithms);
    const accepted = [
      urlOf('audience', audience, req),
      ...(isCompat ? [urlOf('tokenEndpoint', tokenEndpoint, req)] : []),
    ];
    checkAudience(named, accepted, isCompat);
    return assertion;
  } catch (thrown) {
    throw toInvalidClient(thrown);
  }
}

/** A function that returns no text is a fault of the host. */
function urlOf(name: string, url: string | ((req: Request) => string), req: Request): string {
  const text: unknown = typeof url === 'function' ? url(req) : url;
  if (typeof text === 'string' && text !== '') return text;
  throw wrongReturn(name, text, 'a URL, at once');
}

/** Verifies that the client signed the assertion, and that it is used once (RFC 7523 §3). */
export type VerifyAssertion = (assertion: Assertion, client: RegisteredClient, req: Request) => Promise<void>;

/** Marks the `jti` as used last, so that only a valid assertion uses it up. */
export function createAssertionVerifier(
  { consumeJti }: AssertionConfiguration,
  keySets: Documents<JsonWebKeySet>,
): VerifyAssertion {
  /** Finds the keys that fit. If there is none, fetches the client's URL again, because it may have a new key there. */
  async function findKeysOf(client: RegisteredClient, { kid, algorithm }: Assertion, req: Request) {
    const { jwks, jwksUri } = client;
    if (jwks !== undefined && jwks !== null)
      return { keys: findKeys(parseRegistered(jwks), kid, algorithm), renew: none };
    if (!isDocumentUrl(jwksUri))
      throw malformed('without jwks, and without a jwksUri that is an https URL. Return one of the two');
    const known = await findKeySet(jwksUri, req);
    const renew = async () => {
      const renewed = await keySets.renew(jwksUri);
      return renewed === undefined ? [] : findKeys(renewed, kid, algorithm);
    };
    const keys = findKeys(known, kid, algorithm);
    return keys.length === 0 ? { keys: await renew(), renew: none } : { keys, renew: kid === undefined ? renew : none };
  }

  async function findKeySet(url: string, req: Request): Promise<JsonWebKeySet> {
    try {
      return await keySets.find(url, addressOf(req));
    } catch (thrown) {
      throw toOAuthError(thrown) ?? invalidClient('client_keys_unavailable', { cause: thrown });
    }
  }

  return async function verifyAssertion(assertion, client, req) {
    checkAlgorithm(client, assertion);
    const { keys, renew } = await findKeysOf(client, assertion, req);
    if (keys.length === 0) throw invalidClient('client_assertion_key_unknown');
    const isSigned = isSignedByOne(assertion, keys) || isSignedByOne(assertion, await renew());
    if (!isSigned) throw invalidClient('client_assertion_signature_wrong');
    await consume(jtiOf(assertion), consumeJti);
  };
}

const none = async (): Promise<KeyObject[]> => [];

const malformed = (what: string) =>
  fault('client_malformed', new TypeError(`findClient returned a client with private_key_jwt ${what}`));

function parseRegistered(jwks: unknown): JsonWebKeySet {
  try {
    return parseKeySet(jwks);
  } catch {
    throw malformed(`whose jwks is ${describeKind(jwks)}. Return a JWK set, { keys: [...] }`);
  }
}

function checkAlgorithm({ tokenEndpointAuthSigningAlg }: RegisteredClient, { algorithm }: Assertion): void {
  if (tokenEndpointAuthSigningAlg === undefined || tokenEndpointAuthSigningAlg === null) return;
  if (algorithmOf(tokenEndpointAuthSigningAlg) === algorithm) return;
  throw invalidClient('client_assertion_algorithm_unsupported');
}

const isSignedByOne = ({ algorithm, signed, signature }: Assertion, keys: readonly KeyObject[]): boolean =>
  keys.some((key) => algorithm.verify(signed, key, signature));

/** Two clients may use the same `jti`, so the key holds the client's id. */
function jtiOf({ clientId, jti, expiresAt }: Assertion): AssertionJti {
  const jkt = createHash('sha256').update(`express-token-router client_assertion ${clientId}`).digest('base64url');
  return { jti, jkt, expiresAt: new Date(expiresAt) };
}

async function consume(jti: AssertionJti, consumeJti: AssertionConfiguration['consumeJti']): Promise<void> {
  const isConsumed = await askStore(jti, consumeJti);
  if (isConsumed === true) return;
  if (isConsumed === false) throw invalidClient('client_assertion_replayed');
  throw fault('consume_jti_no_boolean', wrongReturn('consumeJti', isConsumed, 'true or false'));
}

async function askStore(jti: AssertionJti, consumeJti: AssertionConfiguration['consumeJti']): Promise<unknown> {
  try {
    return await consumeJti(jti);
  } catch (thrown) {
    throw toOAuthError(thrown) ?? fault('consume_jti_failed', thrown);
  }
}
