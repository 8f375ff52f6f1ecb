import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { createTokenRouter, type Outcome, type TokenRouterOptions } from '../../lib';
import { createClientAuthentication } from '../../lib/clients';
import { memoryJtis, memoryStore } from '../../lib/stores/memory';
import { describeTokenEndpoint, type TokenEndpointBench, type TokenEndpointHost } from '../../lib/testing';

interface Different {
  router?: Partial<TokenRouterOptions>;
  before?: (app: Express) => unknown;
  app?: RequestListener;
  bench?: Partial<TokenEndpointBench>;
}

/** A host with opaque tokens, and what is given in the place of what is right. */
function createBench({ router = {}, before, app, bench = {} }: Different = {}): TokenEndpointBench {
  const store = memoryStore();
  const own = express();
  before?.(own);
  own.use(
    createTokenRouter({
      ...store.adapters,
      refresh: undefined,
      issueTokens: () => ({ access_token: 'random', expires_in: 60 }),
      rateLimit: { limit: 3, validate: false },
      // Taken, so that it is not printed.
      onOutcome: (outcome: Outcome) => void outcome.fault,
      ...router,
    } as never),
  );
  const saveCode: TokenEndpointBench['saveCode'] = (code, record) =>
    store.saveCode(code, { ...record, userId: 'ada', audience: null, nonce: null });
  return { app: app ?? own, saveCode, ...bench };
}

const plain: TokenEndpointHost = { accessToken: 'opaque', scope: 'read', rateLimit: 3 };

/** The rules by their names, and the names of those that are skipped. */
function collect(host?: TokenEndpointHost, create = () => createBench()) {
  const rules = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const test = Object.assign((name: string, body: () => Promise<void>) => rules.set(name, body), {
    skip: (name: string) => skipped.push(name),
  });
  describeTokenEndpoint(test, create, host);
  return { rules, names: [...rules.keys()], skipped };
}

async function run(name: string, different: Different = {}, host: TokenEndpointHost = {}): Promise<string> {
  const rule = collect({ ...plain, ...host }, () => createBench(different)).rules.get(name);
  if (!rule) return `There is no rule ${name}`;
  return rule().then(
    () => 'passed',
    (thrown: Error) => thrown.message,
  );
}

const GOOD = 'issues tokens for a good code';
const LIMIT = 'limits the failures of an address, whatever it writes into X-Forwarded-For';
const OTHERS = 'limits only the address that failed';

describe('A host of its own kind passes', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signing = { clientId: 'spa', privateKey, audience: 'https://auth.example' };
  const authenticateClient = createClientAuthentication({
    findClient: (clientId) =>
      clientId === 'spa'
        ? {
            clientId,
            tokenEndpointAuthMethod: 'private_key_jwt',
            jwks: { keys: [publicKey.export({ format: 'jwk' })] },
          }
        : null,
    audience: 'https://auth.example',
    ...memoryJtis(),
  });
  it.each<[string, string, Different, TokenEndpointHost]>([
    ['without a proxy', LIMIT, {}, {}],
    ['behind two proxies', OTHERS, { before: (app) => app.set('trust proxy', 2) }, { proxies: 2 }],
    ['with an audience', GOOD, {}, { audience: 'https://api.example/' }],
    ['with keys that are asked for', GOOD, { bench: { jwks: () => ({ keys: [] }) } }, {}],
    [
      'with statuses of its own',
      'refuses a code that was redeemed',
      { router: { errorStatus: { invalid_grant: 403 } } },
      { errorStatus: { invalid_grant: 403 } },
    ],
    [
      'that saves no code without PKCE',
      'refuses a code whose login had no PKCE',
      {
        bench: {
          saveCode() {
            throw new Error('a column that is NOT NULL');
          },
        },
      },
      {},
    ],
    ...collect({ client: signing })
      .names.filter((name) => /assertion|refuses a client/.test(name))
      .map((name): [string, string, Different, TokenEndpointHost] => [
        'with clients that sign',
        name,
        { router: { authenticateClient } },
        { client: signing },
      ]),
    ['without authenticateClient', 'refuses a client that nobody registered, and leaves the code', {}, {}],
    ['without authenticateClient', 'limits the guesses of a secret, whatever else changes between them', {}, {}],
  ])('%s: %s', async (_what, name, different, host) => {
    expect(await run(name, different, host)).toBe('passed');
  });

  it.each(['JSON that is cut short', 'UTF-16', 'a body of 40 kilobytes', 'a body in plain text'])(
    'with parsers before the router, which answer in JSON: %s',
    async (what) => {
      const answer: express.ErrorRequestHandler = (error, _req, res, _next) => {
        const body = JSON.stringify({ error: 'invalid_request', error_description: 'The body cannot be read' });
        res.writeHead(error.status, {
          'Content-Type': 'application/json',
          'Cache-Control': 'no-store',
          Pragma: 'no-cache',
        });
        res.end(body);
      };
      const before = (app: Express) => app.use(express.json(), express.urlencoded({ extended: false }), answer);
      expect(await run(`answers in JSON: ${what}`, { before }, { parsers: true })).toBe('passed');
    },
  );
});

