const { Pool } = require('pg');
const { createClient } = require('redis');
const { postgresCodes, postgresSchema } = require('../../dist/stores/postgres.js');
const { redisCodes } = require('../../dist/stores/redis.js');

/** The stores as a host would set them up: nothing is sent again, nothing waits for a lost connection to come back. */
const STORES = {
  async redis(port) {
    const client = createClient({
      socket: { host: '127.0.0.1', port, reconnectStrategy: () => 50 },
      disableOfflineQueue: true,
    });
    client.on('error', () => undefined);
    await client.connect();
    return {
      codes: redisCodes({ sendCommand: (...args) => client.sendCommand(args) }),
      countIssued: (grantId) => client.sendCommand(['INCR', `issued:${grantId}`]),
      async readIssued() {
        const counts = new Map();
        for await (const keys of client.scanIterator({ MATCH: 'issued:*', COUNT: 1000 })) {
          if (keys.length === 0) continue;
          const values = await client.mGet(keys);
          for (const [index, key] of keys.entries()) counts.set(key, Number(values[index]));
        }
        return [...counts.values()];
      },
      migrate: () => client.sendCommand(['FLUSHALL']),
      close: () => client.destroy(),
    };
  },

  async postgres(port) {
    const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', max: 10, connectionTimeoutMillis: 2000 });
    pool.on('error', () => undefined);
    return {
      codes: postgresCodes({ query: (text, values) => pool.query(text, values) }),
      countIssued: (grantId) => pool.query('INSERT INTO issued VALUES ($1)', [grantId]),
      async readIssued() {
        const { rows } = await pool.query('SELECT count(*)::int AS count FROM issued GROUP BY grant_id');
        return rows.map(({ count }) => count);
      },
      async migrate() {
        await pool.query(`${postgresSchema}; CREATE TABLE issued (grant_id text NOT NULL)`);
      },
      close: () => pool.end(),
    };
  },
};

exports.createStore = (name, port) => STORES[name](port);
