export { type PostgresCodesOptions, postgresCodes } from './postgres-codes';
export { postgresJtis } from './postgres-jtis';
export type { PostgresStoreOptions, Query } from './postgres-query';
export { type PostgresRefreshTokensOptions, postgresRefreshTokens } from './postgres-refresh-tokens';
export { postgresSchema } from './postgres-schema';