describe('A failure says', () => {
  it('what an adapter threw', async () => {
    const findCode = () => {
      throw new Error('the database is away');
    };
    const message = await run(GOOD, { router: { findCode } });
    expect(message).toContain(
      'The answer was 500 server_error. The router says: find_code_failed, the database is away.',
    );
    expect(message).toMatch(
      /\nWhat to do: repair what the router reports: an adapter throws, or returns what it must not\.\nSee docs\/guides\/testing\.md#mounting$/,
    );
  });

  it('that no token router has seen the request', async () => {
    const message = await run(GOOD, { app: (_req, res) => void res.end() });
    expect(message).toContain('The answer was 200, no body. No token router has seen the request.');
  });

  it('that tests share an app with a limit', async () => {
    const message = await run('refuses a code that was redeemed', { router: { rateLimit: { limit: 0 } } });
    expect(message).toContain('rate_limited. Let createApp make a new app for each test, or raise the limit.');
  });

  it('what is wrong with a refusal', async () => {
    const before = (app: Express) =>
      app.use((_req, res, next) => {
        res.setHeader('ETag', '"1"');
        next();
      });
    expect(await run('answers other methods than POST with 405', { before })).toContain('there is an ETag');
  });

  it('that isActive is missing, which revokes promises', async () => {
    const name = 'revokes the tokens when a code is replayed from another address';
    expect(await run(name, {}, { revokes: true })).toBe(
      'describeTokenEndpoint: isActive is undefined. Let createApp return (accessToken) => whether your API accepts it, or leave out revokes.',
    );
  });

  it('what createApp must return', async () => {
    const rules = collect(plain, () => ({ app: undefined, store: {} }) as never).rules;
    await expect(rules.get(GOOD)?.()).rejects.toThrow(
      new TypeError(
        'describeTokenEndpoint:\n  app is undefined. Let createApp return your app, or another listener of node:http.\n  saveCode is undefined. Let createApp return (code, record) => store.saveCode(…).',
      ),
    );
    await expect(collect(plain, () => undefined as never).rules.get(GOOD)?.()).rejects.toThrow(
      'app is undefined. Let createApp return your app',
    );
  });

  it('that the router is not reached, whatever the rule is about', async () => {
    const before = (app: Express) => app.use((_req, res) => res.status(403).send('Forbidden'));
    expect((await run('refuses a code that was redeemed', { before })).split('\n').slice(-2)).toEqual([
      'What to do: let the request reach createTokenRouter: something before it has answered, such as a limiter, a CSRF filter, a login wall or a 404 page, or path is not where the router is mounted. Mount the router before all of these.',
      'See docs/guides/testing.md#mounting',
    ]);
  });

  it('that a lost column is not about adapters which refuse', async () => {
    const store = memoryStore();
    const lossy = async (code: string) => {
      const found = await store.adapters.findCode(code);
      return found && { ...found, redirectUri: null };
    };
    const saveCode: TokenEndpointBench['saveCode'] = (code, record) =>
      store.saveCode(code, { ...record, userId: 'ada', audience: null, nonce: null });
    const message = await run(
      'refuses, and spends nothing: another redirect_uri',
      { router: { ...store.adapters, refresh: undefined, findCode: lossy } as never, bench: { saveCode } },
      {},
    );
    expect(message).toContain('The answer was 200, application/json');
    expect(message).toContain('What to do: return each field of the record as it was saved');
  });
});

