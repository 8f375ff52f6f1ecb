import { parseKeySet } from './key-set';
import type { MetadataClient } from './types';
import { isDocumentUrl } from './url';

type Json = Readonly<Record<string, unknown>>;

const MAX_REDIRECT_URIS = 50;
const MAX_NAME_LENGTH = 100;
/** An absolute URI (RFC 3986 §4.3) without a fragment, and without the wildcard of registrations. */
const REDIRECT_URI = /^[a-z][a-z\d+.-]*:[\x21-\x22\x24-\x29\x2B-\x5B\x5D-\x7E]+$/i;
/** Schemes that a browser runs or opens itself. */
const UNSAFE_SCHEME = /^(?:javascript|data|vbscript|blob|file|about|view-source|ws|wss|ftp):/i;
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(?:[/?]|$)/i;
/** A client without a registration may only get tokens for a user who consented. */
const GRANT_TYPES = ['authorization_code', 'refresh_token'];

/**
 * Parses the client in a document (RFC 7591 §2; draft-ietf-oauth-client-id-metadata-document). Ignores unknown members.
 *
 * @throws Error that says what is wrong.
 */
export function parseMetadata(json: unknown, url: string): MetadataClient {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('it is no JSON object');
  const document = json as Json;
  if (document.client_id !== url) throw new Error('client_id is not the URL of the document, byte for byte');
  if ('client_secret' in document || 'client_secret_expires_at' in document)
    throw new Error('it holds a client_secret');
  const keys = parseKeys(document);
  return {
    clientId: url,
    redirectUris: parseRedirectUris(document.redirect_uris),
    tokenEndpointAuthMethod: parseMethod(document, keys),
    grantTypes: parseGrantTypes(document.grant_types),
    applicationType: parseApplicationType(document.application_type),
    dpopBoundAccessTokens: document.dpop_bound_access_tokens === true,
    tokenEndpointAuthSigningAlg: parseAlgorithm(document.token_endpoint_auth_signing_alg),
    ...keys,
    display: {
      host: new URL(url).host,
      name: parseName(document.client_name),
      uri: parseLink(document.client_uri),
      logoUri: parseLink(document.logo_uri),
    },
  };
}

function parseRedirectUris(uris: unknown): string[] {
  const isList = Array.isArray(uris) && uris.length > 0 && uris.length <= MAX_REDIRECT_URIS;
  if (!isList || !uris.every(isRedirectUri)) {
    throw new Error(
      `redirect_uris is no list of 1 to ${MAX_REDIRECT_URIS} absolute URIs: https, loopback or a scheme of an app`,
    );
  }
  return uris;
}

function isRedirectUri(uri: unknown): uri is string {
  if (typeof uri !== 'string' || uri.length > 2048 || !REDIRECT_URI.test(uri) || UNSAFE_SCHEME.test(uri)) return false;
  if (/^http:/i.test(uri)) return LOOPBACK.test(uri);
  return !/^https:/i.test(uri) || isDocumentUrl(uri);
}

function parseKeys({ jwks, jwks_uri }: Json) {
  if (jwks !== undefined && jwks_uri !== undefined) throw new Error('it holds both jwks and jwks_uri');
  if (jwks_uri !== undefined && !isDocumentUrl(jwks_uri)) throw new Error('jwks_uri is no https URL');
  return { jwks: jwks === undefined ? null : parseKeySet(jwks), jwksUri: jwks_uri ?? null };
}

/**
 * A client in a public document cannot have a secret. If it has keys and names no method, it uses `private_key_jwt`.
 */
function parseMethod({ token_endpoint_auth_method: method }: Json, { jwks, jwksUri }: ReturnType<typeof parseKeys>) {
  const hasKeys = jwks !== null || jwksUri !== null;
  const meant = method === undefined ? (hasKeys ? 'private_key_jwt' : 'none') : method;
  if (meant !== 'none' && meant !== 'private_key_jwt') {
    throw new Error('token_endpoint_auth_method is neither none nor private_key_jwt');
  }
  if (meant === 'private_key_jwt' && !hasKeys) throw new Error('private_key_jwt needs jwks or jwks_uri');
  return meant;
}

function parseGrantTypes(types: unknown): string[] {
  // The default of RFC 7591 §2.
  if (types === undefined) return ['authorization_code'];
  if (!Array.isArray(types)) throw new Error('grant_types is no list');
  return GRANT_TYPES.filter((type) => types.includes(type));
}

function parseApplicationType(type: unknown): 'native' | 'web' | null {
  return type === 'native' || type === 'web' ? type : null;
}

function parseAlgorithm(alg: unknown): string | null {
  if (alg === undefined) return null;
  if (typeof alg === 'string') return alg;
  throw new Error('token_endpoint_auth_signing_alg is no string');
}

/**
 * Makes a name safe to show: one line, without invisible characters and those that change the direction of the text.
 */
function parseName(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  const shown = name
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return shown === '' ? null : [...shown].slice(0, MAX_NAME_LENGTH).join('');
}

const parseLink = (link: unknown): string | null => (isDocumentUrl(link) ? link : null);
