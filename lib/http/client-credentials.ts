import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';
import { invalidClient } from '../refusals';
import type { ClientCredentials } from '../types';
import { type Basic, type Forms, parseBasic } from './basic';
import {
  type Body,
  createParameterReader,
  missingParameter,
  type ReadParameter,
  readFields,
  requireParameter,
} from './parameters';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const invalidRequest = (reason: Reason, description: string) =>
  new OAuthError('invalid_request', description, { reason });

/**
 * Reads how a client identifies itself (RFC 6749 §2.3 and §3.2.1, RFC 7523 §2.2), for endpoints of your own. Verifies
 * nothing: pass the result to your `authenticateClient`. `body` is an object of the parsed parameters.
 *
 * @throws OAuthError `invalid_request` or `invalid_client`, as the token endpoint does.
 */
export function parseClientCredentials(req: Request, body: unknown = req.body): ClientCredentials {
  return readClientCredentials(req, createParameterReader(Object(body) as Body));
}

/** Reads the credentials of a request (RFC 6749 §2.3.1, RFC 7521 §4.2). */
export function readClientCredentials(
  req: Request,
  readParameter: ReadParameter,
  { needsCredential = false } = {},
): ClientCredentials {
  const bodySecret = readParameter('client_secret');
  const assertion = parseAssertion(readParameter);
  const basic = parseAuthorization(req);

  if ([basic?.secret, bodySecret, assertion].filter((mechanism) => mechanism !== undefined).length > 1) {
    throw invalidRequest('client_authentication_repeated', 'The client must authenticate in one way only');
  }
  const id = chooseId(basic?.id, readParameter('client_id'));

  if (assertion !== undefined) return { method: 'private_key_jwt', clientAssertion: assertion, ...id };
  if (needsCredential && basic?.secret === undefined && bodySecret === undefined) {
    throw invalidClient('client_credential_missing');
  }
  if (id === undefined) throw missingParameter('client_id');
  if (basic?.secret) {
    const { decoded, asSent } = basic.secret;
    return {
      method: 'client_secret_basic',
      ...id,
      clientSecret: decoded,
      ...(asSent !== undefined && { clientSecretAsSent: asSent }),
    };
  }
  if (bodySecret !== undefined) return { method: 'client_secret_post', ...id, clientSecret: bodySecret };
  return { method: 'none', ...id };
}

/** Chooses the form of the id in Basic. A `client_id` in the body says which one is meant (RFC 6749 §2.3.1). */
function chooseId(basic: Forms | undefined, inBody: string | undefined) {
  if (basic === undefined) return inBody === undefined ? undefined : { clientId: inBody };
  const { decoded, asSent } = basic;
  if (inBody === undefined) return { clientId: decoded, ...(asSent !== undefined && { clientIdAsSent: asSent }) };
  if (inBody === decoded || inBody === asSent) return { clientId: inBody };
  throw invalidRequest('client_id_conflict', 'The parameter client_id is not the client that authenticates');
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
