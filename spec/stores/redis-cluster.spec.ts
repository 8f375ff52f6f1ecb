import { setTimeout as sleep } from 'node:timers/promises';
import { redisCodes, redisJtis, redisRefreshTokens, type SendCommand } from '../../lib/stores/redis';
import {
  type Bench,
  codeStoreConformance,
  createCode,
  createCodeRecord,
  createRefreshToken,
  createRefreshTokenRecord,
  jtiStoreConformance,
  refreshTokenStoreConformance,
} from '../../lib/testing';
import { describeWith, startRedisCluster, type TestCluster } from '../support/servers';
import {
  type ClusterAddresses,
  type Connection,
  connectIoredisCluster,
  connectRedis,
  connectRedisCluster,
  dumpRedis,
} from './backends';
import { startProxy } from './proxy';

const DRIVERS: Record<string, (addresses: ClusterAddresses) => Promise<Connection<SendCommand>>> = {
  redis: connectRedisCluster,
  ioredis: connectIoredisCluster,
};

describeWith('redis-server', 'Redis Cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startRedisCluster(['--appendonly', 'yes', '--appendfsync', 'always']);
  }, 120_000);
  afterAll(() => cluster.stop());

  /** Asks every node by itself. */
  const ofNodes = <T>(ask: (send: SendCommand) => Promise<T>) =>
    Promise.all(
      cluster.ports.map(async (port) => {
        const { send, close } = await connectRedis({ port });
        const answer = await ask(send);
        await close();
        return answer;
      }),
    );

  /** Three connections of both drivers, over an empty cluster. */
  const benchOf =
    <Store>(create: (send: SendCommand) => Store) =>
    async (): Promise<Bench<Store>> => {
      await cluster.tell('FLUSHALL');
      const open: Connection<SendCommand>[] = [];
      const connect = async () => {
        const made = await Promise.all([
          connectRedisCluster(cluster),
          connectIoredisCluster(cluster),
          connectRedisCluster(cluster),
        ]);
        open.push(...made);
        return made.map(({ send }) => create(send)) as [Store, Store, Store];
      };
      return {
        stores: await connect(),
        dump: async () => (await ofNodes(dumpRedis)).join(),
        async restart() {
          await cluster.kill();
          await cluster.restart();
          return connect();
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

  describe.each(Object.entries(DRIVERS))('by %s', (_name, connect) => {
    let cleanUp: (() => unknown)[];

    beforeEach(async () => {
      cleanUp = [];
      await cluster.tell('FLUSHALL');
    });
    afterEach(async () => {
      for (const step of cleanUp) await step();
    });

    async function connectTo(addresses: ClusterAddresses) {
      const { send, close } = await connect(addresses);
      cleanUp.push(close);
      return send;
    }

    test('every command goes to the node that has its key, at once', async () => {
      await cluster.tell('CONFIG RESETSTAT');
      const sendCommand = await connectTo(cluster);
      const codes = redisCodes({ sendCommand });
      const tokens = redisRefreshTokens({ sendCommand });
      const { consumeJti } = redisJtis({ sendCommand });
      for (let i = 0; i < 15; i += 1) {
        const [code, refreshToken] = [createCode(), createRefreshToken()];
        await codes.saveCode(code, createCodeRecord());
        const found = await codes.findCode(code);
        expect(found).not.toBeNull();
        if (found)
          expect([await codes.consumeCode(found), await codes.isRevoked(found.grantId)]).toEqual([true, false]);
        await tokens.saveRefreshToken(refreshToken, createRefreshTokenRecord());
        const token = await tokens.findRefreshToken(refreshToken);
        expect(token && (await tokens.consumeRefreshToken(token))).toBe(true);
        expect(await consumeJti({ jti: code, jkt: 'a key', expiresAt: new Date(Date.now() + 60_000) })).toBe(true);
      }
      const sizes = await ofNodes(async (send) => Number(await send('DBSIZE')));
      // The grant of a code, a token, its grant and a jti each: what was spent stands in the record of its grant.
      expect(sizes.reduce((sum, size) => sum + size)).toBe(60);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
      expect((await ofNodes((send) => Promise.resolve(send('INFO', 'errorstats')))).join()).not.toContain('MOVED');
    });

    test('the answer to the spending is lost: nothing is sent again', async () => {
      const proxies = await Promise.all(cluster.ports.map((port) => startProxy(port)));
      const detours = Object.fromEntries(cluster.ports.map((port, index) => [port, proxies[index]?.port as number]));
      const sendCommand = await connectTo({ ports: proxies.map(({ port }) => port), detours });
      cleanUp.push(...proxies.map(({ stop }) => stop));
      const { saveCode, findCode, consumeCode } = redisCodes({ sendCommand });
      const code = createCode();
      await saveCode(code, createCodeRecord());
      const found = await findCode(code);
      let sent = 0;
      for (const proxy of proxies) {
        proxy.set((bytes) => {
          if (!bytes.includes('EVAL')) return 'pass';
          sent += 1;
          return 'reset';
        });
      }
      await expect(consumeCode(found as { grantId: string })).rejects.toThrow();
      await sleep(300);
      expect(sent).toBe(1);
      const direct = redisCodes({ sendCommand: await connectTo(cluster) });
      expect(await direct.consumeCode(found as { grantId: string })).toBe(false);
    });
  });
});
