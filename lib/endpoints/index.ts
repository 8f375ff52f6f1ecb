export { createIntrospectionRouter } from './introspection';
export { createRevocationRouter } from './revocation';
export type {
  AccessTokenOptions,
  EndpointOptions,
  FoundAccessToken,
  FoundRefreshToken,
  IntrospectionRouterOptions,
  RevocationRouterOptions,
} from './types';