describe('A mistake in the call throws a TypeError at once', () => {
  const test = () => {};
  it.each<[string, unknown, unknown, string]>([
    ['a member in other letters', createBench, { dPop: true }, 'dPop does not exist. Did you mean dpop?'],
    [
      'two members with typing errors',
      createBench,
      { orgins: [], refesh: true },
      '\n  orgins does not exist. Did you mean origins?\n  refesh does not exist. Did you mean refresh?',
    ],
    [
      'a member of something else',
      createBench,
      { databaseUrl: '' },
      'databaseUrl does not exist. These exist: path, tokenEndpoint, client, otherClient, redirectUri, scope, resources, audience, issuer, accessToken, typ, dpop, nonces, refresh, rotates, revokes, origins, proxies, headers, rateLimit, parsers, errorStatus.',
    ],
    [
      'an app in the place of createApp',
      {},
      {},
      'createApp is an empty object. Write a function that returns { app, saveCode }.',
    ],
  ])('%s', (_what, create, host, problem) => {
    expect(() => describeTokenEndpoint(test, create as never, host as never)).toThrow(
      new TypeError(`describeTokenEndpoint:${problem.startsWith('\n') ? '' : ' '}${problem}`),
    );
  });
});

describe('The rules', () => {
  it('have names of their own, and are skipped where they do not apply', () => {
    const { rules, skipped } = collect();
    expect(rules.size).toBeGreaterThan(30);
    expect(skipped).toEqual(
      expect.arrayContaining([
        'refuses a wrong secret, and leaves the code (without client.clientSecret)',
        'binds tokens to the key of the proof (without dpop)',
        'ends the login of a refresh token that is used again (without refresh)',
        'limits only the address that failed (without proxies)',
      ]),
    );
    expect(new Set([...rules.keys(), ...skipped]).size).toBe(rules.size + skipped.length);
  });

  it.each<[string, TokenEndpointHost]>([
    ['without tokenEndpoint', { dpop: true }],
    ['without rateLimit', { rateLimit: false }],
    [
      'the client uses client_secret_post',
      { client: { clientId: 'a', clientSecret: 'b+', method: 'client_secret_post' } },
    ],
    [
      'the secret is the same in both forms: give the test client one such as a+b%20c',
      { client: { clientId: 'a', clientSecret: 'b' } },
    ],
    ['a spent refresh token may come again', { refresh: 'leeway' }],
    ["dpop is not 'required'", { dpop: true, tokenEndpoint: 'https://auth.example/oauth/token' }],
  ])('are skipped, and say why: %s', (why, host) => {
    expect(collect(host).skipped.some((name) => name.endsWith(`(${why})`))).toBe(true);
  });

  it('are all there for a host that does everything', () => {
    const { skipped } = collect({
      client: { clientId: 'a', clientSecret: 'b+c%20', method: 'client_secret_basic' },
      otherClient: { clientId: 'b', clientSecret: 'd' },
      tokenEndpoint: 'https://auth.example/oauth/token',
      resources: ['https://api.example/', 'https://files.example/'],
      dpop: 'required',
      nonces: true,
      refresh: true,
      revokes: true,
      proxies: 1,
    });
    expect(skipped.map((name) => name.replace(/ \(.*/, ''))).toEqual([
      'refuses an assertion by another key, and leaves the code',
      'refuses a client that has a key and sends no assertion',
      'accepts an assertion once',
      'binds the refresh token of a public client to its key',
    ]);
  });

  it('need no runner that can skip', () => {
    const names: string[] = [];
    describeTokenEndpoint((name) => names.push(name), createBench as never);
    expect(names).toContain(GOOD);
    expect(names.some((name) => name.includes('(without'))).toBe(false);
  });

  it('close what the app has open, whether they pass or not', async () => {
    const close = jest.fn();
    await run(GOOD, { bench: { close } });
    await run(GOOD, { bench: { close }, app: (_req, res) => void res.end() });
    expect(close).toHaveBeenCalledTimes(2);
  });
});

test('A host that says no scope is tested with openid', async () => {
  expect(await run(GOOD, {}, { scope: undefined })).toContain("there is no id_token, and the scope is 'openid'");
});
