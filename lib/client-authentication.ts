import type { Request } from 'express';
import { fault, OAuthError } from './errors';
import type { Deadline } from './http/deadline';
import type { Place } from './http/place';
import { describeValue } from './received';
import { invalidClient } from './refusals';
import type { Client, ClientCredentials, TokenRouterOptions } from './types';

/** Returns the client that the credentials prove, or throws a refusal. */
export type Authenticate = (
  credentials: ClientCredentials,
  req: Request,
  deadline: Deadline,
  place: Place,
) => Promise<Client>;

/** Without `authenticateClient`, every client is public and credentials are refused (RFC 6749 §3.2.1). */
export function createClientAuthentication(authenticateClient: TokenRouterOptions['authenticateClient']): Authenticate {
  if (authenticateClient === undefined) return async (credentials) => parsePublicClient(credentials);

  return async function authenticate(credentials, req, deadline, place) {
    const ask = () => authenticateClient(credentials, req);
    // The address may have reached its limit since it was admitted: while its body arrived, or while it waited for its
    // turn.
    const askIfStanding = () => {
      deadline.checkStanding();
      return ask();
    };
    // Comparing a secret may be expensive, so it takes turns. A client without a credential has nothing to guess.
    const askInTurn = () => (credentials.method === 'none' ? ask() : place.authenticate(askIfStanding));
    const client = await deadline.look('authenticateClient', askInTurn);
    if (client === null || client === undefined) throw invalidClient('client_refused');
    checkClient(client);
    checkClaim(client, credentials);
    return client;
  };
}

/** The id of a public client as Basic sent it, if decoding changed it (RFC 6749 §2.3.1). */
const idsAsSent = new WeakMap<Client, string>();

function parsePublicClient(credentials: ClientCredentials): Client {
  if (credentials.method !== 'none') throw invalidClient('client_authentication_unsupported');
  const client = { clientId: credentials.clientId };
  if (credentials.clientIdAsSent !== undefined) idsAsSent.set(client, credentials.clientIdAsSent);
  return client;
}

/**
 * Whether the record belongs to this client. Only a public client can still have two forms of its id here, because no
 * adapter looked it up.
 */
export function isOwner(client: Client, ownerId: string): boolean {
  return client.clientId === ownerId || idsAsSent.get(client) === ownerId;
}

/** Returns the client with the form of its id that the record was saved with. */
export function asOwner(client: Client, ownerId: string): Client {
  return client.clientId === ownerId ? client : { clientId: ownerId };
}

/** Throws `unauthorized_client` if the client may not use this grant (RFC 6749 §5.2). */
export function checkGrantType({ grantTypes }: Client, grantType: string): void {
  if (grantTypes === undefined || grantTypes === null || grantTypes.includes(grantType)) return;
  throw grantTypeNotAllowed();
}

export const grantTypeNotAllowed = () =>
  new OAuthError('unauthorized_client', 'The client may not use this grant', { reason: 'grant_type_not_allowed' });

/**
 * Whether a flag of a client is set. Some databases return `0` and `1` for booleans, and `null` for an empty column.
 */
export const isSet = (flag: Client['omitsRedirectUri']): boolean => flag === true || flag === 1;

const FLAGS: readonly unknown[] = [undefined, null, true, false, 0, 1];
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isFlag = { isSound: (value: unknown) => FLAGS.includes(value), expected: 'true, false or null' };

/** The members of a client that the endpoint reads, and what each may be. */
const MEMBERS: Readonly<Record<string, { isSound: (value: unknown) => boolean; expected: string }>> = {
  clientId: { isSound: isText, expected: 'a string that is not empty' },
  dpopBoundAccessTokens: isFlag,
  omitsRedirectUri: isFlag,
  grantTypes: {
    isSound: (value) => isAbsent(value) || (Array.isArray(value) && value.every((item) => typeof item === 'string')),
    expected: 'an array of strings or null',
  },
  tokenEndpointAuthMethod: {
    isSound: (value) => isAbsent(value) || isText(value),
    expected: "a method such as 'client_secret_basic' or null",
  },
};

// Made once, because every redemption reads it.
const MEMBER_LIST = Object.entries(MEMBERS);

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function checkClient(client: Client): void {
  const record = Object(client) as Record<string, unknown>;
  for (const [name, { isSound, expected }] of MEMBER_LIST) {
    if (isSound(record[name])) continue;
    const cause = new TypeError(
      `authenticateClient returned a client whose ${name} is ${describeValue(record[name])}; it must be ${expected}`,
    );
    throw fault('client_malformed', cause);
  }
}

/**
 * Checks that the client is the one that the request named, and that it used its registered method (RFC 7521 §4.2,
 * RFC 7591 §2). Throws refusals and not faults, because a request can cause both.
 */
function checkClaim({ clientId, tokenEndpointAuthMethod }: Client, credentials: ClientCredentials): void {
  const { method, clientId: claimed, clientIdAsSent } = credentials;
  if (claimed !== undefined && clientId !== claimed && clientId !== clientIdAsSent) {
    const cause = new TypeError(
      `authenticateClient returned the client ${describeValue(clientId)}, but the request names ${describeValue(claimed)}`,
    );
    throw invalidClient('client_mismatch', { cause });
  }
  if (!isAbsent(tokenEndpointAuthMethod) && tokenEndpointAuthMethod !== method) {
    throw invalidClient('client_authentication_method_wrong');
  }
}
