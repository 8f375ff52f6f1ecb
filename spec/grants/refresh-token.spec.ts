import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createTokenRouter, OAuthError } from '../../lib';
import { describeValue } from '../../lib/received';
import { createEndpoint } from '../support/endpoint';
import { createRefreshEndpoint, type LiveToken, REFRESH_TOKEN, refreshForm } from '../support/refresh';
import { expectRefusal } from '../support/refusals';

type Options = NonNullable<Parameters<typeof createRefreshEndpoint>[0]>;
type Endpoint = ReturnType<typeof createRefreshEndpoint>;

const refusals = (
  answer: Parameters<typeof expectRefusal>[0],
  endpoint: Endpoint,
  refusal: Parameters<typeof expectRefusal>[2],
) => expectRefusal(answer, endpoint as never, refusal);
const invalidToken = (reason: string) => ({
  error: 'invalid_grant',
  description: 'Unknown or invalid refresh token',
  reason,
});
const serverError = (reason: string) => ({ status: 500, error: 'server_error', reason });
const changed = (change: Record<string, unknown>) =>
  Object.fromEntries(Object.entries({ ...refreshForm(), ...change }).filter(([, value]) => value !== undefined));

const LOOKED = ['findRefreshToken'];
const REFRESHED = ['findRefreshToken', 'consumeRefreshToken', 'issueTokens'];
const withDpop = (more: Partial<Options> = {}): Partial<Options> => ({
  tokenEndpoint: 'https://auth.example/oauth/token',
  verifyDpop: async ({ proof }) => ({ jkt: proof }),
  ...more,
});

describe('POST /oauth/token refreshes', () => {
  it('a token: looks, then acts, each step once', async () => {
    const endpoint = createRefreshEndpoint();
    const answer = await endpoint.post();
    expect([answer.status, answer.body]).toEqual([
      200,
      { access_token: 'an access token', token_type: 'Bearer', expires_in: 3600, refresh_token: 'the next' },
    ]);
    expect(endpoint.calls).toEqual(REFRESHED);
    expect(endpoint.outcomes).toEqual([
      {
        outcome: 'issued',
        reason: 'refresh_token_redeemed',
        status: 200,
        clientId: 'spa',
        durationMs: expect.any(Number),
      },
    ]);
  });

  it('a token with what findRefreshToken returned: every adapter gets that record and the request', async () => {
    const record = { id: '1', clientId: 'spa', scope: 'a b', expiresAt: new Date(Date.now() + 1000) };
    const seen: unknown[] = [];
    const endpoint = createRefreshEndpoint({
      refresh: {
        async findRefreshToken(value, req) {
          seen.push(value, req.method);
          return record as never;
        },
        consumeRefreshToken: async (token, req) => seen.push(token, req.method) > 0,
      },
      issueTokens: async (exchange, req) => {
        seen.push(exchange, req.method);
        return { access_token: 'a', expires_in: 1 };
      },
    });
    await endpoint.post();
    expect(seen).toEqual([
      ...[REFRESH_TOKEN, 'POST', record, 'POST'],
      ...[
        {
          refreshToken: record,
          scope: 'a b',
          isRotated: true,
          client: { clientId: 'spa' },
          confirmation: undefined,
          resources: [],
          parameters: {},
          servesRefresh: true,
          actTimeout: 5000,
        },
        'POST',
      ],
    ]);
    expect(seen[2]).toBe(record);
    expect((seen[4] as { refreshToken: unknown }).refreshToken).toBe(record);
  });

  it.each([
    ['all that was granted, without a scope', undefined, 'openid read:notes offline_access'],
    ['all that was granted, with an empty scope', '', 'openid read:notes offline_access'],
    ['a part of it', 'read:notes', 'read:notes'],
    ['the whole, in another order', 'offline_access read:notes openid', 'offline_access read:notes openid'],
  ])('%s', async (_what, scope, expected) => {
    const seen: unknown[] = [];
    const endpoint = createRefreshEndpoint({
      async issueTokens(exchange) {
        seen.push(exchange);
        return { access_token: 'a', expires_in: 1 };
      },
    });
    expect((await endpoint.post(changed({ scope }))).status).toBe(200);
    expect(seen).toMatchObject([{ scope: expected }]);
  });

  it('with a proof of the key that the token is bound to', async () => {
    const endpoint = createRefreshEndpoint(withDpop({ token: { dpopJkt: 'key' } }));
    const answer = await endpoint.post().set('DPoP', 'key');
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
  });

  it('a token whose record has neither dpopJkt nor spentAt, where nothing asks for them', async () => {
    const endpoint = createRefreshEndpoint({ token: { dpopJkt: undefined as never, spentAt: undefined as never } });
    expect((await endpoint.post()).status).toBe(200);
  });
});

