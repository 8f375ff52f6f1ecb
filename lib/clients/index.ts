export type {
  Awaitable,
  Client,
  ClientCredentials,
  ClientExchange,
  ClientGrant,
  ExtensionGrant,
} from '../types';
export { createClientAuthentication } from './authentication';
export { type ClientCredentialsOptions, clientCredentials } from './client-credentials';
export { type CreatedSecret, createClientSecret, hashClientSecret } from './client-secret';
export { createClientMetadataResolver, type ResolveClientMetadata } from './metadata-resolver';
export type {
  AssertionAlgorithm,
  AssertionJti,
  AuthenticateClient,
  ClientAuthenticationMethod,
  ClientAuthenticationOptions,
  FetchDocument,
  FetchedResponse,
  FetchOptions,
  JsonWebKeySet,
  MetadataClient,
  RegisteredClient,
} from './types';
