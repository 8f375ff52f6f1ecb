import { isSameResource, normalizeResource } from '../grants/same-resource';
import type { Api, SigningAlgorithm } from './types';

/** An API as the issuer works with it, complete. */
export interface ConfiguredApi {
  identifier: string;
  lifetime: number;
  scopes: readonly string[];
  allowOfflineAccess: boolean;
  accessToken: 'jwt' | 'opaque';
  typ: 'at+jwt' | 'JWT';
  /** `undefined`: that of the first key. */
  alg: SigningAlgorithm | undefined;
}

/** The APIs, by their identifiers. */
export interface ConfiguredApis {
  /** The API of an audience or a resource, however it is spelled (RFC 8707); the first one where none is named. */
  find(identifier: string | null): ConfiguredApi | undefined;
  /** The algorithms that a key is needed for. */
  algorithms: readonly SigningAlgorithm[];
}

/** Copies the APIs: what was checked stays as it was checked, whatever becomes of the host's objects. */
export function configureApis(apis: readonly Api[]): ConfiguredApis {
  const copies = apis.map(copyApi);
  const byIdentifier = new Map(copies.map((api) => [api.identifier, api]));
  const byResource = new Map(copies.map((api) => [normalizeResource(api.identifier), api]));
  return {
    find(identifier) {
      if (identifier === null) return copies[0];
      return byIdentifier.get(identifier) ?? byResource.get(normalizeResource(identifier));
    },
    algorithms: copies.flatMap(({ alg }) => alg ?? []),
  };
}

/** Member by member: those that an object of a class inherits were checked with the others. */
function copyApi(api: Api): ConfiguredApi {
  const { identifier, lifetime, scopes, allowOfflineAccess = false, accessToken = 'jwt', typ = 'at+jwt', alg } = api;
  return { identifier, lifetime, scopes: [...scopes], allowOfflineAccess, accessToken, typ, alg };
}

/** What is wrong with the APIs as a whole, one line each. */
export function listApiMistakes(apis: readonly Api[]): string[] {
  return apis.flatMap(({ identifier, accessToken, typ, alg }, index) => {
    const first = apis.findIndex((api) => isSameResource(api.identifier, identifier));
    return [
      // Tokens for one would be taken by the other.
      ...(first < index
        ? [`apis[${index}].identifier names the same API as apis[${first}].identifier. Change one.`]
        : []),
      ...(accessToken === 'opaque' && (typ ?? alg) !== undefined
        ? [`apis[${index}] has opaque access tokens, and typ and alg are for JWTs. Leave them out.`]
        : []),
    ];
  });
}
