import cors from 'cors';
import { type RequestHandler, Router } from 'express';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { isPlainAdapter } from '../options/adapters';
import { describeValue } from '../received';
import type { AuthorizationServerMetadata, JwksRouterOptions, MetadataRouterOptions } from './types';

const DEFAULT_MAX_AGE = 300;

/**
 * Serves the metadata at the well-known URLs of RFC 8414 §3.1 and, with ID tokens, of OpenID Connect Discovery §4. Also
 * serves the keys at `jwks_uri`, if you pass `jwks`. Mount it at the root of the issuer's host. Pages of every origin
 * may read it.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createMetadataRouter(options: MetadataRouterOptions): Router {
  const { metadata, jwks, maxAge = DEFAULT_MAX_AGE } = Object(options) as MetadataRouterOptions;
  const { issuer, jwks_uri: jwksUri } = Object(metadata) as Partial<AuthorizationServerMetadata>;
  throwMistakes('createMetadataRouter', [
    ...listUnknown(options, ['metadata', 'jwks', 'maxAge']),
    ...(typeof issuer === 'string'
      ? []
      : [`metadata is ${describeValue(metadata)}. Pass what authorizationServerMetadata returned.`]),
    ...(jwks === undefined ? [] : listJwksMistakes(jwks)),
    ...(jwks !== undefined && typeof issuer === 'string' && jwksUri === undefined
      ? ['jwks is served nowhere, because metadata has no jwks_uri. Pass jwks to authorizationServerMetadata as well.']
      : []),
    ...listMistakes(maxAge),
  ]);
  const router = Router();
  for (const path of pathsOf(metadata)) serveDocument(router, path, maxAge, () => metadata);
  if (jwks) serveDocument(router, new URL(String(jwksUri)).pathname, maxAge, jwks);
  return router;
}

/**
 * Serves the public keys (RFC 7517 §5). Pages of every origin may read them.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createJwksRouter(options: JwksRouterOptions): Router {
  const { jwks, path = '/.well-known/jwks.json', maxAge = DEFAULT_MAX_AGE } = Object(options) as JwksRouterOptions;
  throwMistakes('createJwksRouter', [
    ...listUnknown(options, ['jwks', 'path', 'maxAge']),
    ...listJwksMistakes(jwks),
    ...(typeof path === 'string' && path.startsWith('/')
      ? []
      : [`path is ${describeValue(path)}. Write a path such as '/.well-known/jwks.json': a slash first.`]),
    ...listMistakes(maxAge),
  ]);
  const router = Router();
  serveDocument(router, path, maxAge, jwks);
  return router;
}

/** The path of an issuer follows the well-known part (RFC 8414 §3.1), and precedes it in OpenID Connect. */
function pathsOf({ issuer, id_token_signing_alg_values_supported: algorithms }: AuthorizationServerMetadata): string[] {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  const oauth = `/.well-known/oauth-authorization-server${path}`;
  if (!algorithms) return [oauth];
  return [oauth, ...new Set([`${path}/.well-known/openid-configuration`, `/.well-known/openid-configuration${path}`])];
}

function serveDocument(router: Router, path: string, maxAge: number, create: () => object): void {
  // A regular expression, because Express 4 and 5 have different patterns.
  const literal = new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}/?$`);
  const send: RequestHandler = (_req, res) => {
    res.set('Cache-Control', `public, max-age=${maxAge}`).json(create());
  };
  const methodNotAllowed: RequestHandler = (_req, res) => {
    res.status(405).set('Allow', 'GET, HEAD').end();
  };
  router
    .route(literal)
    .all(cors({ origin: '*', methods: 'GET', maxAge: 7200 }))
    .get(send)
    .all(methodNotAllowed);
}

function listUnknown(options: unknown, known: readonly string[]): string[] {
  const unknown = Object.keys(Object(options)).filter((name) => !known.includes(name));
  return unknown.map((name) => describeUnknown([name], known));
}

function listJwksMistakes(jwks: unknown): string[] {
  if (isPlainAdapter(jwks)) return [];
  return [describeMistake(['jwks'], jwks, 'Pass jwks of createTokenIssuer, a function that answers at once.')];
}

function listMistakes(maxAge: unknown): string[] {
  if (Number.isSafeInteger(maxAge) && Number(maxAge) >= 0) return [];
  return [`maxAge is ${describeValue(maxAge)}. Write seconds, a whole number from 0.`];
}
