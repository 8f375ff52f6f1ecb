export { createJwksRouter, createMetadataRouter } from './documents';
export { createIntrospectionRouter } from './introspection';
export { authorizationServerMetadata } from './metadata';
export { createRevocationRouter } from './revocation';
export type {
  AccessTokenOptions,
  AuthorizationServerMetadata,
  AuthorizationServerMetadataOptions,
  DescribedRouter,
  EndpointOptions,
  FoundAccessToken,
  FoundRefreshToken,
  IntrospectionRouterOptions,
  JwksRouterOptions,
  MetadataMembers,
  MetadataRouterOptions,
  RevocationRouterOptions,
} from './types';
