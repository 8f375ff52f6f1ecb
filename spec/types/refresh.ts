import { type Client, type Confirmation, createTokenRouter, type RefreshToken } from '../../lib';
import { memoryCodes, memoryRefreshTokens } from '../../lib/stores/memory';
import {
  type Authorization,
  createTokenIssuer,
  type RefreshTokenRecord,
  type TokenIssuerOptions,
} from '../../lib/tokens';
import { type Equals, holds } from './equals';
import type { RegisteredClient, Row } from './host';
import * as host from './host';

const { findCode, consumeCode, authenticateClient, tokens } = host;

/** A host's own record. */
interface TokenRow extends RefreshToken {
  userId: string;
  family: string;
}

declare const tokenRow: TokenRow;
declare function findRefreshToken(refreshToken: string): Promise<TokenRow | null>;
declare function consumeRefreshToken(refreshToken: TokenRow): Promise<boolean>;

// Both records come from references.
createTokenRouter({
  findCode,
  consumeCode,
  authenticateClient,
  refresh: {
    findRefreshToken,
    async consumeRefreshToken(refreshToken) {
      holds<Equals<typeof refreshToken, TokenRow>>();
      return true;
    },
    async revokeTokens(refreshToken) {
      holds<Equals<typeof refreshToken, TokenRow>>();
    },
    rotates(refreshToken, client) {
      holds<Equals<typeof refreshToken, TokenRow>>();
      holds<Equals<typeof client, RegisteredClient>>();
      return true;
    },
    leeway: 10_000,
  },
  async issueTokens(exchange) {
    holds<Equals<typeof exchange.client, RegisteredClient>>();
    holds<Equals<typeof exchange.confirmation, Confirmation | undefined>>();
    if (exchange.code) {
      holds<Equals<typeof exchange.code, Row>>();
      // A code's scope stands in its record; here it is absent, so that both kinds can be destructured.
      holds<Equals<typeof exchange.scope, undefined>>();
    } else {
      holds<Equals<typeof exchange.refreshToken, TokenRow>>();
      holds<Equals<typeof exchange.scope, string | null>>();
      holds<Equals<typeof exchange.isRotated, boolean>>();
    }
    return tokens;
  },
});

// What both exchanges have can be destructured.
createTokenRouter({
  findCode,
  consumeCode,
  refresh: { findRefreshToken, consumeRefreshToken },
  async issueTokens({ code, refreshToken, client }) {
    holds<Equals<typeof client, Client>>();
    holds<Equals<typeof code, Row | undefined>>();
    holds<Equals<typeof refreshToken, TokenRow | undefined>>();
    return { access_token: (code ?? refreshToken).userId, expires_in: 60 };
  },
});

// findRefreshToken is inline and first.
createTokenRouter({
  findCode,
  consumeCode,
  refresh: {
    async findRefreshToken(refreshToken) {
      holds<Equals<typeof refreshToken, string>>();
      return refreshToken === '' ? null : tokenRow;
    },
    async consumeRefreshToken(refreshToken) {
      holds<Equals<typeof refreshToken, TokenRow>>();
      return true;
    },
  },
  issueTokens: async ({ code, refreshToken }) => ({ access_token: (code ?? refreshToken).userId, expires_in: 60 }),
});

// Without refresh there is no second exchange.
createTokenRouter({
  findCode,
  consumeCode,
  async issueTokens({ code, refreshToken }) {
    holds<Equals<typeof code, Row>>();
    holds<Equals<typeof refreshToken, undefined>>();
    return tokens;
  },
});

