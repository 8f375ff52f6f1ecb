import { postgresCodes, postgresJtis, postgresRefreshTokens, postgresStore } from '../../lib/stores/postgres';
import { redisCodes, redisJtis, redisRefreshTokens, redisStore } from '../../lib/stores/redis';

const never = () => {
  throw new Error('never sent');
};
const REDIS = { redisStore, redisCodes, redisRefreshTokens, redisJtis };
const POSTGRES = { postgresStore, postgresCodes, postgresRefreshTokens, postgresJtis };
type Create = (options: unknown) => unknown;

describe('A misspelt option is refused: tenants would share what they must not, in silence', () => {
  it.each(Object.entries(REDIS))('%s', (name, create) => {
    expect(() => (create as Create)({ sendCommand: never, prefx: 'tenant' })).toThrow(
      `${name}: prefx does not exist. Did you mean prefix?`,
    );
    expect(() => (create as Create)({ sendCommand: never, prefix: 'tenant' })).not.toThrow();
  });

  it.each(Object.entries(POSTGRES))('%s', (name, create) => {
    expect(() => (create as Create)({ query: never, prefx: 'tenant' })).toThrow(
      `${name}: prefx does not exist. Did you mean prefix?`,
    );
    expect(() => (create as Create)({ query: never, prefix: 'tenant' })).not.toThrow();
  });
});

describe('What cannot be called is refused when the store is made', () => {
  class Client {}
  const none: [string, unknown][] = [
    ['a class', Client],
    ['a client', new Client()],
    ['nothing', undefined],
    ['a store that was not called', redisStore],
  ];
  it.each(none)('%s', (_what, given) => {
    for (const [name, create] of Object.entries(REDIS)) {
      expect(() => (create as Create)({ sendCommand: given })).toThrow(`${name}: sendCommand is `);
    }
    for (const [name, create] of Object.entries(POSTGRES)) {
      expect(() => (create as Create)({ query: given })).toThrow(`${name}: query is `);
    }
  });

  it.each([[undefined], [null]])('and options that are %s', (given) => {
    for (const create of [...Object.values(REDIS), ...Object.values(POSTGRES)]) {
      expect(() => (create as Create)(given)).toThrow(TypeError);
    }
  });
});