describe('POST /oauth/token refuses, and leaves the refresh token to its owner,', () => {
  it.each<[string, Record<string, unknown>, { error: string; reason: string; description?: string }, string[]?]>([
    [
      'a request without a token',
      { refresh_token: undefined },
      {
        error: 'invalid_request',
        reason: 'parameter_missing',
        description: 'Missing required parameter: refresh_token',
      },
      [],
    ],
    ['a token that nobody issued', { refresh_token: 'unknown' }, invalidToken('refresh_token_unknown')],
    ['a token of another client', { client_id: 'other' }, invalidToken('refresh_token_of_another_client')],
    ['a wider scope', { scope: 'openid write:notes' }, { error: 'invalid_scope', reason: 'scope_exceeded' }],
    ['a scope in another letter case', { scope: 'OpenID' }, { error: 'invalid_scope', reason: 'scope_exceeded' }],
    ['a scope with a quote', { scope: 'a"b' }, { error: 'invalid_scope', reason: 'scope_malformed' }, []],
    ['a scope with a backslash', { scope: 'a b\\' }, { error: 'invalid_scope', reason: 'scope_malformed' }, []],
  ])('%s', async (_what, change, refusal, calls = LOOKED) => {
    const endpoint = createRefreshEndpoint();
    refusals(await endpoint.post(changed(change)), endpoint, refusal);
    expect(endpoint.calls).toEqual(calls);
    expect((await endpoint.post()).status).toBe(200);
  });

  it('a token that findRefreshToken returns undefined for', async () => {
    const endpoint = createRefreshEndpoint({ refresh: { findRefreshToken: async () => undefined } });
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_unknown'));
    expect(endpoint.calls).toEqual([]);
  });

  it('any scope where none was granted', async () => {
    const endpoint = createRefreshEndpoint({ token: { scope: null } });
    refusals(await endpoint.post(changed({ scope: 'null' })), endpoint, {
      error: 'invalid_scope',
      reason: 'scope_exceeded',
    });
  });

  it.each([
    ['no proof where the token is bound to a key', undefined, 'invalid_dpop_proof', 'dpop_proof_missing'],
    ['a proof of another key', 'another', 'invalid_grant', 'dpop_key_mismatch'],
  ])('%s', async (_what, proof, error, reason) => {
    const endpoint = createRefreshEndpoint(withDpop({ token: { dpopJkt: 'key' } }));
    const post = endpoint.post();
    refusals(await (proof ? post.set('DPoP', proof) : post), endpoint, { error, reason });
    expect(endpoint.calls).toEqual(LOOKED);
  });

  it('every refresh where the host serves none', async () => {
    const endpoint = createEndpoint();
    expectRefusal(await endpoint.post(refreshForm()), endpoint, {
      error: 'unsupported_grant_type',
      description: 'The grant type is not supported',
      reason: 'grant_type_unsupported',
    });
    expect(endpoint.calls).toEqual([]);
  });

  it('a client that may not refresh', async () => {
    const endpoint = createRefreshEndpoint({
      authenticateClient: () => ({ clientId: 'spa', grantTypes: ['authorization_code'] }),
    });
    refusals(await endpoint.post(), endpoint, { error: 'unauthorized_client', reason: 'grant_type_not_allowed' });
    expect(endpoint.calls).toEqual([]);
  });
});

