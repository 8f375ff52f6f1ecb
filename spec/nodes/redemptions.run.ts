import { setTimeout as sleep } from 'node:timers/promises';
import { createCode, createCodeRecord, createPkcePair } from '../../lib/testing';
import { startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Answer, hangUp, inParallel, type Nodes, post, startNodes } from './cluster';
import { createStore } from './store';

// Four node processes, one store; each code is fired at all of them at once. CODES says how many codes.
const CODES = Number(process.env.CODES ?? 10_000);
const PARALLEL = 8;
const NODES = 4;

const START: Record<string, () => Promise<TestServer>> = {
  redis: () => startRedis(['--appendonly', 'yes', '--appendfsync', 'always']),
  postgres: () => startPostgres(),
};

const pair = createPkcePair();
const formOf = (code: string) => ({
  grant_type: 'authorization_code',
  client_id: 'spa',
  code,
  code_verifier: pair.codeVerifier,
  redirect_uri: 'https://app.example/callback',
});

const report = (line: string) => process.stdout.write(`${line}\n`);

afterAll(hangUp);

describe.each(Object.entries(START))('%s', (name, start) => {
  let server: TestServer;
  let store: Awaited<ReturnType<typeof createStore>>;
  let nodes: Nodes;

  const begin = async (adapterTimeout: number) => {
    server = await start();
    store = await createStore(name, server.port);
    await store.migrate();
    const env = { STORE: name, STORE_PORT: String(server.port), ADAPTER_TIMEOUT: String(adapterTimeout) };
    nodes = await startNodes(Array.from({ length: NODES }, () => env));
    const codes = Array.from({ length: CODES }, createCode);
    await inParallel(codes, 32, async (code) => {
      await store.codes.saveCode(
        code,
        createCodeRecord({ codeChallenge: pair.codeChallenge, expiresAt: new Date(Date.now() + 600_000) }),
      );
    });
    return codes;
  };

  const fire = (code: string) =>
    Promise.all(
      Array.from({ length: PARALLEL }, (_, index) => post(nodes.ports[index % NODES] as number, formOf(code))),
    );

  afterEach(async () => {
    await nodes?.stop();
    await store?.close();
    await server?.stop();
  });

  test(`${CODES} codes, each by ${PARALLEL} requests at once on ${NODES} nodes: each exactly one success`, async () => {
    const codes = await begin(5000);
    const startedAt = Date.now();
    const statuses = new Map<number, number>();
    let wrong = 0;
    await inParallel(codes, 6, async (code) => {
      const answers = await fire(code);
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (answers.filter(({ status }) => status === 200).length !== 1) wrong += 1;
    });
    const seconds = (Date.now() - startedAt) / 1000;
    const inStore = await store.readIssued();
    const issued = await nodes.listIssued();
    report(`${name}: ${CODES} codes x ${PARALLEL}: ${JSON.stringify([...statuses])} in ${seconds} s`);
    expect({ wrong, statuses: Object.fromEntries(statuses) }).toEqual({
      wrong: 0,
      statuses: { 200: CODES, 400: CODES * (PARALLEL - 1) },
    });
    expect([inStore.length, inStore.every((count: number) => count === 1)]).toEqual([CODES, true]);
    expect([issued.length, new Set(issued).size]).toEqual([CODES, CODES]);
  });

  test(`${CODES} codes while the server is killed and restarted three times: none succeeds twice`, async () => {
    const codes = await begin(1000);
    const statuses = new Map<number, number>();
    const succeeded = new Map<string, number>();
    const malformed: Answer[] = [];
    let slowest = 0;
    let done = 0;

    const saboteur = (async () => {
      for (const share of [0.25, 0.5, 0.75]) {
        while (done < CODES * share) await sleep(5);
        await server.kill();
        await sleep(300);
        await server.restart();
      }
    })();
    await inParallel(codes, 6, async (code) => {
      const startedAt = Date.now();
      const answers = await fire(code);
      slowest = Math.max(slowest, Date.now() - startedAt);
      done += 1;
      for (const answer of answers) {
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (!isOAuthJson(answer)) malformed.push(answer);
      }
      succeeded.set(code, answers.filter(({ status }) => status === 200).length);
    });
    await saboteur;

    // Service is there again by itself; what has brought no tokens yet is asked for once more.
    const without = codes.filter((code) => succeeded.get(code) === 0);
    let late = 0;
    let lost = 0;
    let unanswered = 0;
    await sleep(500);
    await inParallel(without, 6, async (code) => {
      const { status } = await post(nodes.ports[0] as number, formOf(code));
      if (status === 200) {
        late += 1;
        succeeded.set(code, 1);
      } else if (status === 400) lost += 1;
      else unanswered += 1;
    });
    const issued = await nodes.listIssued();
    report(
      `${name}, killed three times: ${JSON.stringify([...statuses])}, slowest ${slowest} ms; without tokens at first ` +
        `${without.length}, redeemed later ${late}, spent but never answered ${lost}`,
    );
    expect(malformed).toEqual([]);
    expect(unanswered).toBe(0);
    expect(Math.max(...succeeded.values())).toBe(1);
    expect(new Set(issued).size).toBe(issued.length);
    expect(slowest).toBeLessThan(5000);
  });
});

function isOAuthJson({ status, body }: Answer): boolean {
  try {
    const parsed = JSON.parse(body);
    return status === 200 ? typeof parsed.access_token === 'string' : typeof parsed.error === 'string';
  } catch {
    return false;
  }
}
