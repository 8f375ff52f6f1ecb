import { connectRedis, prepareRedis } from '../lib/redis.mjs';
import { createRig as createBare } from './bare-express.mjs';

const SPENT_SECONDS = '86400';
const CONSUME = `
if redis.call('GETRANGE', KEYS[1], 0, 0) ~= '0' then return 0 end
redis.call('SETRANGE', KEYS[1], 0, '1')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1`;

/** Bare Express with the same two commands: one that reads the code, one script that spends it. */
export async function createRig(parts) {
  const client = await connectRedis();
  const codes = {
    async find(code) {
      const value = await client.sendCommand(['GET', code]);
      if (value === null) return null;
      const record = JSON.parse(value.slice(1));
      return { ...record, expiresAt: new Date(record.expiresAt) };
    },
    consume: async ({ code }) => (await client.sendCommand(['EVAL', CONSUME, '1', code, SPENT_SECONDS])) === 1,
  };
  const save = (code, record) => client.sendCommand(['SET', code, `0${JSON.stringify(record)}`, 'EX', '600']);
  const app = createBare({ ...parts, codes });
  return Object.assign(app, { prepare: (count) => prepareRedis(client, count, save) });
}
