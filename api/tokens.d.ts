// tokens/apis.d.ts
import type { Api, SigningAlgorithm } from './types';
export interface ConfiguredApi {
    identifier: string;
    lifetime: number;
    scopes: readonly string[];
    allowOfflineAccess: boolean;
    accessToken: 'jwt' | 'opaque';
    typ: 'at+jwt' | 'JWT';
    alg: SigningAlgorithm | undefined;
}
export interface ConfiguredApis {
    find(identifier: string | null): ConfiguredApi | undefined;
    algorithms: readonly SigningAlgorithm[];
}
export declare function configureApis(apis: readonly Api[]): ConfiguredApis;
export declare function listApiMistakes(apis: readonly Api[]): string[];

// tokens/claim-registry.d.ts
import type { TokenKind } from './types';
export declare const RESERVED_CLAIMS: ReadonlySet<string>;
export declare const CLAIMS_OF_SCOPE: Readonly<Record<string, readonly string[]>>;
export declare const STANDARD_CLAIMS: ReadonlySet<string>;
export declare const NAME_RULES: readonly [{
    readonly reason: 'claim_reserved';
    readonly isBroken: (name: string) => boolean;
}, {
    readonly reason: 'claim_standard';
    readonly isBroken: (name: string) => boolean;
}, {
    readonly reason: 'claim_not_namespaced';
    readonly isBroken: (name: string) => boolean;
}, {
    readonly reason: 'claim_namespace_foreign';
    readonly isBroken: (name: string) => boolean;
}];
export type ClaimReason = (typeof NAME_RULES)[number]['reason'] | 'claim_without_value' | 'claim_malformed';
export interface RefusedClaim {
    claim: string;
    token: TokenKind;
    reason: ClaimReason;
}

// tokens/index.d.ts, which is express-token-router/tokens
export { type ClaimReason, NAME_RULES, RESERVED_CLAIMS, type RefusedClaim, STANDARD_CLAIMS } from './claim-registry';
export { createTokenIssuer, type TokenIssuer } from './issuer';
export type { SigningKey, SignWithKms } from './keys';
export type { SaveRefreshToken, TokenIssuerOptions } from './options';
export type { AccessTokenRecord, AnyAuthorization, Api, Authorization, Claims, ClientTokenExchange, GrantStore, IssueClientTokens, IssuerExchange, Jwk, JwkInput, KeyInput, RefreshTokenRecord, ResourceAuthorization, SigningAlgorithm, TokenKind, } from './types';

