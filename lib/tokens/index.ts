export { type ClaimReason, NAME_RULES, RESERVED_CLAIMS, type RefusedClaim, STANDARD_CLAIMS } from './claim-registry';
export { createTokenIssuer, type TokenIssuer } from './issuer';
export type { SigningKey, SignWithKms } from './keys';
export type { SaveRefreshToken, TokenIssuerOptions } from './options';
export type {
  AccessTokenRecord,
  AnyAuthorization,
  Api,
  Authorization,
  Claims,
  ClientTokenExchange,
  GrantStore,
  IssueClientTokens,
  IssuerExchange,
  Jwk,
  JwkInput,
  KeyInput,
  RefreshTokenRecord,
  ResourceAuthorization,
  SigningAlgorithm,
  TokenKind,
} from './types';
