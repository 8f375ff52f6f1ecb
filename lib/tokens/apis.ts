import { isSameResource, normalizeResource } from '../grants/same-resource';
import type { Api, SigningAlgorithm } from './types';

/** An API as the issuer uses it, with defaults. */
export interface ConfiguredApi {
  identifier: string;
  lifetime: number;
  scopes: readonly string[];
  allowOfflineAccess: boolean;
  accessToken: 'jwt' | 'opaque';
  typ: 'at+jwt' | 'JWT';
  /** `undefined`: the one of the first key. */
  alg: SigningAlgorithm | undefined;
}

/** The APIs, by their identifiers. */
export interface ConfiguredApis {
  /** Finds the API of an audience or a resource, in any spelling (RFC 8707). Returns the first API for `null`. */
  find(identifier: string | null): ConfiguredApi | undefined;
  /** The algorithms for which there must be a key. */
  algorithms: readonly SigningAlgorithm[];
}

/** Copies the APIs, so that the host cannot change them after they were checked. */
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

/** Copies by name: that also finds members that an object inherits from its class. */
function copyApi(api: Api): ConfiguredApi {
  const { identifier, lifetime, scopes, allowOfflineAccess = false, accessToken = 'jwt', typ = 'at+jwt', alg } = api;
  return { identifier, lifetime, scopes: [...scopes], allowOfflineAccess, accessToken, typ, alg };
}

/** Lists the mistakes in the APIs as a whole. */
export function listApiMistakes(apis: readonly Api[]): string[] {
  return apis.flatMap(({ identifier, accessToken, typ, alg }, index) => {
    const first = apis.findIndex((api) => isSameResource(api.identifier, identifier));
    return [
      // Otherwise one of them would accept tokens of the other.
      ...(first < index
        ? [`apis[${index}].identifier names the same API as apis[${first}].identifier. Change one.`]
        : []),
      ...(accessToken === 'opaque' && (typ ?? alg) !== undefined
        ? [`apis[${index}] has opaque access tokens, and typ and alg are for JWTs. Leave them out.`]
        : []),
    ];
  });
}
