import { memoryCodes } from '../../lib/stores/memory-codes';
import { memoryJtis } from '../../lib/stores/memory-jtis';
import { memoryRefreshTokens } from '../../lib/stores/memory-refresh-tokens';
import { postgresCodes, postgresJtis, postgresRefreshTokens, type Query } from '../../lib/stores/postgres';
import { redisCodes, redisJtis, redisRefreshTokens, type SendCommand } from '../../lib/stores/redis';
import {
  type Bench,
  type ConformanceOptions,
  codeStoreConformance,
  jtiStoreConformance,
  refreshTokenStoreConformance,
} from '../../lib/testing';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import {
  type Connection,
  connectIoredis,
  connectPg,
  connectRedis,
  dumpRedis,
  dumpTables,
  emptyTables,
  migrate,
} from './backends';

/** Nothing of it is at rest, and nothing outlives the process. */
const IN_MEMORY: ConformanceOptions = { without: ['dump', 'restart'] };

describe('memoryCodes', () => {
  codeStoreConformance(test, () => ({ stores: [memoryCodes()] }), IN_MEMORY);
});

describe('memoryJtis', () => {
  jtiStoreConformance(test, () => ({ stores: [memoryJtis()] }), { without: ['restart'] });
});

describe('memoryRefreshTokens', () => {
  refreshTokenStoreConformance(test, () => ({ stores: [memoryRefreshTokens()] }), IN_MEMORY);
});

describeWith('redis-server', 'Redis', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  }, 300_000);
  afterAll(() => server.stop());

  /** Three connections of both drivers, over an empty server. */
  const benchOf =
    <Store>(create: (send: SendCommand) => Store) =>
    async (): Promise<Bench<Store>> => {
      const open: Connection<SendCommand>[] = [];
      const connect = async () => {
        const made = await Promise.all([connectRedis(server), connectIoredis(server), connectRedis(server)]);
        open.push(...made);
        return made;
      };
      const [first, second, third] = await connect();
      await first.send('FLUSHALL');
      return {
        stores: [create(first.send), create(second.send), create(third.send)],
        dump: () => dumpRedis(first.send),
        async restart() {
          await server.kill();
          await server.restart();
          const [reborn] = await connect();
          return [create(reborn.send)];
        },
        close: async () => {
          await Promise.all(open.map(({ close }) => close()));
        },
      };
    };

  describe('redisCodes', () => {
    codeStoreConformance(
      test,
      benchOf((sendCommand) => redisCodes({ sendCommand })),
    );
  });
  describe('redisJtis', () => {
    jtiStoreConformance(
      test,
      benchOf((sendCommand) => redisJtis({ sendCommand })),
    );
  });
  describe('redisRefreshTokens', () => {
    refreshTokenStoreConformance(
      test,
      benchOf((sendCommand) => redisRefreshTokens({ sendCommand })),
    );
  });
});

describeWith('postgres', 'PostgreSQL', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPostgres();
    const { send, close } = connectPg(server);
    await migrate(send);
    await close();
  }, 300_000);
  afterAll(() => server.stop());

  const benchOf =
    <Store>(create: (send: Query) => Store) =>
    async (): Promise<Bench<Store>> => {
      const open: Connection<Query>[] = [];
      const connect = () => {
        const made = connectPg(server);
        open.push(made);
        return made;
      };
      const first = connect();
      await emptyTables(first.send);
      return {
        stores: [create(first.send), create(connect().send), create(connect().send)],
        dump: () => dumpTables(first.send),
        async restart() {
          await server.kill();
          await server.restart();
          return [create(connect().send)];
        },
        close: async () => {
          await Promise.all(open.map(({ close }) => close()));
        },
      };
    };

  describe('postgresCodes', () => {
    codeStoreConformance(
      test,
      benchOf((query) => postgresCodes({ query })),
    );
  });
  describe('postgresJtis', () => {
    jtiStoreConformance(
      test,
      benchOf((query) => postgresJtis({ query })),
    );
  });
  describe('postgresRefreshTokens', () => {
    refreshTokenStoreConformance(
      test,
      benchOf((query) => postgresRefreshTokens({ query })),
    );
  });
});
