import { generateKeyPairSync } from 'node:crypto';
import { type AuthorizationCode, createTokenRouter, type RefreshToken } from '../../lib';
import { memoryCodes, memoryRefreshTokens } from '../../lib/stores/memory';
import {
  type Authorization,
  createTokenIssuer,
  type IssuerExchange,
  type RefreshTokenRecord,
  type ResourceAuthorization,
  type TokenIssuerOptions,
} from '../../lib/tokens';
import { type Equals, holds } from './equals';

declare const options: TokenIssuerOptions;
const { issueTokens } = createTokenIssuer(options);

interface Row extends AuthorizationCode, Authorization {
  tenant: string;
}
const codes = memoryCodes<Row>();
const refreshTokens = memoryRefreshTokens<RefreshTokenRecord<Row>>();

// Inline functions beside the issuer need no annotation, and neither do stores that are passed as they are.
createTokenRouter({
  findCode: (code) => codes.findCode(code),
  consumeCode: codes.consumeCode,
  issueTokens,
});
createTokenRouter({
  findCode: async (code) => codes.findCode(code),
  consumeCode: (code) => codes.consumeCode(code),
  revokeTokens: codes.revokeTokens,
  issueTokens: createTokenIssuer(options).issueTokens,
  refresh: {
    findRefreshToken: (refreshToken) => refreshTokens.findRefreshToken(refreshToken),
    consumeRefreshToken: refreshTokens.consumeRefreshToken,
    revokeTokens: (refreshToken) => refreshTokens.revokeTokens(refreshToken),
  },
});

// A host that wraps issueTokens copies its check.
createTokenRouter({
  findCode: (code) => codes.findCode(code),
  consumeCode: codes.consumeCode,
  issueTokens: Object.assign(
    async (...given: Parameters<typeof issueTokens>) => ({ ...(await issueTokens(...given)), extra: 'member' }),
    { check: issueTokens.check },
  ),
});

// Resource indicators instead of an audience.
interface McpRow extends AuthorizationCode, ResourceAuthorization {
  resources: readonly string[];
}
const mcpCodes = memoryCodes<McpRow>();
createTokenRouter({
  findCode: (code) => mcpCodes.findCode(code),
  consumeCode: mcpCodes.consumeCode,
  issueTokens,
});
holds<Equals<RefreshTokenRecord<McpRow>['audience'], string | null>>();

// A record with neither cannot be issued from.
interface BareRow extends AuthorizationCode {
  userId: string;
}
const bareCodes = memoryCodes<BareRow>();
createTokenRouter({
  findCode: bareCodes.findCode,
  consumeCode: bareCodes.consumeCode,
  // @ts-expect-error the record has neither audience nor resources
  issueTokens,
});

// Tenants: the issuer is read from the record, and the request is not there.
createTokenIssuer<Row>({
  ...options,
  issuer({ code, refreshToken }) {
    holds<Equals<typeof code, Row | undefined>>();
    return `https://auth.example/${(code ?? refreshToken).tenant}`;
  },
});
createTokenIssuer<Row>({
  ...options,
  // @ts-expect-error the request is not there: a client can choose its Host
  issuer: (_exchange, req) => `https://${req.headers.host}/`,
});
createTokenIssuer({
  ...options,
  // @ts-expect-error the issuer is known at once
  issuer: async () => 'https://auth.example/',
});

// Keys in all forms that are read.
const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
createTokenIssuer({
  ...options,
  keys: [
    { privateKey: Buffer.alloc(1) },
    { privateKey: new Uint8Array(1) },
    { privateKey: { key: 'a PEM', passphrase: 'open' } },
    { privateKey: { key: Buffer.alloc(1), passphrase: Buffer.alloc(1) } },
    { privateKey: jwk },
    { privateKey: '{"kty":"EC"}' },
  ],
});
// @ts-expect-error a number is no key
createTokenIssuer({ ...options, keys: [{ privateKey: 42 }] });
// @ts-expect-error a forgotten await
createTokenIssuer({ ...options, keys: [{ privateKey: Promise.resolve('a PEM') }] });
// @ts-expect-error a forgotten environment variable
createTokenIssuer({ ...options, keys: [{ privateKey: process.env.KEY }] });

const api = { identifier: 'https://api.example/', lifetime: 600, scopes: [] };
createTokenIssuer({ ...options, apis: [{ ...api, typ: 'JWT', alg: 'ES256' }] });
// @ts-expect-error there is no such typ
createTokenIssuer({ ...options, apis: [{ ...api, typ: 'jwt' }] });
// @ts-expect-error there is no such algorithm
createTokenIssuer({ ...options, apis: [{ ...api, alg: 'HS256' }] });
createTokenIssuer({ ...options, isRevoked: () => 'unknown' });
// @ts-expect-error isRevoked says true, false or 'unknown'
createTokenIssuer({ ...options, isRevoked: () => 'revoked' });

// An exchange that a host makes itself may leave out what the endpoint knows.
declare const record: Row & { grantId: string };
({ code: record, client: { clientId: 'spa' }, confirmation: undefined }) satisfies IssuerExchange<Row>;
declare const plainToken: RefreshToken;
// @ts-expect-error a refresh token's record has a grantId and the end of its grant
({ refreshToken: plainToken, scope: null, isRotated: true, client: { clientId: 'spa' } }) satisfies IssuerExchange<Row>;
