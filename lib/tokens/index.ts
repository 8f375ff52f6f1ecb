export { type ClaimReason, NAME_RULES, RESERVED_CLAIMS, type RefusedClaim, STANDARD_CLAIMS } from './claim-registry';
export { createTokenIssuer, type TokenIssuer } from './issuer';
export type { KeyInput, SigningKey, SignWithKms } from './keys';
export type { TokenIssuerOptions } from './options';
export type {
  AccessTokenRecord,
  Api,
  Authorization,
  Claims,
  IssuerExchange,
  Jwk,
  RefreshTokenRecord,
  SigningAlgorithm,
  TokenKind,
} from './types';
