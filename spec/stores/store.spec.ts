import { createServer, type Server } from 'node:http';
import express from 'express';
import request from 'supertest';
import { createTokenRouter, type Outcome } from '../../lib';
import { digestOf } from '../../lib/stores/digest';
import { type LoginRecord, memoryStore, type Store } from '../../lib/stores/memory';
import { postgresStore } from '../../lib/stores/postgres';
import { redisStore } from '../../lib/stores/redis';
import { createCode, createPkcePair } from '../../lib/testing';
import { createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';
import { API, EC, goodApi, ISSUER } from '../support/issuer';
import { describeWith, startPostgres, startRedis } from '../support/servers';
import { connectPg, connectRedis, migrate } from './backends';

const DAY = 86_400_000;
const pair = createPkcePair();

type Options = Parameters<typeof memoryStore>[0];
type AnyStore = Store;

interface Different {
  store?: AnyStore;
  issuer?: Partial<Omit<TokenIssuerOptions<LoginRecord>, 'store'>>;
  rotates?: () => boolean;
}

const recordOf = (different: object = {}) => ({
  clientId: 'spa',
  redirectUri: 'https://app.example/callback',
  codeChallenge: pair.codeChallenge,
  codeChallengeMethod: 'S256',
  expiresAt: new Date(Date.now() + 60_000),
  dpopJkt: null,
  userId: 'alice',
  audience: API,
  scope: 'openid read:notes offline_access',
  nonce: null,
  ...different,
});

/** The record of a first token: what the user granted, for a day. */
function tokenRecordOf(grantId: string, different: object = {}) {
  const { nonce, ...granted } = recordOf(different);
  const end = new Date(Date.now() + DAY);
  return { ...granted, grantId, grantExpiresAt: end, expiresAt: end };
}

/** A host that is wired by the letter of the guide for tokens. */
function createHost({ store = memoryStore(), issuer = {}, rotates }: Different) {
  const outcomes: Outcome[] = [];
  const { issueTokens } = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid: 'key 1', privateKey: EC.privateKey }],
    apis: [goodApi()],
    store,
    ...issuer,
  });
  const { adapters } = store;
  const router = createTokenRouter({
    ...adapters,
    refresh: { ...adapters.refresh, rotates },
    issueTokens,
    rateLimit: false,
    onOutcome(outcome) {
      void outcome.fault;
      outcomes.push(outcome);
    },
  });
  const app = express().set('trust proxy', true).use(router);
  const post = (form: object, target: Server | typeof app = app, from = '203.0.113.9') =>
    request(target).post('/oauth/token').set('X-Forwarded-For', from).type('form').send(form);
  return {
    app,
    store,
    outcomes,
    async login(different: object = {}) {
      const code = createCode();
      const { grantId } = await store.saveCode(code, recordOf(different));
      const form = {
        grant_type: 'authorization_code',
        client_id: 'spa',
        code,
        code_verifier: pair.codeVerifier,
        redirect_uri: 'https://app.example/callback',
      };
      return { code, grantId, form };
    },
    post,
    refresh: (refresh_token: string, from?: string) =>
      post({ grant_type: 'refresh_token', client_id: 'spa', refresh_token }, app, from),
    reason: () => outcomes.at(-1)?.reason,
  };
}

interface Bench {
  create(options?: Options & { prefix?: string }): AnyStore;
  stop(): Promise<void>;
}

const BENCHES: Record<string, () => Promise<Bench>> = {
  memoryStore: async () => ({ create: ({ prefix: _none, ...options } = {}) => memoryStore(options), async stop() {} }),
  redisStore: async () => {
    const server = await startRedis();
    const { send, close } = await connectRedis(server);
    return {
      create: (options = {}) => redisStore({ sendCommand: send, ...options }),
      async stop() {
        await close();
        await server.stop();
      },
    };
  },
  postgresStore: async () => {
    const server = await startPostgres();
    const { send, close } = connectPg(server);
    await migrate(send);
    return {
      create: (options = {}) => postgresStore({ query: send, ...options }),
      async stop() {
        await close();
        await server.stop();
      },
    };
  },
};

const SERVER = { memoryStore: [], redisStore: ['redis-server'], postgresStore: ['postgres'] } as const;

