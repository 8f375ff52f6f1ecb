import { OAuthError } from '../errors';
import { isSameResource } from '../grants/same-resource';
import { describeValue } from '../received';
import type { ConfiguredApi, ConfiguredApis } from './apis';
import type { ParsedRecord } from './record';

/** One API or more. */
export type Apis = readonly [ConfiguredApi, ...ConfiguredApi[]];

/** The refusal of a refresh token for which nothing can be issued any more. It makes clients end the login. */
export const invalidRefreshToken = (reason: 'api_unknown' | 'offline_access_withdrawn') =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason });

/**
 * Finds the APIs of the whole grant. An unknown API is a fault of the host when a code is redeemed. In a refresh it is
 * left out, so that logins with other APIs go on.
 */
export function findGrantedApis(
  { resources, audience }: ParsedRecord,
  apis: ConfiguredApis,
  { isRefresh, isOfClient }: { isRefresh: boolean; isOfClient: boolean },
): Apis {
  const named = resources?.length ? resources : [audience];
  const found = named.map((name) => ({ name, api: apis.find(name) }));
  const unknown = found.find(({ api }) => !api);
  if (unknown && !isRefresh) {
    const field = resources?.length ? 'resources' : 'audience';
    const [what, advice] = isOfClient
      ? ['What findClientGrant returned', 'Return the identifier of an API']
      : [
          'The record of the code',
          'Write the identifier of an API, and refuse any other at the authorization endpoint',
        ];
    throw new TypeError(
      `${what} cannot be issued from: ${field} names ${describeValue(unknown.name)}, which is none of apis. ${advice}`,
    );
  }
  const [first, ...more] = new Set(found.flatMap(({ api }) => api ?? []));
  if (!first) throw invalidRefreshToken('api_unknown');
  return [first, ...more];
}

/**
 * Finds the APIs that the request asks for, or all of them (RFC 8707 §2.2). The endpoint has checked that they were
 * granted.
 */
export function narrowApis(
  granted: Apis,
  { resources }: ParsedRecord,
  asked: readonly string[],
  apis: ConfiguredApis,
): Apis {
  if (!resources?.length || asked.length === 0) return granted;
  const foreign = asked.find((resource) => !resources.some((each) => isSameResource(each, resource)));
  if (foreign !== undefined) {
    throw new TypeError(
      `exchange.resources names ${describeValue(foreign)}, which the record does not grant. Pass resources of the record`,
    );
  }
  const found = [...new Set(asked.map((resource) => apis.find(resource)))];
  // invalid_grant ends the login. After invalid_target, a client would ask again and again.
  if (found.some((api) => api === undefined)) throw invalidRefreshToken('api_unknown');
  return found as [ConfiguredApi, ...ConfiguredApi[]];
}

/** Checks that the APIs have the same format of access tokens. Others must be requested separately. */
export function checkOneFormat([first, ...more]: Apis): void {
  const isLike = ({ accessToken, typ, alg }: ConfiguredApi) =>
    accessToken === first.accessToken && typ === first.typ && alg === first.alg;
  if (more.every(isLike)) return;
  throw new OAuthError('invalid_target', 'These resources need an access token each, ask for one of them', {
    reason: 'resources_not_combinable',
  });
}