// tokens/issuer.d.ts
import type { Request } from 'express';
import type { Client, IssuedTokens } from '../types';
import { type SigningKey } from './keys';
import { type TokenIssuerOptions } from './options';
import type { AnyAuthorization, IssueClientTokens, IssuerExchange, Jwk } from './types';
export interface TokenIssuer<Record extends AnyAuthorization, RequestingClient extends Client> {
    issueTokens: {
        (exchange: IssuerExchange<Record, RequestingClient>, req: Request): Promise<IssuedTokens>;
        check: (exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Promise<void>;
    };
    issueClientTokens: IssueClientTokens<RequestingClient>;
    jwks: () => {
        keys: Jwk[];
    };
    rotateKeys: (keys: readonly SigningKey[]) => void;
}
export declare function createTokenIssuer<Record extends AnyAuthorization = AnyAuthorization, RequestingClient extends Client = Client>(options: TokenIssuerOptions<Record, RequestingClient>): TokenIssuer<Record, RequestingClient>;

// tokens/keys.d.ts
import { KeyObject } from 'node:crypto';
import type { Awaitable } from '../types';
import type { Jwk, KeyInput, SigningAlgorithm } from './types';
export type SignWithKms = (data: Buffer, key: {
    kid: string;
    alg: SigningAlgorithm;
}) => Awaitable<Uint8Array>;
export type SigningKey = {
    kid?: string | undefined;
    alg?: SigningAlgorithm | undefined;
} & ({
    privateKey: KeyInput;
    publicKey?: undefined;
    sign?: undefined;
} | {
    publicKey: KeyInput;
    sign: SignWithKms;
    privateKey?: undefined;
});
export interface ParsedKey {
    kid: string;
    alg: SigningAlgorithm;
    publicKey: KeyObject;
    signer: KeyObject | SignWithKms;
}
export declare function parseKeys(keys: unknown): {
    parsed: ParsedKey[];
    mistakes: string[];
};
export declare function digestOf(publicKey: KeyObject): string;
export declare function toJwk({ kid, alg, publicKey }: ParsedKey): Jwk;

// tokens/options.d.ts
import type { Request } from 'express';
import type { Awaitable, Client } from '../types';
import { type ConfiguredApis } from './apis';
import type { RefusedClaim } from './claim-registry';
import { type ParsedKey, type SigningKey } from './keys';
import type { AccessTokenRecord, AnyAuthorization, Api, Claims, ClientTokenExchange, GrantStore, IssuerExchange, RefreshTokenRecord, TokenKind } from './types';
export interface SaveRefreshToken<Record extends AnyAuthorization = AnyAuthorization> {
    (refreshToken: string, record: RefreshTokenRecord<Record>, req: Request): Awaitable<unknown>;
    check?: ((record: RefreshTokenRecord<Record>) => void) | undefined;
}
export interface TokenIssuerOptions<Record extends AnyAuthorization = AnyAuthorization, RequestingClient extends Client = Client> {
    issuer: string | ((exchange: IssuerExchange<Record, RequestingClient>) => string);
    keys: readonly SigningKey[];
    apis: readonly Api[];
    users?: ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<Claims | null | undefined>) | undefined;
    claims?: ((exchange: IssuerExchange<Record, RequestingClient>, token: TokenKind, req: Request) => Awaitable<Claims | null | undefined>) | undefined;
    clientClaims?: ((exchange: ClientTokenExchange<RequestingClient>, req: Request) => Awaitable<Claims | null | undefined>) | undefined;
    onClaimRefused?: ((refused: RefusedClaim, req: Request) => void) | undefined;
    store?: GrantStore<Record> | undefined;
    saveRefreshToken?: SaveRefreshToken<Record> | undefined;
    saveAccessToken?: ((accessToken: string, record: AccessTokenRecord, req: Request) => Awaitable<unknown>) | undefined;
    isRevoked?: ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<boolean | 'unknown'>) | undefined;
    isConfidential?: ((client: RequestingClient) => boolean) | undefined;
    idTokenLifetime?: number | undefined;
    refreshTokenIdleLifetime?: number | undefined;
    refreshTokenLifetime?: number | undefined;
    signingTimeout?: number | undefined;
}
type WithDefault = 'idTokenLifetime' | 'refreshTokenIdleLifetime' | 'refreshTokenLifetime' | 'signingTimeout' | 'isConfidential';
export type IssuerConfiguration = Omit<TokenIssuerOptions, WithDefault | 'keys' | 'apis'> & Required<{
    [Name in WithDefault]: Exclude<TokenIssuerOptions[Name], undefined>;
}> & {
    keys: ParsedKey[];
    apis: ConfiguredApis;
};
export declare function parseIssuerOptions<Record extends AnyAuthorization, RequestingClient extends Client>(options: TokenIssuerOptions<Record, RequestingClient>): IssuerConfiguration;
export declare function checkMistakes(mistakes: readonly string[]): void;
export {};

