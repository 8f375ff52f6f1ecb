export type { StoreOptions } from './options';
export { type RedisCodesOptions, redisCodes } from './redis-codes';
export type { RedisStoreOptions, SendCommand } from './redis-command';
export { redisJtis } from './redis-jtis';
export { type RedisRefreshTokensOptions, redisRefreshTokens } from './redis-refresh-tokens';
export { type RedisOptions, redisStore } from './redis-store';
export type { AnyLoginRecord, LoginRecord, Store } from './store';