describe('A record that lost a field', () => {
  it.each<[string, Partial<Options>, unknown]>([
    ['clientId', {}, undefined],
    ['clientId', {}, ''],
    ['clientId', {}, null],
    ['scope', {}, undefined],
    ['scope', {}, ['openid']],
    ['expiresAt', {}, undefined],
    ['expiresAt', {}, new Date(Number.NaN)],
    ['expiresAt', {}, Date.now() + 60_000],
    ['dpopJkt', withDpop(), undefined],
    ['dpopJkt', {}, ''],
    ['dpopJkt', {}, 7],
    ['spentAt', { refresh: { leeway: 1000 } }, undefined],
    ['spentAt', {}, false],
    ['spentAt', {}, new Date(Number.NaN)],
  ])('%s is a fault, and nothing is spent', async (name, options, value) => {
    const endpoint = createRefreshEndpoint({ ...options, token: { [name]: value } });
    refusals(await endpoint.post(), endpoint, serverError('refresh_token_malformed'));
    const told = `findRefreshToken returned a record whose ${name} is ${describeValue(value)}; it must be `;
    expect(String(endpoint.outcomes.at(-1)?.fault)).toContain(`TypeError: ${told}`);
    expect(endpoint.calls).toEqual(LOOKED);
  });

  it.each([7, 'record', []])('as %j has lost all of them', async (found) => {
    const endpoint = createRefreshEndpoint({ refresh: { findRefreshToken: async () => found as never } });
    refusals(await endpoint.post(), endpoint, serverError('refresh_token_malformed'));
  });
});

describe('An expired token', () => {
  it('is refused once it is spent, without a token', async () => {
    const endpoint = createRefreshEndpoint({ token: { expiresAt: new Date(Date.now() - 1) } });
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_expired'));
    expect(endpoint.calls).toEqual(['findRefreshToken', 'consumeRefreshToken']);
  });

  it('is refused from the very instant of its end', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      for (const [end, status] of [
        [now, 400],
        [now + 1, 200],
      ] as const) {
        const endpoint = createRefreshEndpoint({ token: { expiresAt: new Date(end) }, rateLimit: false });
        expect((await endpoint.post()).status).toBe(status);
      }
    } finally {
      clock.mockRestore();
    }
  });
});

describe('A spent token that comes again', () => {
  it('is refused, and revokes its family', async () => {
    const endpoint = createRefreshEndpoint();
    await endpoint.post();
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
    expect(endpoint.calls).toEqual([...REFRESHED, 'findRefreshToken', 'consumeRefreshToken', 'revokeTokens']);
  });

  it('is seen as one after its end', async () => {
    const endpoint = createRefreshEndpoint();
    await endpoint.post();
    endpoint.live.expiresAt = new Date(0);
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
  });

  it.each<[string, Record<string, string>]>([
    ['of another client', { client_id: 'other' }],
    ['with a wider scope', { scope: 'admin' }],
  ])('%s revokes nothing', async (_what, change) => {
    const endpoint = createRefreshEndpoint();
    await endpoint.post();
    expect((await endpoint.post(changed(change))).status).toBe(400);
    expect(endpoint.calls).not.toContain('revokeTokens');
  });

  it('is refused where the host revokes nothing', async () => {
    const endpoint = createRefreshEndpoint({ refresh: { revokeTokens: undefined } });
    await endpoint.post();
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
    expect(endpoint.outcomes.at(-1)).not.toHaveProperty('fault');
  });

  it.each<[string, () => Promise<never>]>([
    ['throws', () => Promise.reject(new Error('database gone'))],
    ['refuses', () => Promise.reject(new OAuthError('invalid_client', 'x', { cause: new Error('database gone') }))],
  ])(
    'is refused all the same where revokeTokens %s, and the fault reaches the observer',
    async (_what, revokeTokens) => {
      const endpoint = createRefreshEndpoint({ refresh: { revokeTokens } });
      await endpoint.post();
      refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
      expect(endpoint.outcomes.at(-1)).toMatchObject({ outcome: 'refused', fault: new Error('database gone') });
    },
  );

  it('is refused in time where revokeTokens hangs', async () => {
    const endpoint = createRefreshEndpoint({
      actTimeout: 300,
      refresh: { revokeTokens: () => new Promise(() => {}) },
    });
    await endpoint.post();
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
    expect(String(endpoint.outcomes.at(-1)?.fault)).toContain('revokeTokens did not answer');
  });
});

