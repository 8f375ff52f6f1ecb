import { OAuthError } from '../../lib';
import { describeValue } from '../../lib/received';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const invalidCode = (reason: string) => ({
  error: 'invalid_grant',
  description: 'Invalid authorization code',
  reason,
});
const serverError = (reason: string) => ({
  status: 500,
  error: 'server_error',
  description: 'The authorization server met an unexpected condition',
  reason,
});

describe('POST /oauth/token redeems', () => {
  it('a code: looks, then acts, each step once', async () => {
    const endpoint = createEndpoint();
    const answer = await endpoint.post();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ access_token: 'an access token', token_type: 'Bearer', expires_in: 3600 });
    expect(endpoint.calls).toEqual(['findCode', 'consumeCode', 'issueTokens']);
    expect(endpoint.outcomes).toEqual([
      { outcome: 'issued', reason: 'code_redeemed', status: 200, clientId: 'spa', durationMs: expect.any(Number) },
    ]);
  });

  it('a code with what findCode returned: every adapter gets the same record and the request', async () => {
    const seen: unknown[] = [];
    const endpoint = createEndpoint({
      consumeCode: (code, req) => seen.push(code, req.method) > 0,
      issueTokens(exchange, req) {
        seen.push(exchange.code, req.method, exchange);
        return { access_token: 'a', expires_in: 1 };
      },
    });
    await endpoint.post();
    expect(seen[0]).toBe(endpoint.code);
    expect(seen[2]).toBe(endpoint.code);
    expect([seen[1], seen[3]]).toEqual(['POST', 'POST']);
    expect(seen[4]).toEqual({
      code: endpoint.code,
      client: { clientId: 'spa' },
      confirmation: undefined,
      resources: [],
      parameters: {},
      servesRefresh: false,
      actTimeout: 5000,
    });
  });

  it('a code with adapters that answer at once, without a promise', async () => {
    const endpoint = createEndpoint({
      consumeCode: () => true,
      issueTokens: () => ({ access_token: 'a', expires_in: 1 }),
    });
    expect((await endpoint.post()).status).toBe(200);
  });
});

it.each([null, undefined])(
  'A findCode that answers %p at once, without a promise, knows no such code',
  async (found) => {
    const endpoint = createEndpoint({ findCode: () => found });
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_unknown'));
  },
);

describe('A replay', () => {
  it('is refused, and revokes what was issued from the code', async () => {
    const endpoint = createEndpoint();
    await endpoint.post();
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.calls).toEqual([
      ...['findCode', 'consumeCode', 'issueTokens'],
      ...['findCode', 'consumeCode', 'revokeTokens'],
    ]);
  });

  it('is detected however late it is', async () => {
    const endpoint = createEndpoint();
    await endpoint.post();
    endpoint.code.expiresAt = new Date(0);
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.calls.at(-1)).toBe('revokeTokens');
  });

  it('is refused where the host revokes nothing', async () => {
    const endpoint = createEndpoint({ revokeTokens: undefined });
    await endpoint.post();
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.outcomes.at(-1)).not.toHaveProperty('fault');
  });

  it.each([
    ['another client', { client_id: 'other' }],
    ['another redirect_uri', { redirect_uri: 'https://evil.example' }],
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
  ])('with %s revokes nothing: somebody who only saw the code cannot log its owner out', async (_what, change) => {
    const endpoint = createEndpoint();
    await endpoint.post();
    const answer = await endpoint.post({ ...goodForm(), ...change });
    expect([answer.status, endpoint.calls.includes('revokeTokens')]).toEqual([400, false]);
  });

  it.each<[string, Options['revokeTokens']]>([
    ['throws', () => Promise.reject(new Error('database gone'))],
    [
      'throws at once',
      () => {
        throw new Error('database gone');
      },
    ],
    ['refuses', () => Promise.reject(new OAuthError('invalid_client', 'x', { cause: new Error('database gone') }))],
  ])(
    'is refused all the same where revokeTokens %s, and the fault reaches the observer',
    async (_what, revokeTokens) => {
      const endpoint = createEndpoint({ revokeTokens });
      await endpoint.post();
      expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
      expect(endpoint.outcomes.at(-1)).toMatchObject({ outcome: 'refused', fault: new Error('database gone') });
    },
  );

  it('is refused in time where revokeTokens hangs', async () => {
    const endpoint = createEndpoint({ actTimeout: 300, revokeTokens: () => new Promise(() => {}) });
    await endpoint.post();
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.outcomes.at(-1)?.fault).toMatchObject({
      message: expect.stringContaining('revokeTokens did not answer'),
    });
  });
});

describe('An expired code', () => {
  it('is refused once it is spent, without a token', async () => {
    const endpoint = createEndpoint({ record: { expiresAt: new Date(Date.now() - 1) } });
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_expired'));
    expect(endpoint.calls).toEqual(['findCode', 'consumeCode']);
  });

  it('is refused from the instant of its expiry on', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      for (const [expiresAt, status] of [
        [now, 400],
        [now + 1, 200],
      ] as const) {
        const endpoint = createEndpoint({ record: { expiresAt: new Date(expiresAt) }, rateLimit: false });
        expect((await endpoint.post()).status).toBe(status);
      }
    } finally {
      clock.mockRestore();
    }
  });
});

