import { createCode, createCodeRecord, createPkcePair } from '../../lib/testing';
import { type ServerName, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Answer, inParallel, type Nodes, post, startNodes } from './cluster';
import { createStore } from './store';

/** How many codes a run fires. */
export const CODES = Number(process.env.CODES ?? 10_000);
export const PARALLEL = 8;
export const NODES = 4;
/** How many codes are fired at a time. */
export const LANES = 6;

export const SERVERS: Record<string, { server: ServerName; start: () => Promise<TestServer> }> = {
  redis: { server: 'redis-server', start: () => startRedis(['--appendonly', 'yes', '--appendfsync', 'always']) },
  postgres: { server: 'postgres', start: () => startPostgres() },
};

const pair = createPkcePair();
const formOf = (code: string) => ({
  grant_type: 'authorization_code',
  client_id: 'spa',
  code,
  code_verifier: pair.codeVerifier,
  redirect_uri: 'https://app.example/callback',
});

export const report = (line: string) => process.stdout.write(`${line}\n`);

/** A server, its store, and node processes in front of it. */
export interface Fleet {
  server: TestServer;
  store: Awaited<ReturnType<typeof createStore>>;
  nodes: Nodes;
  /** Saves new codes, which live for ten minutes unless it is said otherwise. */
  saveCodes(count: number, lifetime?: number): Promise<string[]>;
  /** Redeems a code at one node. */
  redeem(code: string, node: number): Promise<Answer>;
  /** Redeems a code at all nodes at once, at each of them as often. */
  fire(code: string): Promise<Answer[]>;
  stop(): Promise<void>;
}

/** Starts them; `environments` says what differs from one node to the next. */
export async function startFleet(name: string, environments: readonly NodeJS.ProcessEnv[] = []): Promise<Fleet> {
  const server = await (SERVERS[name] as (typeof SERVERS)[string]).start();
  const store = await createStore(name, server.port);
  await store.migrate();
  const env = { STORE: name, STORE_PORT: String(server.port) };
  const nodes = await startNodes(Array.from({ length: NODES }, (_, index) => ({ ...env, ...environments[index] })));
  const redeem = (code: string, node: number) => post(nodes.ports[node] as number, formOf(code));
  return {
    server,
    store,
    nodes,
    async saveCodes(count, lifetime = 600_000) {
      const codes = Array.from({ length: count }, createCode);
      await inParallel(codes, 32, async (code) => {
        const expiresAt = new Date(Date.now() + lifetime);
        await store.codes.saveCode(code, createCodeRecord({ codeChallenge: pair.codeChallenge, expiresAt }));
      });
      return codes;
    },
    redeem,
    fire: (code) => Promise.all(Array.from({ length: PARALLEL }, (_, index) => redeem(code, index % NODES))),
    async stop() {
      await nodes.stop();
      await store.close();
      await server.stop();
    },
  };
}

export const successesOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200).length;
