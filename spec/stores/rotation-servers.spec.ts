import { digestOf, shorten } from '../../lib/stores/digest';
import { postgresStore } from '../../lib/stores/postgres';
import { redisStore } from '../../lib/stores/redis';
import { describeWith } from '../support/servers';
import { usePostgres, useRedis } from './backends';
import type { Stage } from './rotation/drive';
import { LEEWAY_MS } from './rotation/model';
import { describeStage } from './rotation/stage';

const leeway = LEEWAY_MS;

describeWith('redis-server', 'redisStore', () => {
  const { send } = useRedis();
  const createStage = (): Stage => ({
    ...redisStore({ sendCommand: send, leeway }),
    async wait(milliseconds, grantId) {
      const key = `oauth:grant:{${shorten(digestOf(grantId))}}`;
      if ((await send('HEXISTS', key, 'spent')) === 1) {
        await send('HINCRBY', key, 'spent', String(-milliseconds));
      }
    },
  });
  describeStage(createStage, 40);
});

describeWith('postgres', 'postgresStore', () => {
  const { send } = usePostgres();
  const createStage = (): Stage => ({
    ...postgresStore({ query: send, leeway }),
    wait: (milliseconds, grantId) =>
      send(
        "UPDATE oauth_grants SET rotated_at = rotated_at - $2::float8 * interval '1 millisecond' WHERE digest = decode($1, 'hex')",
        [digestOf(grantId), milliseconds],
      ),
  });
  describeStage(createStage, 10);
});