describe('A store that knows which tokens may come again', () => {
  it.each<[string, object, number]>([
    ['decides alone: a reuse is one within the leeway', { isRepeatable: false }, 400],
    ['decides alone: a repeat is one', { isRepeatable: true }, 200],
    ['does not know by null: the leeway decides', { isRepeatable: null }, 200],
    ['does not know by a column that is not there: the leeway decides', {}, 200],
  ])('%s', async (_what, token, status) => {
    // A host that wraps findRefreshToken of a ready store: nothing tells that the leeway is a second rule.
    const endpoint = createRefreshEndpoint({
      token: { ...token, spentAt: new Date() },
      refresh: { leeway: 60_000 },
    });
    expect((await endpoint.post()).status).toBe(status);
    expect(endpoint.calls.includes('revokeTokens')).toBe(status === 400);
  });
});

describe('Within the leeway a spent token', () => {
  const spentAgo = (milliseconds: number) => ({ spentAt: new Date(Date.now() - milliseconds) });

  it('brings tokens again, and nothing is revoked', async () => {
    const endpoint = createRefreshEndpoint({ refresh: { leeway: 10_000 } });
    await endpoint.post();
    const answer = await endpoint.post();
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['refresh_token_redeemed', 'refresh_token_repeated']]);
    expect(endpoint.calls).toEqual([
      ...REFRESHED,
      ...['findRefreshToken', 'consumeRefreshToken', 'findRefreshToken', 'issueTokens'],
    ]);
  });

  it.each([
    ['one millisecond before its end', 9_999, 200],
    ['at its end', 10_000, 400],
    ['after it', 60_000, 400],
    ['by a clock that runs ahead', -500, 200],
  ])('is met %s', async (_when, ago, status) => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      const endpoint = createRefreshEndpoint({ token: spentAgo(ago), refresh: { leeway: 10_000 } });
      expect((await endpoint.post()).status).toBe(status);
      expect(endpoint.calls.includes('revokeTokens')).toBe(status === 400);
    } finally {
      clock.mockRestore();
    }
  });

  it('is refused where its grant was revoked since it was found', async () => {
    let looks = 0;
    const endpoint: Endpoint = createRefreshEndpoint({
      refresh: {
        leeway: 10_000,
        findRefreshToken: async () => {
          looks += 1;
          return looks > 1 ? null : { ...endpoint.live };
        },
        consumeRefreshToken: async () => false,
      },
    });
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_unknown'));
    expect([looks, endpoint.calls]).toEqual([2, []]);
  });

  it('is refused, and ends its family, where the store neither spends it nor says that it is spent', async () => {
    const endpoint = createRefreshEndpoint({ refresh: { leeway: 10_000, consumeRefreshToken: async () => false } });
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
    expect(endpoint.calls.at(-1)).toBe('revokeTokens');
  });

  it('brings tokens again where its record has no dpopJkt, and nothing asks for it', async () => {
    const endpoint = createRefreshEndpoint({ token: { dpopJkt: undefined as never }, refresh: { leeway: 10_000 } });
    await endpoint.post();
    expect([(await endpoint.post()).status, endpoint.reasons().at(-1)]).toEqual([200, 'refresh_token_repeated']);
  });

  it('is a fault where it cannot be found a second time', async () => {
    let looks = 0;
    const endpoint: Endpoint = createRefreshEndpoint({
      refresh: {
        leeway: 10_000,
        async findRefreshToken() {
          looks += 1;
          if (looks > 1) throw new Error('database gone');
          return { ...endpoint.live };
        },
        consumeRefreshToken: async () => false,
      },
    });
    refusals(await endpoint.post(), endpoint, serverError('find_refresh_token_failed'));
    expect([endpoint.calls, endpoint.outcomes.at(-1)?.fault]).toEqual([[], new Error('database gone')]);
  });

  it('is a fault where it is found the second time without spentAt', async () => {
    let looks = 0;
    const endpoint: Endpoint = createRefreshEndpoint({
      refresh: {
        leeway: 10_000,
        findRefreshToken: async () => {
          looks += 1;
          return { ...endpoint.live, ...(looks > 1 && { spentAt: undefined as never }) };
        },
        consumeRefreshToken: async () => false,
      },
    });
    refusals(await endpoint.post(), endpoint, serverError('refresh_token_malformed'));
  });

  it('is still bound to its client, to its key and to its end', async () => {
    const endpoint = createRefreshEndpoint(withDpop({ token: { dpopJkt: 'key' }, refresh: { leeway: 10_000 } }));
    expect((await endpoint.post().set('DPoP', 'key')).status).toBe(200);
    expect((await endpoint.post().set('DPoP', 'another')).status).toBe(400);
    expect((await endpoint.post(changed({ client_id: 'other' })).set('DPoP', 'key')).status).toBe(400);
    endpoint.live.expiresAt = new Date(0);
    refusals(await endpoint.post().set('DPoP', 'key'), endpoint, invalidToken('refresh_token_expired'));
  });
});

