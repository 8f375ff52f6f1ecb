import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';
import type { ClientCredentials } from '../types';
import { checkCharacters, type ReadParameter, readFields, requireParameter } from './parameters';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Basic {
  clientId: string | undefined;
  secret: { clientSecret: string; clientSecretAsSent?: string } | undefined;
}

const invalidRequest = (reason: Reason, description: string) =>
  new OAuthError('invalid_request', description, { reason });

/** The one answer to whatever is wrong with a client, so that nobody learns what it was. */
export const invalidClient = (reason: Reason) =>
  new OAuthError('invalid_client', 'Client authentication failed', { reason });

/** How the client identifies itself (RFC 6749 §2.3 and §3.2.1, RFC 7523 §2.2; CONTRACT C1 to C5, C7, C10). */
export function parseClientCredentials(req: Request, readParameter: ReadParameter): ClientCredentials {
  const bodyClientId = readParameter('client_id');
  const bodySecret = readParameter('client_secret');
  const assertion = parseAssertion(readParameter);
  const basic = parseAuthorization(req);

  if ([basic?.secret, bodySecret, assertion].filter((mechanism) => mechanism !== undefined).length > 1) {
    throw invalidRequest('client_authentication_repeated', 'The client must authenticate in one way only');
  }
  if (basic?.clientId !== undefined && bodyClientId !== undefined && basic.clientId !== bodyClientId) {
    throw invalidRequest('client_id_conflict', 'The parameter client_id is not the client that authenticates');
  }

  if (assertion !== undefined) {
    const clientId = bodyClientId ?? basic?.clientId;
    return { method: 'private_key_jwt', clientAssertion: assertion, ...(clientId !== undefined && { clientId }) };
  }
  const clientId = basic?.clientId ?? requireParameter(readParameter, 'client_id');
  if (basic?.secret) return { method: 'client_secret_basic', clientId, ...basic.secret };
  if (bodySecret !== undefined) return { method: 'client_secret_post', clientId, clientSecret: bodySecret };
  return { method: 'none', clientId };
}

function parseAssertion(readParameter: ReadParameter): string | undefined {
  const assertion = readParameter('client_assertion');
  const type = readParameter('client_assertion_type');
  if (assertion === undefined && type === undefined) return undefined;
  if (requireParameter(readParameter, 'client_assertion_type') !== JWT_BEARER) {
    throw invalidClient('client_assertion_type_unsupported');
  }
  return requireParameter(readParameter, 'client_assertion');
}

function parseAuthorization(req: Request): Basic | undefined {
  const [field, ...more] = readFields(req, 'authorization');
  if (field === undefined) return undefined;
  if (more.length > 0) throw invalidRequest('authorization_repeated', 'The Authorization header must be sent once');
  if (!/^Basic(?: |$)/i.test(field)) throw invalidClient('authorization_scheme_unsupported');
  return parseBasic(field.slice('Basic'.length).trimStart());
}

/**
 * `client_id:client_secret`, split at the first colon, each form-encoded (RFC 6749 §2.3.1). An empty secret is what
 * several client libraries send for a public client: no credential.
 */
function parseBasic(token: string): Basic {
  const pair = decodeBase64(token);
  const colon = pair.indexOf(':');
  if (colon === -1) throw invalidClient('authorization_malformed');

  const clientId = decodeForm('client_id', pair.slice(0, colon));
  const asSent = pair.slice(colon + 1);
  const clientSecret = decodeForm('client_secret', asSent);
  return {
    clientId: clientId === '' ? undefined : clientId,
    secret:
      asSent === '' ? undefined : { clientSecret, ...(clientSecret !== asSent && { clientSecretAsSent: asSent }) },
  };
}

function decodeBase64(token: string): string {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64') !== token) throw invalidClient('authorization_malformed');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidClient('authorization_malformed');
  }
}

function decodeForm(name: string, asSent: string): string {
  checkCharacters(name, asSent);
  try {
    return checkCharacters(name, decodeURIComponent(asSent.replaceAll('+', ' ')));
  } catch (thrown) {
    if (thrown instanceof URIError) return asSent;
    throw thrown;
  }
}
