import { OAuthError } from '../errors';
import { isSameResource } from '../grants/same-resource';
import { describeValue } from '../received';
import type { ConfiguredApi, ConfiguredApis } from './apis';
import type { ParsedRecord } from './record';

/** One API or more. */
export type Apis = readonly [ConfiguredApi, ...ConfiguredApi[]];

/** The one answer to a refresh token that nothing can be issued for any more: clients end the login. */
export const invalidRefreshToken = (reason: 'api_unknown' | 'offline_access_withdrawn') =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason });

/**
 * The APIs of the whole grant. That one is gone is the host's fault in a code, and is left out in a refresh: logins that had
 * others beside it go on.
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

/** The APIs that the request asks for, all by default (RFC 8707 §2.2). The endpoint has checked that they are granted. */
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
  // One that is gone ends the login: a client that is told invalid_target asks for it again and again.
  if (found.some((api) => api === undefined)) throw invalidRefreshToken('api_unknown');
  return found as [ConfiguredApi, ...ConfiguredApi[]];
}

/** An access token has one format. APIs that need another one are asked for by themselves. */
export function checkOneFormat([first, ...more]: Apis): void {
  const isLike = ({ accessToken, typ, alg }: ConfiguredApi) =>
    accessToken === first.accessToken && typ === first.typ && alg === first.alg;
  if (more.every(isLike)) return;
  throw new OAuthError('invalid_target', 'These resources need an access token each, ask for one of them', {
    reason: 'resources_not_combinable',
  });
}
