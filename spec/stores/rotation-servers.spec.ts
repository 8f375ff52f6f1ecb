import { digestOf, shorten } from '../../lib/stores/digest';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectPg, connectRedis, migrate } from './backends';
import type { Stage } from './rotation/drive';
import { LEEWAY_MS } from './rotation/model';
import { describeStage } from './rotation/stage';

const leeway = LEEWAY_MS;

describeWith('redis-server', 'redisStore', () => {
  let server: TestServer;
  let connection: Connection<SendCommand>;

  beforeAll(async () => {
    server = await startRedis();
    connection = await connectRedis(server);
  }, 300_000);
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  const createStage = (): Stage => ({
    ...redisStore({ sendCommand: connection.send, leeway }),
    async wait(milliseconds, grantId) {
      const key = `oauth:grant:{${shorten(digestOf(grantId))}}`;
      if ((await connection.send('HEXISTS', key, 'spent')) === 1) {
        await connection.send('HINCRBY', key, 'spent', String(-milliseconds));
      }
    },
  });
  describeStage(createStage, 40);
});

describeWith('postgres', 'postgresStore', () => {
  let server: TestServer;
  let connection: Connection<Query>;

  beforeAll(async () => {
    server = await startPostgres();
    connection = connectPg(server);
    await migrate(connection.send);
  }, 300_000);
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });

  const createStage = (): Stage => ({
    ...postgresStore({ query: connection.send, leeway }),
    wait: (milliseconds, grantId) =>
      connection.send(
        "UPDATE oauth_grants SET rotated_at = rotated_at - $2::float8 * interval '1 millisecond' WHERE digest = decode($1, 'hex')",
        [digestOf(grantId), milliseconds],
      ),
  });
  describeStage(createStage, 10);
});
