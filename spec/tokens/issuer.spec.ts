import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import express from 'express';
import type { Outcome } from '../../lib';
import { createTokenRouter, OAuthError } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { inspectTokenRouter } from '../../lib/testing';
import { type AccessTokenRecord, createTokenIssuer, type SigningAlgorithm } from '../../lib/tokens';
import {
  API,
  codeExchange,
  createIssuerEndpoint,
  EC,
  goodApi,
  goodOptions,
  ISSUER,
  type IssuerOptions,
  issueFor,
  RSA,
  readToken,
  refreshExchange,
  refreshRecord,
} from '../support/issuer';

type Different = Parameters<typeof createIssuerEndpoint>[0];

const issue = async (different: Different = {}) => {
  const endpoint = createIssuerEndpoint(different);
  const { status, body } = await endpoint.post();
  const outcome = endpoint.outcomes.at(-1) as Outcome;
  const claimsOf = (token: unknown) =>
    typeof token === 'string' && token.includes('.') ? readToken(token).claims : undefined;
  return { endpoint, status, body, outcome, access: claimsOf(body.access_token), id: claimsOf(body.id_token) };
};

const NOW = 1_800_000_000_500;
const withClock = async <T>(use: () => Promise<T>): Promise<T> => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(NOW);
  try {
    return await use();
  } finally {
    clock.mockRestore();
  }
};
const withDpop = { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'the key' }) };
const DPOP_PROOF = { DPoP: 'proof' };

describe('An access token', () => {
  it('has the claims of RFC 9068 and no other', async () => {
    const { access, body } = await withClock(() => issue({ code: { expiresAt: new Date(NOW + 1) } }));
    expect(access).toEqual({
      iss: ISSUER,
      sub: 'user 1',
      aud: API,
      client_id: 'spa',
      iat: 1_800_000_000,
      exp: 1_800_000_600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope: 'openid read:notes offline_access',
    });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'openid read:notes offline_access' });
  });

  it('tells how and when the user signed in, where that is known', async () => {
    const { access, id } = await issue({
      code: { authTime: new Date(1_700_000_000_999), acr: 'high', amr: ['pwd', 'otp'] },
    });
    for (const claims of [access, id])
      expect(claims).toMatchObject({ auth_time: 1_700_000_000, acr: 'high', amr: ['pwd', 'otp'] });
  });

  it.each([[null], [undefined]])('does not where that is %s', async (none) => {
    const { access, id } = await issue({ code: { authTime: none as null, acr: none as null, amr: none as null } });
    for (const claims of [access, id]) {
      for (const name of ['auth_time', 'acr', 'amr', 'cnf']) expect(claims).not.toHaveProperty(name);
    }
  });

  it('is bound to the key of a proof', async () => {
    const endpoint = createIssuerEndpoint({ router: withDpop });
    const { body } = await endpoint.post().set(DPOP_PROOF);
    expect([body.token_type, readToken(body.access_token).claims.cnf]).toEqual(['DPoP', { jkt: 'the key' }]);
    expect(readToken(body.id_token).claims).not.toHaveProperty('cnf');
  });

  it('has a jti of its own each time', async () => {
    const [one, another] = [await issue(), await issue()];
    expect(one.access?.jti).not.toBe(another.access?.jti);
  });

  it.each([[''], [null], [undefined]])('without a scope (%j) has no scope claim, nor has the answer', async (scope) => {
    const { access, body } = await issue({ code: { scope: scope as null } });
    expect([access?.scope, Object.keys(body).sort()]).toEqual([
      undefined,
      ['access_token', 'expires_in', 'token_type'],
    ]);
  });

  it('has each scope once', async () => {
    const { access } = await issue({ code: { scope: 'read:notes  read:notes write:notes' } });
    expect(access?.scope).toBe('read:notes write:notes');
  });

  it('is for the first API where the request named none', async () => {
    const other = { ...goodApi(), identifier: 'urn:other', lifetime: 60 };
    const { access, body } = await issue({ code: { audience: null }, issuer: { apis: [other, goodApi()] } });
    expect([access?.aud, body.expires_in]).toEqual(['urn:other', 60]);
  });
});

