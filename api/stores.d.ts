// stores/backend.d.ts
import type { Request } from 'express';
import type { Awaitable } from '../types';
import type { Kind, Place, Rotation } from './rotation';
export interface NewCode {
    text: string;
    user: string | null;
    lifetime: number;
    spentLifetime: number;
}
export interface FoundCode {
    text: string;
    spentFor: number | null;
    spentBy: string | null;
}
export interface NewToken {
    grant: string;
    presented: (Place & {
        kind: Kind;
    }) | null;
    text: string;
    user: string | null;
    endsAt: number;
    lifetime: number;
    leeway: number;
}
export declare const SAVINGS: readonly ["saved", "revoked", "known", "overtaken", "too_often", "unspent", "unknown"];
export type Saving = (typeof SAVINGS)[number];
export interface FoundToken {
    place: Place;
    text: string;
    endsAt: number;
    rotation: Rotation;
}
export interface Backend {
    digest(secret: string): string;
    saveCode(grant: string, code: NewCode, req?: Request): Awaitable<boolean>;
    findCode(grant: string, req?: Request): Awaitable<FoundCode | null>;
    consumeCode(grant: string, spentBy: string | null, spentLifetime: number, req?: Request): Awaitable<boolean>;
    saveToken(token: string, saved: NewToken, req?: Request): Awaitable<Saving>;
    findToken(token: string, req?: Request): Awaitable<FoundToken | null>;
    consumeToken(place: Place, req?: Request): Awaitable<boolean>;
    extendToken(place: Place, endsAt: number, req?: Request): Awaitable<unknown>;
    findGrant(grant: string, req?: Request): Awaitable<{
        isRevoked: boolean;
    } | null>;
    revoke(grant: string, lifetime: number, req?: Request): Awaitable<unknown>;
    revokeUser(user: string, lifetime: number, req?: Request): Awaitable<unknown>;
}

// stores/codes.d.ts
import type { Request } from 'express';
import type { AuthorizationCode } from '../types';
import type { Backend } from './backend';
export type FoundCodeRecord<Code> = Code & {
    grantId: string;
    spentAt?: Date | null;
    spentBy?: string | null;
};
interface Options {
    strictReplay: boolean;
    spentLifetime: () => number;
}
export declare function createCodes<Code extends AuthorizationCode>(backend: Backend, { strictReplay, spentLifetime }: Options): {
    saveCode(code: string, record: Code, req?: Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: Request): Promise<FoundCodeRecord<Code> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: Request): Promise<boolean>;
};
export {};

