import { Cluster, type NatMap, Redis, type RedisOptions } from 'ioredis';
import { Pool } from 'pg';
import { createClient, createCluster, type RedisClientOptions } from 'redis';
import { postgresSchema, type Query } from '../../lib/stores/postgres';
import type { SendCommand } from '../../lib/stores/redis';
import { startPostgres, startRedis, type TestServer } from '../support/servers';

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
  different: Pick<RedisOptions, 'commandTimeout'> = {},
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

/** How a host reaches the nodes of a cluster: those that it is told of, and where another address leads to them. */
export interface ClusterAddresses {
  ports: readonly number[];
  /** The port to go to instead, by the port that the cluster names. */
  detours?: Readonly<Record<number, number>>;
}

/** The `redis` package on a cluster, which has to be told the key that a command belongs to. */
export async function connectRedisCluster({ ports, detours = {} }: ClusterAddresses): Promise<Connection<SendCommand>> {
  const cluster = createCluster({
    rootNodes: ports.map((port) => ({ socket: { host: '127.0.0.1', port } })),
    nodeAddressMap: (address) => {
      const port = Number(address.split(':').at(-1));
      return { host: '127.0.0.1', port: detours[port] ?? port };
    },
    defaults: { disableOfflineQueue: true, socket: { reconnectStrategy: () => 20 } },
  });
  cluster.on('error', () => undefined);
  await cluster.connect();
  return {
    send: (...args) => cluster.sendCommand(args[0] === 'EVAL' ? args[3] : args[1], false, args),
    close: async () => cluster.destroy(),
  };
}

/** ioredis on a cluster, which finds the key by itself; told not to send again what may have been carried out. */
export async function connectIoredisCluster({
  ports,
  detours = {},
}: ClusterAddresses): Promise<Connection<SendCommand>> {
  const natMap: NatMap = Object.fromEntries(
    Object.entries(detours).map(([from, to]) => [`127.0.0.1:${from}`, { host: '127.0.0.1', port: to }]),
  );
  const cluster = new Cluster(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    { lazyConnect: true, retryDelayOnFailover: 0, natMap },
  );
  cluster.on('error', () => undefined);
  await cluster.connect();
  return {
    send: (...args) => cluster.call(...(args as [string, ...string[]])),
    close: async () => cluster.disconnect(),
  };
}

export function connectPg({ port }: TestServer): Connection<Query> {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5 });
  pool.on('error', () => undefined);
  return { send: (text, values) => pool.query(text, values), close: () => pool.end() };
}

/** A connection that the tests of a block share. */
type Shared<Send> = Pick<Connection<Send>, 'send'>;

function share<Send>(
  open: () => Promise<{ server: TestServer; connection: Connection<Send> }>,
): () => Connection<Send> {
  let opened: Awaited<ReturnType<typeof open>> | undefined;
  beforeAll(async () => {
    opened = await open();
  }, 300_000);
  afterAll(async () => {
    await opened?.connection.close();
    await opened?.server.stop();
  });
  return () => opened?.connection as Connection<Send>;
}

/** A Redis server for the tests of a block. */
export function useRedis(): Shared<SendCommand> {
  const connection = share(async () => {
    const server = await startRedis();
    return { server, connection: await connectRedis(server) };
  });
  return { send: (...args) => connection().send(...args) };
}

/** A PostgreSQL server with our tables, for the tests of a block. */
export function usePostgres(): Shared<Query> {
  const connection = share(async () => {
    const server = await startPostgres();
    const opened = connectPg(server);
    await migrate(opened.send);
    return { server, connection: opened };
  });
  return { send: (text, values) => connection().send(text, values) };
}

/** Makes the tables. */
export async function migrate(query: Query): Promise<void> {
  await query(postgresSchema, []);
}

const TABLES = ['oauth_grants', 'oauth_refresh_tokens', 'oauth_jtis'] as const;

export async function emptyTables(query: Query): Promise<void> {
  await query(`TRUNCATE ${TABLES.join(', ')}`, []);
}

/** All rows of all tables, as text. */
export async function dumpTables(query: Query): Promise<string> {
  let text = '';
  for (const table of TABLES) {
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
      if (type === 'zset') return send('ZRANGE', key, '0', '-1', 'WITHSCORES');
      return send('GET', key);
    }),
  );
  return JSON.stringify([keys, values]);
}
