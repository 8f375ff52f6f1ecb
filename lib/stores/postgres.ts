export type { StoreOptions } from './options';
export { type PostgresCodesOptions, postgresCodes } from './postgres-codes';
export { postgresJtis } from './postgres-jtis';
export type { PostgresStoreOptions, Query } from './postgres-query';
export { type PostgresRefreshTokensOptions, postgresRefreshTokens } from './postgres-refresh-tokens';
export { postgresSchema } from './postgres-schema';
export { type PostgresOptions, postgresStore } from './postgres-store';
export type { AnyLoginRecord, LoginRecord, Store } from './store';