// stores/memory-codes.d.ts
import type { AuthorizationCode } from '../types';
export interface MemoryCodesOptions {
    spentLifetime?: number | undefined;
    strictReplay?: boolean | undefined;
}
export declare function memoryCodes<Code extends AuthorizationCode = AuthorizationCode>(options?: MemoryCodesOptions): {
    saveCode(code: string, record: Code, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Code> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
};

// stores/memory-jtis.d.ts
import type { DpopJti } from '../types';
export declare function memoryJtis(): {
    consumeJti({ jti, jkt, expiresAt }: DpopJti): boolean;
};

// stores/memory-refresh-tokens.d.ts
import type { RefreshToken } from '../types';
export interface MemoryRefreshTokensOptions {
    revokedLifetime?: number | undefined;
    leeway?: number | undefined;
}
export declare function memoryRefreshTokens<Token extends RefreshToken = RefreshToken>(options?: MemoryRefreshTokensOptions): {
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<Token>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<Token>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<Token> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
};

// stores/memory-store.d.ts
import { type StoreOptions } from './options';
import { type AnyLoginRecord, type LoginRecord } from './store';
export declare function memoryStore<Record extends AnyLoginRecord = LoginRecord>(options?: StoreOptions): {
    saveCode(code: string, record: Record, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Record> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
    keepGrantsFor: (milliseconds: number) => void;
    consumeJti: (jti: import("./memory").DpopJti) => Promise<boolean>;
    revokeUser(userId: string, req?: import("express").Request): Promise<void>;
    adapters: {
        findCode: (code: string, req?: import("express").Request) => Promise<import("./codes").FoundCodeRecord<Record> | null>;
        consumeCode: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<boolean>;
        revokeTokens: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<void>;
        refresh: {
            findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
            consumeRefreshToken: ({ tokenId }: {
                tokenId: string;
            }, req?: import("express").Request) => Promise<boolean>;
            revokeTokens: ({ grantId }: {
                grantId: string;
            }, req?: import("express").Request) => Promise<void>;
        };
    };
};

// stores/memory.d.ts, which is express-token-router/memory
export type { AuthorizationCode, DpopJti, RefreshToken } from '../types';
export { type MemoryCodesOptions, memoryCodes } from './memory-codes';
export { memoryJtis } from './memory-jtis';
export { type MemoryRefreshTokensOptions, memoryRefreshTokens } from './memory-refresh-tokens';
export { memoryStore } from './memory-store';
export type { StoreOptions } from './options';
export type { AnyLoginRecord, LoginRecord, Store } from './store';

// stores/options.d.ts
export interface StoreOptions {
    leeway?: number | undefined;
    strictReplay?: boolean | undefined;
    spentLifetime?: number | undefined;
}
export declare const STORE_OPTIONS: readonly ['leeway', 'strictReplay', 'spentLifetime'];
export declare function checkStrictReplay(name: string, strictReplay: boolean | undefined): boolean;
export declare function checkNames(name: string, options: unknown, known: readonly string[]): void;
export declare function checkLeeway(name: string, leeway: number | undefined): number;

// stores/postgres-codes.d.ts
import type { AuthorizationCode } from '../types';
import { type PostgresStoreOptions } from './postgres-query';
export interface PostgresCodesOptions extends PostgresStoreOptions {
    spentLifetime?: number | undefined;
    strictReplay?: boolean | undefined;
}
export declare function postgresCodes<Code extends AuthorizationCode = AuthorizationCode>(options: PostgresCodesOptions): {
    saveCode(code: string, record: Code, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Code> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    purge: () => Promise<number>;
};

// stores/postgres-jtis.d.ts
import type { DpopJti } from '../types';
import { type PostgresStoreOptions } from './postgres-query';
export declare function postgresJtis(options: PostgresStoreOptions): {
    consumeJti({ jti, jkt, expiresAt }: DpopJti): Promise<boolean>;
    purge: () => Promise<number>;
};

// stores/postgres-query.d.ts
import type { Request } from 'express';
import type { Awaitable } from '../types';
export type Query = (text: string, values: unknown[], req?: Request) => Awaitable<{
    rows: readonly unknown[];
}>;
export interface PostgresStoreOptions {
    query: Query;
    prefix?: string | undefined;
}
export declare function checkPostgresOptions(name: string, options: PostgresStoreOptions): void;
export declare function parseRows(result: unknown): readonly unknown[];
export declare function hasRow(result: unknown): boolean;
export declare function parseNumber(name: string, value: unknown): number;
export declare function wrongColumn(name: string, value: unknown, wanted: string): TypeError;
export declare function createPurge(table: string, query: Query): () => Promise<number>;
export declare function createPurges(tables: readonly string[], query: Query): () => Promise<number>;

// stores/postgres-refresh-tokens.d.ts
import type { RefreshToken } from '../types';
import { type PostgresStoreOptions } from './postgres-query';
export interface PostgresRefreshTokensOptions extends PostgresStoreOptions {
    revokedLifetime?: number | undefined;
    leeway?: number | undefined;
}
export declare function postgresRefreshTokens<Token extends RefreshToken = RefreshToken>(options: PostgresRefreshTokensOptions): {
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<Token>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<Token>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<Token> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
    purge: () => Promise<number>;
};

// stores/postgres-schema.d.ts
export declare const postgresSchema = "\nDO $migration$\nDECLARE\n  version int;\nBEGIN\n  -- One node at a time, until the end of this statement.\n  PERFORM pg_advisory_xact_lock(7521693084127);\n  CREATE TABLE IF NOT EXISTS oauth_schema (version int NOT NULL);\n  SELECT coalesce(max(s.version), 0) INTO version FROM oauth_schema s;\n  IF version >= 2 THEN RETURN; END IF;\n\n  -- Version 1 had no number, and a table for codes.\n  IF to_regclass('oauth_codes') IS NOT NULL THEN\n    version := 1;\n    ALTER TABLE oauth_grants RENAME TO oauth_grants_1;\n    ALTER TABLE oauth_refresh_tokens RENAME TO oauth_refresh_tokens_1;\n    ALTER INDEX oauth_grants_pkey RENAME TO oauth_grants_1_pkey;\n    ALTER INDEX oauth_refresh_tokens_pkey RENAME TO oauth_refresh_tokens_1_pkey;\n  END IF;\n\n  CREATE TABLE oauth_grants (\n    digest bytea PRIMARY KEY,\n    user_digest bytea,\n    code text,\n    spent_at timestamptz,\n    spent_by text,\n    revoked_at timestamptz,\n    record text,\n    ends_at bigint,\n    generation int NOT NULL DEFAULT 0,\n    issued smallint NOT NULL DEFAULT 0,\n    floor smallint NOT NULL DEFAULT 0,\n    late smallint NOT NULL DEFAULT 0,\n    rotated_at timestamptz,\n    spender smallint NOT NULL DEFAULT 0,\n    spent_floor smallint NOT NULL DEFAULT 0,\n    sibling int NOT NULL DEFAULT -2,\n    run smallint NOT NULL DEFAULT 0,\n    kept_until timestamptz NOT NULL\n  ) WITH (fillfactor = 50);\n  CREATE TABLE oauth_refresh_tokens (\n    digest bytea PRIMARY KEY,\n    grant_digest bytea NOT NULL,\n    kept_until timestamptz NOT NULL,\n    generation int NOT NULL,\n    number smallint NOT NULL\n  );\n\n  IF version = 1 THEN\n    -- A code's grant is filed under the digest of its name, which is the code's digest in hexadecimal digits.\n    INSERT INTO oauth_grants (digest, user_digest, code, spent_at, revoked_at, kept_until)\n    SELECT sha256(convert_to(encode(c.digest, 'hex'), 'UTF8')),\n      -- A name that PostgreSQL cannot read as text is not found by revokeUser; by revokeGrant it is.\n      CASE WHEN c.record NOT LIKE '%\\\\u0000%' AND c.record NOT LIKE '%\\\\ud%'\n        THEN sha256(convert_to(regexp_replace(c.record::json ->> 'userId', '^text:', ''), 'UTF8')) END,\n      c.record, c.spent_at, c.revoked_at, c.kept_until\n    FROM oauth_codes c;\n\n    CREATE TEMPORARY TABLE oauth_numbered ON COMMIT DROP AS\n    SELECT t.*, row_number() OVER (PARTITION BY grant_digest, t.generation ORDER BY t.kept_until, t.digest) - 1 AS number\n    FROM oauth_refresh_tokens_1 t;\n\n    INSERT INTO oauth_grants AS g (digest, user_digest, revoked_at, record, ends_at, generation, issued, rotated_at, spender,\n      kept_until)\n    SELECT o.digest,\n      CASE WHEN last.record NOT LIKE '%\\\\u0000%' AND last.record NOT LIKE '%\\\\ud%'\n        THEN sha256(convert_to(regexp_replace(last.record::json ->> 'userId', '^text:', ''), 'UTF8')) END,\n      o.revoked_at, last.record,\n      (extract(epoch FROM substring(last.record FROM '\"expiresAt\":\"date:([^\"]+)\"')::timestamptz) * 1000)::bigint,\n      o.generation, (SELECT count(*) FROM oauth_numbered n WHERE n.grant_digest = o.digest AND n.generation = o.generation),\n      spent.spent_at, coalesce(spent.number, 0), o.kept_until\n    FROM oauth_grants_1 o\n    LEFT JOIN LATERAL (\n      SELECT n.record FROM oauth_numbered n WHERE n.grant_digest = o.digest ORDER BY n.generation DESC, n.number DESC LIMIT 1\n    ) last ON true\n    LEFT JOIN LATERAL (\n      SELECT n.spent_at, n.number FROM oauth_numbered n\n      WHERE n.grant_digest = o.digest AND n.generation = o.generation - 1 AND n.spent_at IS NOT NULL LIMIT 1\n    ) spent ON true\n    ON CONFLICT (digest) DO UPDATE SET revoked_at = coalesce(g.revoked_at, excluded.revoked_at), record = excluded.record,\n      user_digest = coalesce(g.user_digest, excluded.user_digest), ends_at = excluded.ends_at,\n      generation = excluded.generation, issued = excluded.issued, rotated_at = excluded.rotated_at,\n      spender = excluded.spender, kept_until = greatest(g.kept_until, excluded.kept_until);\n\n    INSERT INTO oauth_refresh_tokens (digest, grant_digest, kept_until, generation, number)\n    SELECT digest, grant_digest, kept_until, generation, number FROM oauth_numbered;\n\n    DROP TABLE oauth_numbered, oauth_codes, oauth_grants_1, oauth_refresh_tokens_1;\n  END IF;\n\n  CREATE INDEX oauth_grants_kept_until ON oauth_grants (kept_until);\n  CREATE INDEX oauth_grants_user ON oauth_grants (user_digest) WHERE user_digest IS NOT NULL;\n  CREATE INDEX oauth_refresh_tokens_kept_until ON oauth_refresh_tokens (kept_until);\n  CREATE TABLE IF NOT EXISTS oauth_jtis (\n    digest bytea PRIMARY KEY,\n    kept_until timestamptz NOT NULL\n  );\n  CREATE INDEX IF NOT EXISTS oauth_jtis_kept_until ON oauth_jtis (kept_until);\n\n  INSERT INTO oauth_schema VALUES (2);\nEND\n$migration$";

// stores/postgres-store.d.ts
import { type StoreOptions } from './options';
import { type PostgresStoreOptions } from './postgres-query';
import { type AnyLoginRecord, type LoginRecord } from './store';
export interface PostgresOptions extends PostgresStoreOptions, StoreOptions {
}
export declare function postgresStore<Record extends AnyLoginRecord = LoginRecord>(options: PostgresOptions): {
    saveCode(code: string, record: Record, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Record> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
    keepGrantsFor: (milliseconds: number) => void;
    consumeJti: (jti: import("./memory").DpopJti) => Promise<boolean>;
    revokeUser(userId: string, req?: import("express").Request): Promise<void>;
    adapters: {
        findCode: (code: string, req?: import("express").Request) => Promise<import("./codes").FoundCodeRecord<Record> | null>;
        consumeCode: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<boolean>;
        revokeTokens: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<void>;
        refresh: {
            findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
            consumeRefreshToken: ({ tokenId }: {
                tokenId: string;
            }, req?: import("express").Request) => Promise<boolean>;
            revokeTokens: ({ grantId }: {
                grantId: string;
            }, req?: import("express").Request) => Promise<void>;
        };
    };
    migrate(): Promise<void>;
    purge: () => Promise<number>;
};

// stores/postgres.d.ts, which is express-token-router/postgres
export type { StoreOptions } from './options';
export { type PostgresCodesOptions, postgresCodes } from './postgres-codes';
export { postgresJtis } from './postgres-jtis';
export type { PostgresStoreOptions, Query } from './postgres-query';
export { type PostgresRefreshTokensOptions, postgresRefreshTokens } from './postgres-refresh-tokens';
export { postgresSchema } from './postgres-schema';
export { type PostgresOptions, postgresStore } from './postgres-store';
export type { AnyLoginRecord, LoginRecord, Store } from './store';

// stores/redis-codes.d.ts
import type { AuthorizationCode } from '../types';
import { type RedisStoreOptions } from './redis-command';
export interface RedisCodesOptions extends RedisStoreOptions {
    spentLifetime?: number | undefined;
    strictReplay?: boolean | undefined;
}
export declare function redisCodes<Code extends AuthorizationCode = AuthorizationCode>(options: RedisCodesOptions): {
    saveCode(code: string, record: Code, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Code> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
};

// stores/redis-command.d.ts
import type { Awaitable } from '../types';
export type SendCommand = (...args: string[]) => Awaitable<unknown>;
export interface RedisStoreOptions {
    sendCommand: SendCommand;
    prefix?: string | undefined;
}
export declare function checkRedisOptions(name: string, options: RedisStoreOptions): void;
export declare function parseFlag(reply: unknown): boolean;
export declare function parseSet(reply: unknown): boolean;
export declare function parseText(reply: unknown): string | null;
export declare function parseTexts(reply: unknown): string[];
export declare function parseRow(reply: unknown, length: number): string[] | null;
export declare function wrongReply(reply: unknown, wanted: string): TypeError;

// stores/redis-jtis.d.ts
import type { DpopJti } from '../types';
import { type RedisStoreOptions } from './redis-command';
export declare function redisJtis(options: RedisStoreOptions): {
    consumeJti({ jti, jkt, expiresAt }: DpopJti): Promise<boolean>;
};

// stores/redis-refresh-tokens.d.ts
import type { RefreshToken } from '../types';
import { type RedisStoreOptions } from './redis-command';
export interface RedisRefreshTokensOptions extends RedisStoreOptions {
    revokedLifetime?: number | undefined;
    leeway?: number | undefined;
}
export declare function redisRefreshTokens<Token extends RefreshToken = RefreshToken>(options: RedisRefreshTokensOptions): {
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<Token>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<Token>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<Token> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
};

// stores/redis-store.d.ts
import { type StoreOptions } from './options';
import { type RedisStoreOptions } from './redis-command';
import { type AnyLoginRecord, type LoginRecord } from './store';
export interface RedisOptions extends RedisStoreOptions, StoreOptions {
}
export declare function redisStore<Record extends AnyLoginRecord = LoginRecord>(options: RedisOptions): {
    saveCode(code: string, record: Record, req?: import("express").Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: import("express").Request): Promise<import("./codes").FoundCodeRecord<Record> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: import("express").Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: import("express").Request) => Promise<void>;
    isRevoked(grantId: string, req?: import("express").Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: import("express").Request) => Promise<void>;
    findGrant: (grantId: string, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>, req?: import("express").Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<import("../tokens").RefreshTokenRecord<Record>>): void;
    };
    findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: import("express").Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: import("express").Request): Promise<void>;
    keepGrantsFor: (milliseconds: number) => void;
    consumeJti: (jti: import("./memory").DpopJti) => Promise<boolean>;
    revokeUser(userId: string, req?: import("express").Request): Promise<void>;
    adapters: {
        findCode: (code: string, req?: import("express").Request) => Promise<import("./codes").FoundCodeRecord<Record> | null>;
        consumeCode: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<boolean>;
        revokeTokens: ({ grantId }: {
            grantId: string;
        }, req?: import("express").Request) => Promise<void>;
        refresh: {
            findRefreshToken: (refreshToken: string, req?: import("express").Request) => Promise<import("./refresh-tokens").FoundRefreshToken<import("../tokens").RefreshTokenRecord<Record>> | null>;
            consumeRefreshToken: ({ tokenId }: {
                tokenId: string;
            }, req?: import("express").Request) => Promise<boolean>;
            revokeTokens: ({ grantId }: {
                grantId: string;
            }, req?: import("express").Request) => Promise<void>;
        };
    };
};

// stores/redis.d.ts, which is express-token-router/redis
export type { StoreOptions } from './options';
export { type RedisCodesOptions, redisCodes } from './redis-codes';
export type { RedisStoreOptions, SendCommand } from './redis-command';
export { redisJtis } from './redis-jtis';
export { type RedisRefreshTokensOptions, redisRefreshTokens } from './redis-refresh-tokens';
export { type RedisOptions, redisStore } from './redis-store';
export type { AnyLoginRecord, LoginRecord, Store } from './store';

// stores/refresh-tokens.d.ts
import type { Request } from 'express';
import type { RefreshToken } from '../types';
import type { Backend } from './backend';
export type FoundRefreshToken<Token> = Token & {
    grantId: string;
    tokenId: string;
    spentAt: Date | null;
    isRepeatable: boolean;
    repeatedAs: 'at_once' | 'late' | 'sibling' | null;
};
export type NewRefreshToken<Token> = Token & {
    grantId: string;
    tokenId?: string | undefined;
};
interface Options {
    leeway: number;
    keptAfter: () => number;
}
export declare function createRefreshTokens<Token extends RefreshToken>(backend: Backend, { leeway, keptAfter }: Options): {
    saveRefreshToken: ((refreshToken: string, record: NewRefreshToken<Token>, req?: Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: NewRefreshToken<Token>): void;
    };
    findRefreshToken: (refreshToken: string, req?: Request) => Promise<FoundRefreshToken<Token> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: Request): Promise<void>;
};
export {};

// stores/rotation.d.ts
export declare const DEFAULT_LEEWAY_MS = 10000;
export declare const EXPIRED_MS: number;
export declare const MAX_TOKENS = 50;
export declare const LATE_MS: number;
export declare const MAX_LATE = 10;
export declare const MAX_SIBLINGS = 3;
export interface Place {
    grant: string;
    generation: number;
    number: number;
}
export interface Rotation {
    generation: number;
    floor: number;
    late: number;
    spentFor: number | null;
    spender: number;
    spentFloor: number;
    sibling: number;
    run: number;
}
export type Kind = 'live' | 'at_once' | 'late' | 'sibling' | 'reused';
export declare function judge({ generation, number }: Omit<Place, 'grant'>, rotation: Rotation, leeway: number): Kind;
export declare function maySiblingFollow(generation: number, { sibling, run }: Pick<Rotation, 'sibling' | 'run'>): boolean;

// stores/store.d.ts
import type { Request } from 'express';
import type { AnyAuthorization, Authorization, RefreshTokenRecord } from '../tokens/types';
import type { AuthorizationCode, Awaitable, DpopJti } from '../types';
import type { Backend } from './backend';
import { type StoreOptions } from './options';
export type LoginRecord = AuthorizationCode & Authorization;
export type AnyLoginRecord = AuthorizationCode & AnyAuthorization;
export declare function createStore<Record extends AnyLoginRecord>(name: string, backend: Backend, consumeJti: (jti: DpopJti) => Awaitable<boolean>, options: StoreOptions): {
    saveCode(code: string, record: Record, req?: Request): Promise<{
        grantId: string;
    }>;
    findCode(code: string, req?: Request): Promise<import("./codes").FoundCodeRecord<Record> | null>;
    consumeCode({ grantId }: {
        grantId: string;
    }, req?: Request): Promise<boolean>;
    revokeTokens: ({ grantId }: {
        grantId: string;
    }, req?: Request) => Promise<void>;
    isRevoked(grantId: string, req?: Request): Promise<boolean>;
    revokeGrant: (grantId: string, req?: Request) => Promise<void>;
    findGrant: (grantId: string, req?: Request) => Promise<{
        isRevoked: boolean;
    } | null>;
    saveRefreshToken: ((refreshToken: string, record: import("./refresh-tokens").NewRefreshToken<RefreshTokenRecord<Record>>, req?: Request) => Promise<{
        isRevoked: boolean;
    }>) & {
        check(record: import("./refresh-tokens").NewRefreshToken<RefreshTokenRecord<Record>>): void;
    };
    findRefreshToken: (refreshToken: string, req?: Request) => Promise<import("./refresh-tokens").FoundRefreshToken<RefreshTokenRecord<Record>> | null>;
    consumeRefreshToken({ tokenId }: {
        tokenId: string;
    }, req?: Request): Promise<boolean>;
    extendRefreshToken({ tokenId }: {
        tokenId?: string;
    }, expiresAt: Date, req?: Request): Promise<void>;
    keepGrantsFor: (milliseconds: number) => void;
    consumeJti: (jti: DpopJti) => Promise<boolean>;
    revokeUser(userId: string, req?: Request): Promise<void>;
    adapters: {
        findCode: (code: string, req?: Request) => Promise<import("./codes").FoundCodeRecord<Record> | null>;
        consumeCode: ({ grantId }: {
            grantId: string;
        }, req?: Request) => Promise<boolean>;
        revokeTokens: ({ grantId }: {
            grantId: string;
        }, req?: Request) => Promise<void>;
        refresh: {
            findRefreshToken: (refreshToken: string, req?: Request) => Promise<import("./refresh-tokens").FoundRefreshToken<RefreshTokenRecord<Record>> | null>;
            consumeRefreshToken: ({ tokenId }: {
                tokenId: string;
            }, req?: Request) => Promise<boolean>;
            revokeTokens: ({ grantId }: {
                grantId: string;
            }, req?: Request) => Promise<void>;
        };
    };
};
export type Store<Record extends AnyLoginRecord = LoginRecord> = ReturnType<typeof createStore<Record>>;