describe('A fault', () => {
  it.each<[string, string, Error, Options['refresh']]>([
    [
      'findRefreshToken throws',
      'find_refresh_token_failed',
      new Error('x'),
      { findRefreshToken: () => Promise.reject(new Error('x')) },
    ],
    [
      'consumeRefreshToken throws',
      'consume_refresh_token_failed',
      new Error('x'),
      { consumeRefreshToken: () => Promise.reject(new Error('x')) },
    ],
    ...[undefined, null, 1, 'true', { rowCount: 0 }].map((value): [string, string, Error, Options['refresh']] => [
      `consumeRefreshToken returns ${JSON.stringify(value)}`,
      'consume_refresh_token_no_boolean',
      new TypeError(`consumeRefreshToken returned ${describeValue(value)}; it must return true or false`),
      { consumeRefreshToken: async () => value as never },
    ]),
  ])('where %s', async (_what, reason, fault, refresh) => {
    const endpoint = createRefreshEndpoint({ refresh });
    refusals(await endpoint.post(), endpoint, serverError(reason));
    expect(endpoint.calls).not.toContain('issueTokens');
    expect(endpoint.outcomes.at(-1)?.fault).toEqual(fault);
  });

  it('where issueTokens throws: the token is spent by then', async () => {
    const endpoint = createRefreshEndpoint({ issueTokens: () => Promise.reject(new Error('no key')) });
    refusals(await endpoint.post(), endpoint, serverError('issue_tokens_failed'));
    expect([endpoint.calls, endpoint.outcomes.at(-1)?.fault]).toEqual([
      ['findRefreshToken', 'consumeRefreshToken'],
      new Error('no key'),
    ]);
  });

  it('that comes too late: before the token is spent the client may come again', async () => {
    const endpoint = createRefreshEndpoint({
      adapterTimeout: 20,
      refresh: { findRefreshToken: () => new Promise(() => {}) },
    });
    const answer = await endpoint.post();
    refusals(answer, endpoint, { status: 503, error: 'temporarily_unavailable', reason: 'adapter_timeout' });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('that comes too late: after it a resend would be a reuse', async () => {
    const endpoint = createRefreshEndpoint({ actTimeout: 20, issueTokens: () => new Promise<never>(() => {}) });
    const answer = await endpoint.post();
    refusals(answer, endpoint, serverError('adapter_timeout_after_consumption'));
    expect(answer.headers['retry-after']).toBeUndefined();
  });
});

describe('createTokenRouter refuses a refresh option', () => {
  const find = async () => null;
  const consume = async () => false;
  it.each<[string, unknown]>([
    ['that is true', true],
    ['without functions', {}],
    ['without consumeRefreshToken', { findRefreshToken: find }],
    ['without findRefreshToken', { consumeRefreshToken: consume }],
    ['with a revokeTokens that is none', { findRefreshToken: find, consumeRefreshToken: consume, revokeTokens: true }],
    ['with a rotates that is none', { findRefreshToken: find, consumeRefreshToken: consume, rotates: false }],
    ['with a name that is none', { findRefreshToken: find, consumeRefreshToken: consume, leaway: 1 }],
    ...['1', -1, 0.5, 60_001].map((leeway): [string, unknown] => [
      `with a leeway of ${JSON.stringify(leeway)}`,
      { findRefreshToken: find, consumeRefreshToken: consume, leeway },
    ]),
  ])('%s', (_what, refresh) => {
    const options = { findCode: find, consumeCode: consume, issueTokens: find, refresh };
    expect(() => createTokenRouter(options as never)).toThrow(
      /^createTokenRouter:\s+refresh(?:\.\w+)? (?:is|does not exist)/,
    );
  });

  it.each([0, 1, 60_000])('but takes a leeway of %d', (leeway) => {
    expect(() => createRefreshEndpoint({ refresh: { leeway } })).not.toThrow();
  });
});

describe('Refreshes at once, their adapters in any order', () => {
  it('without a leeway issue once', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, requests) => {
        let isSpent = false;
        let issued = 0;
        const endpoint: Endpoint = createRefreshEndpoint({
          rateLimit: false,
          refresh: {
            findRefreshToken: () => scheduler.schedule(Promise.resolve({ ...endpoint.live })),
            async consumeRefreshToken() {
              await scheduler.schedule(Promise.resolve());
              const isFirst = !isSpent;
              isSpent = true;
              return isFirst;
            },
            revokeTokens: () => scheduler.schedule(Promise.resolve()),
          },
          async issueTokens() {
            issued += 1;
            await scheduler.schedule(Promise.resolve());
            return { access_token: 'a', expires_in: 1 };
          },
        });
        const answers = Promise.all(Array.from({ length: requests }, async () => (await endpoint.post()).status));
        let isOver = false;
        void answers.then(() => {
          isOver = true;
        });
        while (!isOver) {
          // Every request comes as far as it can, so that there is a choice.
          await setImmediate();
          if (scheduler.count() > 0) await scheduler.waitOne();
        }
        expect((await answers).sort()).toEqual([200, ...Array(requests - 1).fill(400)]);
        expect(issued).toBe(1);
      }),
      { numRuns: 10 },
    ));
});

