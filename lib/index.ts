export { digestOfAddress } from './address';
export { type Json, OAuthError, type OAuthErrorCode, type OAuthErrorOptions } from './errors';
export { parseClientCredentials } from './http/client-credentials';
export type { Reason } from './reasons';
export { createTokenRouter } from './router';
export type {
  AuthorizationCode,
  Awaitable,
  Client,
  ClientCredentials,
  ClientExchange,
  ClientGrant,
  Confirmation,
  DeclaredParameters,
  DpopProof,
  EndpointMetadata,
  ErrorStatus,
  Exchange,
  ExchangeFacts,
  ExtensionExchange,
  ExtensionGrant,
  IssuedTokens,
  IssueTokens,
  Outcome,
  RefreshExchange,
  RefreshOptions,
  RefreshToken,
  TokenEndpointMetadata,
  TokenRouterOptions,
  VerifyDpop,
} from './types';