describe('Fifty requests at once with one code', () => {
  it('get tokens once, forty-nine refusals and no fault, with an adapter that takes 5 ms', async () => {
    let isSpent = false;
    const endpoint = createEndpoint({
      consumeCode: async () => {
        await sleep(5);
        const wasSpent = isSpent;
        isSpent = true;
        return !wasSpent;
      },
    });
    const server = endpoint.app.listen(0);
    try {
      const { port } = server.address() as { port: number };
      const body = new URLSearchParams(goodForm());
      const post = () => fetch(`http://127.0.0.1:${port}/oauth/token`, { method: 'POST', body });
      const answers = await Promise.all(Array.from({ length: 50 }, post));
      const statuses = answers.map(({ status }) => status);
      const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<{ error?: string }>));
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 400)).toHaveLength(49);
      expect(bodies.filter(({ error }) => error === 'invalid_grant')).toHaveLength(49);
      expect(endpoint.calls.filter((call) => call === 'issueTokens')).toHaveLength(1);
      expect(endpoint.calls.filter((call) => call === 'revokeTokens')).toHaveLength(49);
    } finally {
      server.close();
    }
  });
});

describe('A consumeCode that does not say true', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['1', 1],
    ['0', 0],
    ["'true'", 'true'],
    ['a row count', { rowCount: 0 }],
    ['an array', [true]],
    ['a Boolean object', Object(true)],
  ])('never issues, and is a fault of the host: %s', async (_what, answered) => {
    const endpoint = createEndpoint({ consumeCode: (async () => answered) as never });
    expectRefusal(await endpoint.post(), endpoint, serverError('consume_code_no_boolean'));
    expect(endpoint.calls).toEqual(['findCode']);
    const told = `consumeCode returned ${describeValue(answered)}; it must return true or false`;
    expect(endpoint.outcomes.at(-1)).toMatchObject({ outcome: 'failed', fault: new TypeError(told) });
  });
});

describe('An issueTokens that fails', () => {
  it('does not make the code usable again', async () => {
    const endpoint = createEndpoint({ issueTokens: () => Promise.reject(new Error('no key')) });
    expectRefusal(await endpoint.post(), endpoint, serverError('issue_tokens_failed'));
    expect([endpoint.isSpent(), endpoint.outcomes.at(-1)?.fault]).toEqual([true, new Error('no key')]);
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
  });
});

describe('Whatever an adapter throws', () => {
  const adapters = [
    ['findCode', 'find_code_failed'],
    ['consumeCode', 'consume_code_failed'],
    ['issueTokens', 'issue_tokens_failed'],
    ['authenticateClient', 'authenticate_client_failed'],
  ] as const;
  const thrown: [string, unknown][] = [
    ['an error', new Error('SECRET db password=hunter2')],
    ['an error with a status', Object.assign(new Error('SECRET'), { status: 200, statusCode: 404, expose: true })],
    ['an error with headers', Object.assign(new Error('SECRET'), { headers: { 'X-Leak': 'SECRET' } })],
    ["'router'", 'router'],
    ["'route'", 'route'],
    ['a string', 'SECRET'],
    ['null', null],
    ['0', 0],
    ['an empty string', ''],
    ['an object that looks like a refusal', { error: 'invalid_grant', error_description: 'SECRET', status: 400 }],
  ];

  describe.each(adapters)('%s', (name, reason) => {
    it.each(thrown)('is a fault: %s', async (_what, value) => {
      for (const fail of [
        () => Promise.reject(value),
        () => {
          throw value;
        },
      ]) {
        const endpoint = createEndpoint({ [name]: fail as never });
        const answer = await endpoint.post();
        expectRefusal(answer, endpoint, serverError(reason));
        expect(JSON.stringify([answer.text, answer.headers])).not.toContain('SECRET');
        expect(endpoint.outcomes).toHaveLength(1);
        if (value === null) expect(endpoint.outcomes[0]).toHaveProperty('fault');
        else expect(endpoint.outcomes[0]?.fault).toBe(value);
      }
    });

    it('is a fault: undefined, and the observer still sees one', async () => {
      const endpoint = createEndpoint({ [name]: (() => Promise.reject(undefined)) as never });
      expectRefusal(await endpoint.post(), endpoint, serverError(reason));
      expect(endpoint.outcomes[0]?.fault).toBeInstanceOf(OAuthError);
    });

    it('is the answer where it is an OAuthError', async () => {
      const refusal = new OAuthError('invalid_grant', 'The account is blocked', {
        reason: 'account_blocked',
        headers: { 'X-Hint': 'call us' },
      });
      const endpoint = createEndpoint({ [name]: (() => Promise.reject(refusal)) as never });
      const answer = await endpoint.post();
      expectRefusal(answer, endpoint, {
        error: 'invalid_grant',
        description: 'The account is blocked',
        reason: 'account_blocked',
      });
      expect(answer.headers['x-hint']).toBe('call us');
      expect(endpoint.outcomes[0]).not.toHaveProperty('fault');
    });
  });

  it('before the code is spent leaves it usable', async () => {
    let isBroken = true;
    const endpoint = createEndpoint({
      authenticateClient: ({ clientId = '' }) => {
        if (isBroken) throw new Error('database gone');
        return { clientId };
      },
    });
    expectRefusal(await endpoint.post(), endpoint, serverError('authenticate_client_failed'));
    expect(endpoint.calls).toEqual([]);
    isBroken = false;
    await expectRedeemable(endpoint);
  });
});