describe.each(Object.entries(BENCHES))('%s', (name, start) => {
  describeWith(SERVER[name as keyof typeof SERVER], `a host of one ${name}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await start();
    }, 300_000);
    afterAll(() => bench?.stop());

    it('redeems, refreshes, and ends the login where a replay comes from elsewhere', async () => {
      const { login, post, refresh, reason, store } = createHost({ store: bench.create() });
      const { form, grantId } = await login();
      const { body } = await post(form).expect(200);
      const { body: next } = await refresh(body.refresh_token).expect(200);
      await post(form, undefined, '198.51.100.7').expect(400);
      expect(reason()).toBe('code_replayed');
      expect(await store.findGrant(grantId)).toEqual({ isRevoked: true });
      await refresh(next.refresh_token).expect(400);
      expect(reason()).toBe('refresh_token_unknown');
    });

    it.each([2, 10])('issues one 200 for a code that one address redeems %d times at once', async (times) => {
      const { app, login, post, refresh, outcomes } = createHost({ store: bench.create() });
      const { form } = await login();
      const server = createServer(app).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const answers = await Promise.all(Array.from({ length: times }, () => post(form, server)));
      await new Promise((resolve) => server.close(resolve));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(times - 1).fill(400)]);
      expect(outcomes.map(({ reason }) => reason).sort()).toEqual([
        'code_redeemed',
        ...Array(times - 1).fill('code_replayed_at_once'),
      ]);
      await refresh(answers.find(({ status }) => status === 200)?.body.refresh_token).expect(200);
    });

    it('revokes for every code that comes twice with strictReplay', async () => {
      const { login, post, reason, store } = createHost({ store: bench.create({ strictReplay: true }) });
      const { form, code, grantId } = await login();
      await post(form).expect(200);
      expect(Object.keys((await store.findCode(code)) ?? {})).not.toContain('spentAt');
      await post(form).expect(400);
      expect([reason(), await store.isRevoked(grantId)]).toEqual(['code_replayed', true]);
    });

    it('lets a lost answer be asked for again, and ends the login for a token whose successor was used', async () => {
      const { login, post, refresh, reason } = createHost({ store: bench.create() });
      const { body: first } = await post((await login()).form);
      await refresh(first.refresh_token).expect(200);
      const { body: second } = await refresh(first.refresh_token).expect(200);
      expect(reason()).toBe('refresh_token_repeated');
      const { body: third } = await refresh(second.refresh_token).expect(200);
      await refresh(first.refresh_token).expect(400);
      expect(reason()).toBe('refresh_token_reused');
      await refresh(third.refresh_token).expect(400);
      expect(reason()).toBe('refresh_token_unknown');
    });

    it('keeps what the user granted once for all tokens, and nothing of the code', async () => {
      const store = bench.create();
      const { login, post } = createHost({ store });
      const { form, grantId } = await login({ device: { name: 'phone' }, resources: null, authTime: new Date(0) });
      const { body } = await post(form).expect(200);
      const found = (await store.findRefreshToken(body.refresh_token)) as object;
      expect(found).toMatchObject({
        clientId: 'spa',
        userId: 'alice',
        grantId,
        audience: API,
        device: { name: 'phone' },
      });
      expect(found).toMatchObject({ authTime: new Date(0), isRepeatable: false, repeatedAs: null });
      expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['codeChallenge']));
      expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['spentBy']));
    });

    it.each([[[API, 'https://other.example/']], [[API]], [[]], [null]])(
      'keeps the resources %j of a code, and of each refresh token that comes of it',
      async (resources) => {
        const store = bench.create();
        const { login, post, refresh } = createHost({
          store,
          issuer: { apis: [goodApi(), { ...goodApi(), identifier: 'https://other.example/' }] },
        });
        const { code, form } = await login({ resources });
        expect((await store.findCode(code))?.resources ?? null).toEqual(resources);
        const { body } = await post(form).expect(200);
        expect((await store.findRefreshToken(body.refresh_token))?.resources ?? null).toEqual(resources);
        const { body: next } = await refresh(body.refresh_token).expect(200);
        expect((await store.findRefreshToken(next.refresh_token))?.resources ?? null).toEqual(resources);
      },
    );

    it('ends one login by revokeGrant, all of a user by revokeUser, and no other', async () => {
      const { login, post, refresh, store } = createHost({ store: bench.create() });
      const userId = `user ${Math.random()}`;
      const begin = async (different: object) => {
        const { form, grantId } = await login(different);
        const { body } = await post(form).expect(200);
        return { grantId, token: body.refresh_token };
      };
      const [one, two, three] = [await begin({ userId }), await begin({ userId }), await begin({ userId })];
      const other = await begin({ userId: `${userId} another` });
      const { form: unspent } = await login({ userId });
      await store.revokeGrant(one.grantId);
      await refresh(one.token).expect(400);
      const { body } = await refresh(two.token).expect(200);
      await store.revokeUser(userId);
      for (const token of [body.refresh_token, three.token]) await refresh(token).expect(400);
      await post(unspent).expect(400);
      await refresh(other.token).expect(200);
      await store.revokeUser('nobody');
      expect((await post((await login({ userId })).form)).status).toBe(200);
    });

    it('knows a login that did not begin with a code: a UUID, any text', async () => {
      const { refresh, reason, store } = createHost({ store: bench.create() });
      for (const grantId of ['6f1b7c1e-0000-4000-8000-000000000000', 'no hex', '{"a":1}']) {
        const record = tokenRecordOf(`${grantId} ${Math.random()}`);
        await store.saveRefreshToken(`imported ${record.grantId}`, record);
        const { body } = await refresh(`imported ${record.grantId}`).expect(200);
        await refresh(body.refresh_token).expect(200);
        await refresh(`imported ${record.grantId}`).expect(400);
        expect(reason()).toBe('refresh_token_reused');
        expect(await store.isRevoked(record.grantId)).toBe(true);
      }
    });

    it('saves no token for one whose grant it does not know', async () => {
      const store = bench.create();
      const grantId = `gone ${Math.random()}`;
      const tokenId = `${digestOf(grantId)}.0.0.live`;
      const record = { ...tokenRecordOf(grantId), tokenId };
      const saving = store.saveRefreshToken(`a token of ${grantId}`, record);
      await expect(saving).rejects.toMatchObject({ error: 'server_error', reason: 'grant_unknown' });
      expect(await store.consumeRefreshToken({ tokenId })).toBe(false);
    });

    /** A login without a code, and its first token. */
    const begin = async (store: AnyStore) => {
      const grantId = `begun ${Math.random()}`;
      const record = tokenRecordOf(grantId);
      await store.saveRefreshToken(`first of ${grantId}`, record);
      return { grantId, record, token: `first of ${grantId}` };
    };

    it('spends no code of a grant that is unknown, that has none, or that is revoked', async () => {
      const store = bench.create();
      const unknown = `unknown ${Math.random()}`;
      expect([await store.consumeCode({ grantId: unknown }), await store.findGrant(unknown)]).toEqual([false, null]);
      const { grantId } = await begin(store);
      expect(await store.consumeCode({ grantId })).toBe(false);
      const code = createCode();
      const grant = await store.saveCode(code, recordOf());
      await store.revokeGrant(grant.grantId);
      expect([await store.consumeCode(grant), (await store.findCode(code))?.spentAt]).toEqual([false, null]);
    });

    it('spends no token of a login that was revoked after the token was found', async () => {
      const store = bench.create();
      const { grantId, token } = await begin(store);
      const found = await store.findRefreshToken(token);
      await store.revokeGrant(grantId);
      expect(await store.consumeRefreshToken({ tokenId: String(found?.tokenId) })).toBe(false);
    });

    it('spends no token of a grant that has only a code', async () => {
      const store = bench.create();
      const { grantId } = await store.saveCode(createCode(), recordOf());
      expect(await store.consumeRefreshToken({ tokenId: `${digestOf(grantId)}.0.0.live` })).toBe(false);
    });

    it('finds no code where its grant is known for something else', async () => {
      const store = bench.create();
      const code = createCode();
      await store.revokeGrant(digestOf(code));
      expect([await store.findCode(code), await store.isRevoked(digestOf(code))]).toEqual([null, true]);
    });

    it('refuses to save a code again, spent or not, and keeps what was saved first', async () => {
      const store = bench.create();
      const code = createCode();
      const found = async () => (await store.findCode(code))?.scope;
      await store.saveCode(code, recordOf({ scope: 'first' }));
      const again = () => store.saveCode(code, recordOf({ scope: 'second' }));
      await expect(again()).rejects.toThrow('saveCode: this code was saved before; codes are random and used once');
      expect(await found()).toBe('first');
      expect(await store.consumeCode({ grantId: digestOf(code) })).toBe(true);
      await expect(again()).rejects.toThrow('saveCode: this code was saved before; codes are random and used once');
      expect([await found(), await store.consumeCode({ grantId: digestOf(code) })]).toEqual(['first', false]);
    });

    it('saves a code whose grant has a token already, and knows its user then', async () => {
      const store = bench.create();
      const code = createCode();
      const grantId = digestOf(code);
      await store.saveRefreshToken(createCode(), tokenRecordOf(grantId, { userId: undefined }));
      const userId = `late ${Math.random()}`;
      expect(await store.saveCode(code, recordOf({ userId }))).toEqual({ grantId });
      expect(await store.findCode(code)).toMatchObject({ userId, grantId, spentAt: null });
      await store.revokeUser(userId);
      expect([await store.isRevoked(grantId), await store.consumeCode({ grantId })]).toEqual([true, false]);
    });

    it('saves fifty first tokens for a login that began with a code, and no more', async () => {
      const store = bench.create();
      const { grantId } = await store.saveCode(createCode(), recordOf());
      const { record } = await begin(store);
      const save = () => store.saveRefreshToken(createCode(), { ...record, grantId });
      for (let nth = 1; nth <= 50; nth += 1) await save();
      await expect(save()).rejects.toMatchObject({ reason: 'refresh_token_repeated_too_often' });
    });

    it('says when a code was spent, by the clock of the server', async () => {
      const store = bench.create();
      const code = createCode();
      const grant = await store.saveCode(code, recordOf());
      expect(await store.findCode(code)).toMatchObject({ spentAt: null, spentBy: null });
      const before = Date.now();
      await store.consumeCode(grant);
      const after = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 350));
      const asked = Date.now();
      const spentAt = Number((await store.findCode(code))?.spentAt);
      // The answer tells how long ago it was. What the answer takes is added to that.
      const answerMs = Date.now() - asked;
      expect([spentAt >= before - 5, spentAt <= after + answerMs + 5]).toEqual([true, true]);
    });

    it('saves a token of a revoked login, the first or the next, as one that never works', async () => {
      const store = bench.create();
      const { grantId, record, token } = await begin(store);
      const found = await store.findRefreshToken(token);
      const tokenId = String(found?.tokenId);
      await store.consumeRefreshToken({ tokenId });
      await store.revokeGrant(grantId);
      const first = { ...record, grantId: `revoked ${Math.random()}` };
      await store.revokeGrant(first.grantId);
      for (const each of [{ ...record, tokenId }, record, first]) {
        const saved = `late ${Math.random()}`;
        expect(await store.saveRefreshToken(saved, each)).toEqual({ isRevoked: true });
        expect([await store.findRefreshToken(saved), await store.isRevoked(each.grantId)]).toEqual([null, true]);
      }
    });

    it('knows the user of a login by its first token, where the code has none', async () => {
      const store = bench.create();
      const { grantId } = await store.saveCode(createCode(), recordOf({ userId: undefined }));
      await store.saveRefreshToken(createCode(), tokenRecordOf(grantId, { userId: `user of ${grantId}` }));
      await store.revokeUser(`user of ${grantId}`);
      expect(await store.isRevoked(grantId)).toBe(true);
    });

    it('knows the user of a login by its code, where its first token has none', async () => {
      const store = bench.create();
      const userId = `user ${Math.random()}`;
      const { grantId } = await store.saveCode(createCode(), recordOf({ userId }));
      await store.saveRefreshToken(createCode(), tokenRecordOf(grantId, { userId: undefined }));
      await store.revokeUser(userId);
      expect(await store.isRevoked(grantId)).toBe(true);
    });

    it('finds every login of a user, however many there were, also where the id is a number', async () => {
      const store = bench.create();
      const userId = Math.floor(Math.random() * 1e9);
      const grants: string[] = [];
      for (let nth = 0; nth < 40; nth += 1) {
        grants.push((await store.saveCode(createCode(), recordOf({ userId }))).grantId);
      }
      await store.revokeUser(userId as never);
      expect(await Promise.all(grants.map((grantId) => store.isRevoked(grantId)))).toEqual(Array(40).fill(true));
    });

    it('is told apart by its issuer where a grant is unknown', async () => {
      const { login, post, reason } = createHost({ store: { ...bench.create(), findGrant: async () => null } });
      await post((await login()).form).expect(500);
      expect(reason()).toBe('grant_unknown');
    });

    it.each([undefined, null, '', 42])('takes no grantId that is %p', async (grantId) => {
      const store = bench.create();
      for (const call of [
        () => store.revokeTokens({ grantId } as never),
        () => store.revokeGrant(grantId as never),
        () => store.isRevoked(grantId as never),
        () => store.findGrant(grantId as never),
        () => store.consumeCode({ grantId } as never),
      ]) {
        await expect(call()).rejects.toThrow(TypeError);
        await expect(call()).rejects.toThrow('Pass a string that is not empty.');
      }
      if (typeof grantId !== 'number') await expect(store.revokeUser(grantId as never)).rejects.toThrow(TypeError);
    });

    it.each<[string, object]>([
      ['clientId', { clientId: undefined }],
      ['clientId', { clientId: '' }],
      ['clientId', { clientId: { id: 'spa' } }],
      ['redirectUri', { redirectUri: undefined }],
      ['redirectUri', { redirectUri: '' }],
      ['codeChallenge', { codeChallenge: undefined }],
      ['codeChallengeMethod', { codeChallengeMethod: 256 }],
      ['expiresAt', { expiresAt: '2030-01-01' }],
      ['expiresAt', { expiresAt: new Date(Number.NaN) }],
      ['dpopJkt', { dpopJkt: '' }],
      ['scope', { scope: ['openid'] }],
      ['resources', { resources: 'https://api.example/' }],
      ['resources', { resources: [''] }],
    ])('saves no code that the endpoint could not serve: %s', async (field, different) => {
      const saving = bench.create().saveCode(createCode(), recordOf(different) as never);
      await expect(saving).rejects.toThrow(new RegExp(`^saveCode: ${field} is .*\\. Write `));
    });

    it('moves the idle end of a token that is kept, with each use', async () => {
      const { login, post, refresh, store, reason } = createHost({
        store: bench.create(),
        issuer: { refreshTokenIdleLifetime: 100, refreshTokenLifetime: 1000 },
        rotates: () => false,
      });
      const { body } = await post((await login()).form).expect(200);
      const endOf = async () => Number((await store.findRefreshToken(body.refresh_token))?.expiresAt);
      const before = await endOf();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await refresh(body.refresh_token).expect(200);
      expect(reason()).toBe('refresh_token_kept');
      expect(await endOf()).toBeGreaterThan(before);
      const found = await store.findRefreshToken(body.refresh_token);
      await store.revokeTokens({ grantId: String(found?.grantId) });
      await store.extendRefreshToken({ tokenId: String(found?.tokenId) }, new Date(Date.now() + DAY));
      expect(await store.findRefreshToken(body.refresh_token)).toBeNull();
    });

    it('keeps tenants apart by their prefix', async () => {
      if (name === 'memoryStore') return;
      const [one, two] = [bench.create({ prefix: 'one:' }), bench.create({ prefix: 'two:' })];
      const { grantId } = await one.saveCode('the same code', recordOf());
      expect(await two.findCode('the same code')).toBeNull();
      await two.revokeUser('alice');
      await two.revokeGrant(grantId);
      expect(await one.isRevoked(grantId)).toBe(false);
      const jti = { jti: 'a jti', jkt: 'a key', expiresAt: new Date(Date.now() + 1000) };
      expect([await one.consumeJti(jti), await two.consumeJti(jti), await one.consumeJti(jti)]).toEqual([
        true,
        true,
        false,
      ]);
    });
  });
});

describe('With all defaults', () => {
  let ahead = 0;
  beforeEach(() => {
    ahead = 0;
    const [now, monotonic] = [Date.now, performance.now.bind(performance)];
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + ahead);
  });
  afterEach(() => jest.restoreAllMocks());

  it.each([
    [29, 200, 'refresh_token_redeemed'],
    [31, 400, 'refresh_token_expired'],
  ])('a login that is used each week: after %d days the answer is %d', async (days, status, reason) => {
    const host = createHost({});
    let { body } = await host.post((await host.login()).form).expect(200);
    for (const day of [7, 14, 21, 28]) {
      ahead = day * DAY;
      ({ body } = await host.refresh(body.refresh_token).expect(200));
    }
    ahead = days * DAY;
    const answer = await host.refresh(body.refresh_token);
    expect([answer.status, host.reason()]).toEqual([status, reason]);
  });

  it('a login that is not used for two weeks is expired', async () => {
    const host = createHost({});
    const { body } = await host.post((await host.login()).form).expect(200);
    ahead = 15 * DAY;
    await host.refresh(body.refresh_token).expect(400);
    expect(host.reason()).toBe('refresh_token_expired');
  });

  it('a grant is known for as long as an access token of it lives', async () => {
    const apis = [{ ...goodApi(), lifetime: (7 * DAY) / 1000, accessToken: 'opaque' as const }];
    const host = createHost({ issuer: { apis, saveAccessToken: async () => {} } });
    const { form, grantId } = await host.login({ scope: 'read:notes' });
    await host.post(form).expect(200);
    ahead = 7 * DAY;
    expect(await host.store.findGrant(grantId)).toEqual({ isRevoked: false });
    await host.post(form, undefined, '198.51.100.7').expect(400);
    expect([host.reason(), await host.store.isRevoked(grantId)]).toEqual(['code_replayed', true]);
  });
});

describe('A store', () => {
  const issuer = (store: object) => () =>
    createTokenIssuer({ issuer: ISSUER, keys: [{ privateKey: EC.privateKey }], apis: [goodApi()], store } as never);

  it('that forgets sooner than tokens end is refused by the issuer', () => {
    const store = memoryStore({ spentLifetime: 60_000 });
    expect(issuer(store)).toThrow(
      'memoryStore: spentLifetime is 60000, but the issuer makes tokens that live 3660000 ms',
    );
    expect(issuer(memoryStore({ spentLifetime: 3_660_000 }))).not.toThrow();
  });

  it('that is none is refused by the issuer, and one that is doubled', () => {
    expect(issuer({ saveRefreshToken: () => {} })).toThrow('store');
    const doubled = { saveRefreshToken: () => {}, isRevoked: () => false };
    const options = { issuer: ISSUER, keys: [{ privateKey: EC.privateKey }], apis: [goodApi()], store: memoryStore() };
    expect(() => createTokenIssuer({ ...options, ...doubled })).toThrow(
      /saveRefreshToken .*The store has it\. Leave it out\.[\s\S]*isRevoked .*The store has it\. Leave it out\./,
    );
  });

  const never = () => {
    throw new Error('never sent');
  };
  it.each<[string, (options: object) => unknown]>([
    ['memoryStore', (options) => memoryStore(options)],
    ['redisStore', (options) => redisStore({ sendCommand: never, ...options })],
    ['postgresStore', (options) => postgresStore({ query: never, ...options })],
  ])('refuses options that are none: %s', (name, create) => {
    expect(() => create({ leway: 5 })).toThrow(`${name}: leway does not exist. Did you mean leeway?`);
    expect(() => create({ leeway: 60_001 })).toThrow(
      `${name}: leeway is 60001. Write milliseconds, a whole number from 0 to 60000.`,
    );
    expect(() => create({ strictReplay: 'yes' })).toThrow(`${name}: strictReplay is 'yes'. Write true or false.`);
    expect(() => create({ spentLifetime: 0 })).toThrow(
      `${name}: spentLifetime is 0. Write milliseconds, a whole number`,
    );
    if (name === 'postgresStore')
      expect(() => create({ prefix: 5 })).toThrow('postgresStore: prefix is 5. Write a string.');
  });
});