describe('A client whose id comes by Basic, not encoded, without authenticateClient', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const { client_id: _id, ...form } = refreshForm();

  it.each(['app+web', 'app web'])('refreshes the token of %s', async (clientId) => {
    const endpoint = createRefreshEndpoint({ token: { clientId } });
    const answer = await endpoint.post(form).set('Authorization', basic('app+web:'));
    expect(answer.status).toBe(200);
  });

  it('does not refresh the token of a third', async () => {
    const endpoint = createRefreshEndpoint({ token: { clientId: 'app%2Bweb' } });
    const answer = await endpoint.post(form).set('Authorization', basic('app+web:'));
    expectRefusal(answer, endpoint, { error: 'invalid_grant', reason: 'refresh_token_of_another_client' });
  });
});

describe('Where the store keeps count of repeats, a spent token', () => {
  /** A store that says, once a token is spent, whether it may come again. */
  const createCountingEndpoint = (spent: Partial<LiveToken>) => {
    const endpoint = createRefreshEndpoint({
      token: { isRepeatable: false },
      refresh: {
        consumeRefreshToken() {
          if (endpoint.live.spentAt) return false;
          Object.assign(endpoint.live, { spentAt: new Date(), ...spent });
          return true;
        },
      },
    });
    return endpoint;
  };

  it.each<[string, Partial<LiveToken>, string]>([
    ['at once', { isRepeatable: true, repeatedAs: 'at_once' }, 'refresh_token_repeated'],
    ['where the kind is not told', { isRepeatable: true }, 'refresh_token_repeated'],
    ['late', { isRepeatable: true, repeatedAs: 'late' }, 'refresh_token_repeated_late'],
    ['as a sibling', { isRepeatable: true, repeatedAs: 'sibling' }, 'refresh_token_sibling'],
    [
      'by a clock of the store that is a little ahead',
      { isRepeatable: true, spentAt: inMs(5000) },
      'refresh_token_repeated',
    ],
  ])('brings tokens again: %s', async (_what, spent, reason) => {
    const endpoint = createCountingEndpoint(spent);
    expect((await endpoint.post()).status).toBe(200);
    expect((await endpoint.post()).status).toBe(200);
    expect(endpoint.reasons()).toEqual(['refresh_token_redeemed', reason]);
    expect(endpoint.calls).not.toContain('revokeTokens');
  });

  it('comes again where the clock of the store is ahead by ten seconds, and no more', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      for (const [aheadMs, status] of [
        [10_000, 200],
        [10_001, 400],
      ] as const) {
        const endpoint = createCountingEndpoint({ isRepeatable: true, spentAt: new Date(now + aheadMs) });
        await endpoint.post();
        expect((await endpoint.post()).status).toBe(status);
      }
    } finally {
      clock.mockRestore();
    }
  });

  it.each<[string, Partial<LiveToken>]>([
    ['the store says no', { isRepeatable: false }],
    ['the store says nothing', { isRepeatable: null }],
    ['the time of spending lies far in the future', { isRepeatable: true, spentAt: inMs(60_000) }],
    ['no time of spending is known', { isRepeatable: true, spentAt: null }],
  ])('ends the family where %s', async (_what, spent) => {
    let isSpent = false;
    const endpoint = createRefreshEndpoint({
      token: { isRepeatable: false },
      refresh: {
        consumeRefreshToken() {
          if (isSpent) return false;
          isSpent = true;
          Object.assign(endpoint.live, { spentAt: new Date(), ...spent });
          return true;
        },
      },
    });
    expect((await endpoint.post()).status).toBe(200);
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
    expect(endpoint.calls).toContain('revokeTokens');
  });

  it.each([
    ['isRepeatable', 1],
    ['repeatedAs', 'twice'],
  ])('is a fault where %s is %p', async (name, value) => {
    const endpoint = createRefreshEndpoint({ token: { [name]: value as never } });
    refusals(await endpoint.post(), endpoint, serverError('refresh_token_malformed'));
  });
});

describe('A spent token whose time of spending lies in the future', () => {
  it('gets no leeway', async () => {
    const endpoint = createRefreshEndpoint({ token: { spentAt: inMs(60_000) }, refresh: { leeway: 60_000 } });
    refusals(await endpoint.post(), endpoint, invalidToken('refresh_token_reused'));
  });
});

describe('Spaces too many in scope are harmless', () => {
  it.each([
    ['two between', 'openid  read:notes', 'openid read:notes'],
    ['one first', ' openid', 'openid'],
    ['one last', 'openid ', 'openid'],
    ['nothing else, which is no scope', '   ', 'openid read:notes offline_access'],
  ])('%s', async (_what, scope, issued) => {
    const seen: unknown[] = [];
    const endpoint = createRefreshEndpoint({
      issueTokens: ((exchange: { scope: string }) => {
        seen.push(exchange.scope);
        return { access_token: 'a', expires_in: 60 };
      }) as never,
    });
    expect((await endpoint.post(changed({ scope }))).status).toBe(200);
    expect(seen).toEqual([issued]);
  });
});

function inMs(milliseconds: number): Date {
  return new Date(Date.now() + milliseconds);
}
