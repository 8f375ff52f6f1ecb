export { type PostgresCodesOptions, postgresCodes } from './postgres-codes';
export { postgresJtis } from './postgres-jtis';
export type { PostgresStoreOptions, Query } from './postgres-query';
export { postgresSchema } from './postgres-schema';