describe('An opaque access token', () => {
  const opaque = (saved: [string, AccessTokenRecord, string][]): Partial<IssuerOptions> => ({
    apis: [{ ...goodApi(), accessToken: 'opaque' }],
    saveAccessToken: async (token, record, req) => void saved.push([token, record, req.method]),
  });

  it('is a random string, saved with the claims that a JWT would have', async () => {
    const saved: [string, AccessTokenRecord, string][] = [];
    const { body, id } = await issue({ issuer: opaque(saved) });
    expect(body.access_token).toMatch(/^[\w-]{43}$/);
    const [[token, record, method] = []] = saved;
    expect([saved.length, token, method]).toEqual([1, body.access_token, 'POST']);
    expect(record?.claims).toMatchObject({ iss: ISSUER, sub: 'user 1', aud: API, client_id: 'spa' });
    expect(record?.expiresAt.getTime()).toBe(Number(record?.claims.exp) * 1000);
    expect(record?.grantId).toMatch(/^[0-9a-f]{64}$/);
    const digest = createHash('sha256').update(body.access_token).digest().subarray(0, 16);
    expect(id?.at_hash).toBe(digest.toString('base64url'));
  });
});

describe('An ID token', () => {
  it('has the claims of OpenID Connect Core and no other', async () => {
    const { id } = await withClock(() => issue({ code: { expiresAt: new Date(NOW + 1), nonce: 'n-0S6' } }));
    expect(id).toEqual({
      iss: ISSUER,
      sub: 'user 1',
      aud: 'spa',
      iat: 1_800_000_000,
      exp: 1_800_003_600,
      nonce: 'n-0S6',
      at_hash: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  it('of a refresh has no nonce, also where the record still has one', async () => {
    const { id_token } = await issueFor(refreshExchange({ nonce: 'n-0S6' }));
    expect(readToken(String(id_token)).claims).not.toHaveProperty('nonce');
  });

  it.each<[SigningAlgorithm, KeyObject, string, number]>([
    ['RS256', RSA.privateKey, 'sha256', 16],
    ['PS256', RSA.privateKey, 'sha256', 16],
    ['ES256', EC.privateKey, 'sha256', 16],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, 'sha384', 24],
    ['EdDSA', generateKeyPairSync('ed25519').privateKey, 'sha512', 32],
  ])('of %s has the left half of its hash as at_hash', async (alg, privateKey, hash, bytes) => {
    const { access_token, id_token } = await issueFor(codeExchange(), { keys: [{ alg, privateKey }] });
    const digest = createHash(hash).update(access_token).digest().subarray(0, bytes);
    expect(readToken(String(id_token)).claims.at_hash).toBe(digest.toString('base64url'));
  });

  it('lives as long as idTokenLifetime says', async () => {
    const { id } = await issue({ issuer: { idTokenLifetime: 60 } });
    expect(Number(id?.exp) - Number(id?.iat)).toBe(60);
  });

  const USER = {
    sub: 'another',
    ...{ name: 'Ada', family_name: 'L', given_name: 'A', middle_name: 'K', nickname: 'a', preferred_username: 'al' },
    ...{ profile: 'p', picture: 'q', website: 'w', gender: 'f', birthdate: '1815-12-10', zoneinfo: 'z', locale: 'en' },
    ...{ updated_at: 1, email: 'ada@user.example', email_verified: false, address: { country: 'UK' } },
    ...{ phone_number: '+44', phone_number_verified: true, passwordHash: 'secret', roles: ['admin'] },
  };
  const PROFILE =
    `birthdate family_name gender given_name locale middle_name name nickname picture preferred_username profile
    updated_at website zoneinfo`.split(/\s+/);

  it.each([
    ['openid', []],
    ['openid profile', PROFILE],
    ['openid email', ['email', 'email_verified']],
    ['openid address', ['address']],
    ['openid phone', ['phone_number', 'phone_number_verified']],
    ['openid email phone', ['email', 'email_verified', 'phone_number', 'phone_number_verified']],
    ['openid read:notes', []],
  ])('for the scope %s has the user’s %j', async (scope, expected) => {
    const { id, access } = await issue({ code: { scope }, issuer: { users: () => USER } });
    const own = ['iss', 'sub', 'aud', 'iat', 'exp', 'at_hash'];
    expect(
      Object.keys(id ?? {})
        .filter((name) => !own.includes(name))
        .sort(),
    ).toEqual(expected);
    expect(id?.sub).toBe('user 1');
    for (const name of PROFILE) expect(access).not.toHaveProperty(name);
  });
});

describe('A refresh token', () => {
  const DAY = 86_400_000;

  it('is a random string, saved with what the host’s record had and the code’s own fields taken out', async () => {
    const different = { code: { expiresAt: new Date(NOW + 1), authTime: new Date(0), nonce: 'n', ...{ tenant: 7 } } };
    const { body, endpoint } = await withClock(() => issue(different));
    expect(body.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(endpoint.saved).toEqual([
      {
        clientId: 'spa',
        userId: 'user 1',
        audience: API,
        scope: 'openid read:notes offline_access',
        authTime: new Date(0),
        tenant: 7,
        grantId: expect.stringMatching(/^[0-9a-f]{64}$/),
        expiresAt: new Date(NOW + 14 * DAY),
        grantExpiresAt: new Date(NOW + 30 * DAY),
        dpopJkt: null,
        spentAt: null,
      },
    ]);
  });

  it('is saved with the fields that the host’s record inherits, as the rows of an ORM do', async () => {
    class Row {
      readonly #columns = { clientId: 'spa', userId: 'user 1', audience: API, acr: 'high', nonce: null };
      get resources() {
        return [API];
      }
      get amr() {
        return ['pwd'];
      }
      scope = 'offline_access';
      grantId = 'grant 1';
      get clientId() {
        return this.#columns.clientId;
      }
      get userId() {
        return this.#columns.userId;
      }
      get audience() {
        return this.#columns.audience;
      }
      get acr() {
        return this.#columns.acr;
      }
    }
    const { issueTokens, saved } = createIssuerEndpoint();
    const exchange = { code: new Row(), client: { clientId: 'spa' }, confirmation: undefined };
    await issueTokens(exchange as never, {} as never);
    expect(saved).toMatchObject([
      {
        clientId: 'spa',
        userId: 'user 1',
        audience: API,
        acr: 'high',
        grantId: 'grant 1',
        resources: [API],
        amr: ['pwd'],
      },
    ]);
    expect(Object.keys(saved[0] ?? {})).not.toContain('authTime');
    const authTime = new Date(0);
    const later = Object.assign(Object.create({ authTime }), new Row(), {
      clientId: 'spa',
      userId: 'user 1',
      audience: API,
    });
    await issueTokens({ ...exchange, code: later } as never, {} as never);
    expect(saved.at(-1)).toMatchObject({ authTime });
  });

  it('is not issued where the API does not allow it, without an error, and offline_access is not granted', async () => {
    const { status, body, access, endpoint } = await issue({
      issuer: { apis: [{ ...goodApi(), allowOfflineAccess: false }] },
    });
    expect([status, body.refresh_token, body.scope, access?.scope, endpoint.saved]).toEqual([
      ...[200, undefined, 'openid read:notes', 'openid read:notes', []],
    ]);
  });

  it('is replaced by one of the same grant, the same scope and the same absolute end', async () => {
    const { body, endpoint } = await issue();
    const answer = await endpoint.refresh(body.refresh_token, { scope: 'read:notes' });
    expect([answer.status, answer.body.scope, answer.body.id_token]).toEqual([200, 'read:notes', undefined]);
    expect(readToken(answer.body.access_token).claims.scope).toBe('read:notes');
    const [first, second] = endpoint.saved;
    expect(second).toMatchObject({
      scope: 'openid read:notes offline_access',
      grantId: first?.grantId,
      grantExpiresAt: first?.grantExpiresAt,
      userId: 'user 1',
    });
    expect(answer.body.refresh_token).not.toBe(body.refresh_token);
    expect((await endpoint.refresh(answer.body.refresh_token)).body.scope).toBe('openid read:notes offline_access');
  });

  it('is saved without what the store filed the one before under', async () => {
    const { body, endpoint } = await issue();
    await endpoint.refresh(body.refresh_token);
    expect(endpoint.saved.at(-1)).toMatchObject({ spentAt: null });
    expect(endpoint.outcomes.at(-1)?.reason).toBe('refresh_token_redeemed');
  });

  it('ends with its idle lifetime, and never after the absolute one', async () => {
    const { endpoint } = await withClock(() =>
      issue({
        code: { expiresAt: new Date(NOW + 1) },
        issuer: { refreshTokenIdleLifetime: 60, refreshTokenLifetime: 30 },
      }),
    );
    expect(endpoint.saved).toMatchObject([
      { expiresAt: new Date(NOW + 30_000), grantExpiresAt: new Date(NOW + 30_000) },
    ]);
    const record = refreshRecord({ grantExpiresAt: new Date(Date.now() + 5000) });
    await endpoint.refreshTokens.saveRefreshToken('old', record);
    await endpoint.refresh('old');
    expect(endpoint.saved.at(-1)?.expiresAt).toEqual(record.grantExpiresAt);
  });

  it.each([[undefined], [null], [new Date(Number.NaN)], [7]])(
    'whose record lost its absolute end (%p) is a fault, or it would live for ever',
    async (grantExpiresAt) => {
      const endpoint = createIssuerEndpoint({ found: { grantExpiresAt } });
      await endpoint.refreshTokens.saveRefreshToken('old', refreshRecord());
      const { status } = await endpoint.refresh('old');
      expect([status, String(endpoint.outcomes.at(-1)?.fault)]).toEqual([
        500,
        expect.stringMatching(/cannot be issued from: grantExpiresAt is .*\. Write the Date that was saved/),
      ]);
    },
  );

  it.each<[string, boolean | undefined, string | null]>([
    ['of a public client is bound to the key of the proof', undefined, 'the key'],
    ['of a client that isConfidential denies is, too', false, 'the key'],
    ['of a confidential client is not', true, null],
  ])('%s', async (_what, isConfidential, dpopJkt) => {
    const endpoint = createIssuerEndpoint({
      router: withDpop,
      issuer:
        isConfidential === undefined ? {} : { isConfidential: ({ clientId }) => clientId === 'spa' && isConfidential },
    });
    const { body } = await endpoint.post().set(DPOP_PROOF);
    await endpoint.refresh(body.refresh_token).set(DPOP_PROOF);
    expect(endpoint.saved.map((record) => record.dpopJkt)).toEqual([dpopJkt, dpopJkt]);
    expect((await endpoint.refresh(body.refresh_token)).body.error).toBe(
      dpopJkt ? 'invalid_dpop_proof' : 'invalid_grant',
    );
  });

  it('with a scope that is gone brings the rest, says so, and goes on', async () => {
    const endpoint = createIssuerEndpoint();
    await endpoint.refreshTokens.saveRefreshToken(
      'old',
      refreshRecord({ scope: 'read:notes delete:notes offline_access' }),
    );
    const { status, body } = await endpoint.refresh('old');
    expect([status, body.scope]).toEqual([200, 'read:notes offline_access']);
    expect(readToken(body.access_token).claims.scope).toBe('read:notes offline_access');
    // The grant itself is as it was: the scope may come back.
    expect(endpoint.saved.at(-1)?.scope).toBe('read:notes delete:notes offline_access');
    expect((await endpoint.refresh(body.refresh_token)).status).toBe(200);
  });
});

describe('An option that is undefined', () => {
  it('is as if left out: the lifetimes are those of the defaults, and every client is public', async () => {
    const none = { idTokenLifetime: undefined, refreshTokenIdleLifetime: undefined, refreshTokenLifetime: undefined };
    const { id, endpoint } = await withClock(() =>
      issue({ code: { expiresAt: new Date(NOW + 1) }, issuer: { ...none, isConfidential: undefined } }),
    );
    const DAY = 86_400_000;
    expect(Number(id?.exp) - Number(id?.iat)).toBe(3600);
    expect(endpoint.saved).toMatchObject([
      { expiresAt: new Date(NOW + 14 * DAY), grantExpiresAt: new Date(NOW + 30 * DAY) },
    ]);
  });
});

describe('A function of the host', () => {
  it.each<[string, Partial<IssuerOptions>]>([
    ['users', { users: () => Promise.reject(new Error('gone')) }],
    ['claims', { claims: () => Promise.reject(new Error('gone')) }],
    ['saveRefreshToken', { saveRefreshToken: () => Promise.reject(new Error('gone')) }],
    ['isRevoked', { isRevoked: () => Promise.reject(new Error('gone')) }],
  ])('%s that throws is a fault', async (_name, issuer) => {
    const { status, outcome } = await issue({ issuer });
    expect([status, outcome.fault]).toEqual([500, new Error('gone')]);
  });

  it('may refuse with an OAuthError of its own', async () => {
    const users = () => Promise.reject(new OAuthError('invalid_grant', 'Locked', { reason: 'user_locked' }));
    const { status, outcome } = await issue({ issuer: { users } });
    expect([status, outcome.reason]).toEqual([400, 'user_locked']);
  });
});

describe('The lifetimes of an issuer', () => {
  const findingsOf = async (issuer: object, store = memoryStore()) => {
    const { saveRefreshToken, ...options } = goodOptions();
    const { issueTokens } = createTokenIssuer({
      ...options,
      ...('store' in issuer ? {} : { saveRefreshToken }),
      apis: [{ ...goodApi(), lifetime: 3_000_000 }],
      refreshTokenLifetime: 86_400,
      ...issuer,
    } as never);
    const router = createTokenRouter({ ...store.adapters, issueTokens, actTimeout: 4000 } as never);
    const findings = await inspectTokenRouter(express().use(router), { router });
    return findings.map(({ message }) => message.replace(/[.:] .*/, '')).sort();
  };
  const OF_ISSUER = [
    'The access tokens of https://api.example/ live 3000000 s, and a login with refresh tokens ends after 86400 s',
    'refreshTokenIdleLifetime is 1209600 s, and refreshTokenLifetime ends the family after 86400 s',
    'signingTimeout is 2500 ms, and actTimeout 4000 ms',
  ];

  it('are compared by inspectTokenRouter with each other and with the router', async () => {
    expect(await findingsOf({})).toEqual(expect.arrayContaining(OF_ISSUER));
    const fitting = { apis: [goodApi()], refreshTokenLifetime: 1_209_600, signingTimeout: 2000 };
    for (const message of await findingsOf(fitting)) expect(OF_ISSUER).not.toContain(message);
  });

  it('are compared with those of spent codes where the issuer does not have the store, which it tells them', async () => {
    const forgotten = 'Spent codes are found for 86400 s, and tokens that come of one live 3000000 s';
    expect(await findingsOf({})).toContain(forgotten);
    const store = memoryStore();
    expect((await findingsOf({ store }, store)).filter((message) => message.startsWith('Spent codes'))).toEqual([]);
  });
});