createTokenRouter({
  findCode,
  consumeCode,
  issueTokens: async () => tokens,
  // @ts-expect-error consumeRefreshToken returns a boolean
  refresh: { findRefreshToken, consumeRefreshToken: async () => {} },
});
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens: async () => tokens,
  // @ts-expect-error a token cannot be refreshed and never spent
  refresh: { findRefreshToken },
});
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens: async () => tokens,
  // @ts-expect-error the leeway is a number of milliseconds
  refresh: { findRefreshToken, consumeRefreshToken, leeway: '10s' },
});
createTokenRouter({
  findCode,
  consumeCode,
  // @ts-expect-error a refresh token's exchange has no code
  issueTokens: async ({ code }) => ({ access_token: code.userId, expires_in: 60 }),
  refresh: { findRefreshToken, consumeRefreshToken },
});

// The issuer of ./tokens fits records that have more than it reads, without annotations.
interface IssuableRow extends Row, Authorization {}
declare const options: TokenIssuerOptions;
const codes = memoryCodes<IssuableRow>();
const refreshTokens = memoryRefreshTokens<RefreshTokenRecord<IssuableRow>>();
createTokenRouter({
  findCode: codes.findCode,
  consumeCode: codes.consumeCode,
  refresh: {
    findRefreshToken: refreshTokens.findRefreshToken,
    consumeRefreshToken: refreshTokens.consumeRefreshToken,
    revokeTokens: refreshTokens.revokeTokens,
  },
  issueTokens: createTokenIssuer(options).issueTokens,
});
createTokenIssuer<IssuableRow>({
  ...options,
  saveRefreshToken: refreshTokens.saveRefreshToken,
  isRevoked: ({ code, refreshToken }) =>
    code ? codes.isRevoked(String(code.grantId)) : refreshTokens.isRevoked(refreshToken.grantId),
  claims({ code, refreshToken }, token) {
    holds<Equals<typeof token, 'access_token' | 'id_token'>>();
    return { 'urn:host:id': (code ?? refreshToken).id };
  },
  users: ({ code, refreshToken }) => ({ name: (code ?? refreshToken).userId }),
});
createTokenIssuer({
  ...options,
  // @ts-expect-error a key has a private half, or a function that signs
  keys: [{ kid: 'a' }],
});

createTokenIssuer({
  ...options,
  // @ts-expect-error a number is no key
  keys: [{ privateKey: 42 }],
});
createTokenIssuer({
  ...options,
  // @ts-expect-error nor is a promise of one
  keys: [{ privateKey: Promise.resolve('-----BEGIN PRIVATE KEY-----') }],
});

// A record that the issuer cannot read does not compile.
createTokenRouter({
  findCode,
  consumeCode,
  // @ts-expect-error the record has no audience
  issueTokens: createTokenIssuer(options).issueTokens,
});

// A callback that destructures what only one kind of exchange has compiles for any exchange.
createTokenRouter({
  findCode,
  consumeCode,
  async issueTokens({ code, scope, isRotated, refreshToken }) {
    holds<Equals<typeof scope, undefined>>();
    holds<Equals<typeof isRotated, undefined>>();
    holds<Equals<typeof refreshToken, undefined>>();
    return { access_token: code.userId, expires_in: 60 };
  },
});
createTokenRouter({
  findCode,
  consumeCode,
  refresh: { findRefreshToken, consumeRefreshToken },
  async issueTokens({ code, scope, isRotated }) {
    holds<Equals<typeof scope, string | null | undefined>>();
    holds<Equals<typeof isRotated, boolean | undefined>>();
    return { access_token: String(code?.userId ?? scope), expires_in: 60 };
  },
});
createTokenIssuer<IssuableRow>({
  ...options,
  claims: ({ scope, isRotated }) => ({ 'urn:host:scope': scope ?? null, 'urn:host:rotated': isRotated ?? false }),
  users: ({ scope, isRotated }) => (scope === null || isRotated === false ? null : { name: 'a' }),
});

// findCode is an arrow function over a store, beside the issuer of ./tokens.
createTokenRouter({
  findCode: (code) => codes.findCode(code),
  consumeCode: (code) => codes.consumeCode(code),
  revokeTokens: (code) => codes.revokeTokens(code),
  issueTokens: createTokenIssuer(options).issueTokens,
});
