import { Redis, type RedisOptions } from 'ioredis';
import { Pool } from 'pg';
import { createClient, type RedisClientOptions } from 'redis';
import { postgresSchema, type Query } from '../../lib/stores/postgres';
import type { SendCommand } from '../../lib/stores/redis';
import type { TestServer } from '../support/servers';

/** A connection to a server, as a host would make it. */
export interface Connection<Send> {
  send: Send;
  close(): Promise<unknown>;
}

/** The `redis` package. It sends nothing again by itself, and nothing waits for a lost connection to come back. */
export async function connectRedis(
  { port }: { port: number },
  different: RedisClientOptions = {},
): Promise<Connection<SendCommand>> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: () => 20 },
    disableOfflineQueue: true,
    ...different,
  });
  client.on('error', () => undefined);
  await client.connect();
  return { send: (...args) => client.sendCommand(args), close: async () => client.destroy() };
}

/** ioredis, told not to send again what may have been carried out. */
export async function connectIoredis(
  { port }: { port: number },
  different: RedisOptions = {},
): Promise<Connection<SendCommand>> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => 20,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    ...different,
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    send: (...args) => client.call(...(args as [string, ...string[]])),
    close: async () => client.disconnect(),
  };
}

export function connectPg({ port }: TestServer): Connection<Query> {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5 });
  pool.on('error', () => undefined);
  return { send: (text, values) => pool.query(text, values), close: () => pool.end() };
}

/** Makes the tables. */
export async function migrate(query: Query): Promise<void> {
  for (const statement of postgresSchema.split(';')) await query(statement, []);
}

export async function emptyTables(query: Query): Promise<void> {
  for (const [, table] of postgresSchema.matchAll(/CREATE TABLE (\w+)/g)) await query(`TRUNCATE ${table}`, []);
}

/** All rows of all tables, as text. */
export async function dumpTables(query: Query): Promise<string> {
  let text = '';
  for (const [, table] of postgresSchema.matchAll(/CREATE TABLE (\w+)/g)) {
    const { rows } = await query(`SELECT t.* FROM ${table} t`, []);
    // What is in a bytea is looked at as well.
    text += JSON.stringify(rows, (_key, value) =>
      value?.type === 'Buffer'
        ? `${Buffer.from(value.data).toString('latin1')}${Buffer.from(value.data).toString('hex')}`
        : value,
    );
  }
  return text;
}

/** All keys and values, as text. */
export async function dumpRedis(send: SendCommand): Promise<string> {
  const keys = (await send('KEYS', '*')) as string[];
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = await send('TYPE', key);
      if (type === 'hash') return send('HGETALL', key);
      if (type === 'set') return send('SMEMBERS', key);
      return send('GET', key);
    }),
  );
  return JSON.stringify([keys, values]);
}