// tokens/types.d.ts
import type { KeyObject } from 'node:crypto';
import type { Request } from 'express';
import type { Awaitable, Client, ClientExchange, Exchange, ExchangeFacts, IssuedTokens, RefreshExchange, RefreshToken } from '../types';
export interface Authorization {
    clientId: string;
    userId: string;
    scope?: string | null;
    audience: string | null;
    resources?: readonly string[] | null;
    nonce?: string | null;
    authTime?: Date | null;
    acr?: string | null;
    amr?: readonly string[] | null;
    grantId?: string;
}
export interface ResourceAuthorization extends Omit<Authorization, 'audience' | 'resources'> {
    audience?: string | null;
    resources: readonly string[];
}
export type AnyAuthorization = Authorization | ResourceAuthorization;
export type CodeField = 'redirectUri' | 'codeChallenge' | 'codeChallengeMethod' | 'nonce' | 'expiresAt' | 'dpopJkt' | 'spentAt' | 'spentBy';
export type RefreshTokenRecord<Record extends AnyAuthorization = Authorization> = Omit<Record, CodeField> & Authorization & RefreshToken & {
    grantId: string;
    grantExpiresAt: Date;
    tokenId?: string;
};
export interface GrantStore<Record extends AnyAuthorization = AnyAuthorization> {
    saveCode: (code: string, record: Record, req?: Request) => Awaitable<unknown>;
    saveRefreshToken: {
        (refreshToken: string, record: never, req?: Request): Awaitable<unknown>;
        check?: ((record: never) => void) | undefined;
    };
    extendRefreshToken: (record: {
        tokenId?: string;
    }, expiresAt: Date, req?: Request) => Awaitable<unknown>;
    findGrant: (grantId: string, req?: Request) => Awaitable<{
        isRevoked: boolean;
    } | null>;
    keepGrantsFor: (milliseconds: number) => void;
}
type Spared<AnExchange> = Omit<AnExchange, keyof Facts> & Partial<Pick<ExchangeFacts, keyof Facts>>;
type Facts = Pick<ExchangeFacts, 'resources' | 'parameters' | 'servesRefresh' | 'actTimeout'>;
export type IssuerExchange<Record extends AnyAuthorization = AnyAuthorization, RequestingClient extends Client = Client> = Spared<Exchange<Record, RequestingClient>> | Spared<RefreshExchange<RefreshTokenRecord<Record>, RequestingClient>>;
export type ClientTokenExchange<RequestingClient extends Client = Client> = Pick<ClientExchange<RequestingClient>, 'client' | 'clientGrant' | 'scope' | 'confirmation'> & Partial<Omit<ClientExchange<RequestingClient>, 'client' | 'clientGrant' | 'scope' | 'confirmation'>>;
export interface IssueClientTokens<RequestingClient extends Client = Client> {
    (exchange: ClientTokenExchange<RequestingClient>, req: Request): Promise<IssuedTokens>;
    check: (exchange: ClientTokenExchange<RequestingClient>, req: Request) => Promise<void>;
}
export type OfClient = IssuerExchange & {
    clientExchange?: ClientTokenExchange;
};
export interface AccessTokenRecord {
    grantId: string;
    expiresAt: Date;
    claims: Claims;
}
export type Claims = Readonly<Record<string, unknown>>;
export type TokenKind = 'access_token' | 'id_token';
export interface Api {
    identifier: string;
    lifetime: number;
    scopes: readonly string[];
    allowOfflineAccess?: boolean | undefined;
    accessToken?: 'jwt' | 'opaque' | undefined;
    typ?: 'at+jwt' | 'JWT' | undefined;
    alg?: SigningAlgorithm | undefined;
}
export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA';
export interface Jwk {
    kid: string;
    alg: SigningAlgorithm;
    use: 'sig';
    kty: string;
    [member: string]: unknown;
}
export interface JwkInput {
    kty?: string | undefined;
    crv?: string | undefined;
    x?: string | undefined;
    y?: string | undefined;
    n?: string | undefined;
    e?: string | undefined;
    d?: string | undefined;
    p?: string | undefined;
    q?: string | undefined;
    dp?: string | undefined;
    dq?: string | undefined;
    qi?: string | undefined;
    kid?: unknown;
    alg?: unknown;
    use?: unknown;
    key_ops?: unknown;
}
export type KeyInput = KeyObject | string | Uint8Array | JwkInput | {
    key: string | Uint8Array;
    passphrase: string | Uint8Array;
};
export {};
