import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { createCode } from './codes.mjs';

/** Starts a server of our own that keeps nothing; `undefined` where there is none on this machine. */
export async function startRedis() {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const port = await findPort();
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  process.on('exit', () => server.kill());
  process.env.BENCH_REDIS_PORT = String(port);
  await waitFor(port);
  return { stop: () => server.kill() };
}

export async function connectRedis() {
  const client = createClient({ url: `redis://127.0.0.1:${process.env.BENCH_REDIS_PORT}` });
  client.on('error', () => {});
  return client.connect();
}

/** Codes for a trial, the ones of the trial before dropped. */
export async function prepareRedis(client, count, save) {
  await client.sendCommand(['FLUSHALL']);
  const codes = Array.from({ length: count }, createCode);
  await Promise.all(codes.map(({ code, record }) => save(code, record)));
  return codes.map(({ code, codeVerifier }) => ({ code, codeVerifier }));
}

export async function findPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function waitFor(port) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.close();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('redis-server did not start');
}
