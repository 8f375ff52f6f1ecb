import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { Request } from 'express';
import request from 'supertest';
import { OAuthError, type Outcome } from '../../lib';
import { createObserver } from '../../lib/http/observer';
import { CODE, CODE_VERIFIER, createEndpoint, goodForm, type Options } from '../support/endpoint';

const CHANNEL = 'express-token-router:outcome';

/** What was written to console.error while `use` ran. */
async function errorsWhile(use: () => Promise<unknown>): Promise<unknown[][]> {
  const spy = jest.spyOn(console, 'error').mockImplementation(() => {});
  try {
    await use();
    return spy.mock.calls;
  } finally {
    spy.mockRestore();
  }
}

const broken = { findCode: () => Promise.reject(new Error('database gone')) };

describe('onOutcome is called exactly once', () => {
  type Send = (endpoint: ReturnType<typeof createEndpoint>) => PromiseLike<unknown>;
  it.each<[string, Send, Partial<Outcome>, Partial<Options>]>([
    ['for tokens', ({ post }) => post(), { outcome: 'issued', reason: 'code_redeemed', status: 200 }, {}],
    [
      'for a refusal',
      ({ post }) => post({ ...goodForm(), code: 'x' }),
      { outcome: 'refused', reason: 'code_unknown', status: 400, error: 'invalid_grant' },
      {},
    ],
    [
      'for a method that is not ours',
      ({ app }) => request(app).head('/oauth/token'),
      { outcome: 'refused', reason: 'method_not_allowed', status: 405, error: 'invalid_request' },
      {},
    ],
    [
      'for a body that is not ours',
      ({ app }) => request(app).post('/oauth/token').type('text/plain').send('x'),
      { outcome: 'refused', reason: 'media_type_unsupported', status: 415, error: 'invalid_request' },
      {},
    ],
    [
      'for a request over the limit',
      ({ post }) => post(),
      { outcome: 'refused', reason: 'rate_limited', status: 429, error: 'too_many_requests' },
      { rateLimit: { limit: 0, validate: false } },
    ],
    [
      'for a fault',
      ({ post }) => post(),
      {
        outcome: 'failed',
        reason: 'find_code_failed',
        status: 500,
        error: 'server_error',
        fault: new Error('database gone'),
      },
      broken,
    ],
    [
      'for an OPTIONS that no origin asks',
      ({ app }) => request(app).options('/oauth/token'),
      { outcome: 'refused', reason: 'method_not_allowed', status: 405, error: 'invalid_request' },
      {},
    ],
  ])('%s', async (_what, send, expected, options) => {
    const endpoint = createEndpoint(options);
    await send(endpoint);
    expect(endpoint.outcomes).toHaveLength(1);
    const { durationMs, clientId: _clientId, ...outcome } = endpoint.outcomes[0] as Outcome;
    expect(outcome).toEqual(expected);
    expect(durationMs).toBeGreaterThan(0);
  });

  it('with the request, and with an outcome that cannot be changed', async () => {
    const seen: [Outcome, Request][] = [];
    const endpoint = createEndpoint({ onOutcome: (...told) => void seen.push(told) });
    await endpoint.post().set('X-Request-Id', '7');
    expect(seen).toHaveLength(1);
    const [outcome, req] = seen[0] as [Outcome, Request];
    expect([Object.isFrozen(outcome), req.get('X-Request-Id')]).toEqual([true, '7']);
  });

  it('never for a preflight, nor for a path that is not ours', async () => {
    const origin = 'https://app.example';
    const endpoint = createEndpoint({ allowedOrigins: [origin] });
    await request(endpoint.app)
      .options('/oauth/token')
      .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
    await request(endpoint.app).get('/oauth/Token');
    expect(endpoint.outcomes).toEqual([]);
  });
});

describe('An outcome has', () => {
  it('the time from the router’s first step to the answer', async () => {
    const wait = () => new Promise<null>((resolve) => setTimeout(resolve, 30, null));
    const endpoint = createEndpoint({ findCode: wait });
    await endpoint.post();
    expect(endpoint.outcomes[0]?.durationMs).toBeGreaterThan(25);
    expect(endpoint.outcomes[0]?.durationMs).toBeLessThan(5000);
  });

  it.each<[string, Record<string, string>, Partial<Options>, string | undefined]>([
    ['the client that was authenticated', goodForm(), { authenticateClient: () => ({ clientId: 'spa' }) }, 'spa'],
    ['the client as it named itself', { ...goodForm(), client_id: 'who' }, { authenticateClient: () => null }, 'who'],
    ['no client where the request names none', { grant_type: 'authorization_code', code: CODE }, {}, undefined],
    ['no client where the request was refused before', { ...goodForm(), grant_type: 'password' }, {}, undefined],
  ])('%s', async (_what, form, options, clientId) => {
    const endpoint = createEndpoint(options);
    await endpoint.post(form);
    expect(endpoint.outcomes).toHaveLength(1);
    if (clientId === undefined) expect(endpoint.outcomes[0]).not.toHaveProperty('clientId');
    else expect(endpoint.outcomes[0]?.clientId).toBe(clientId);
  });

  it('the client that an assertion without a client_id proved to be', async () => {
    const { client_id: _id, ...form } = goodForm();
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const endpoint = createEndpoint({ authenticateClient: () => ({ clientId: 'spa' }) });
    await endpoint.post({ ...form, client_assertion: 'a.b.c', client_assertion_type });
    expect(endpoint.outcomes).toMatchObject([{ reason: 'code_redeemed', clientId: 'spa' }]);
  });

  it('no code, verifier, proof, secret or token', async () => {
    const dpop = { verifyDpop: () => ({ jkt: 'a key' }), tokenEndpoint: 'https://auth.example/oauth/token' };
    const endpoint = createEndpoint({ ...dpop, authenticateClient: () => ({ clientId: 'spa' }) });
    for (const change of [{}, {}, { code: `${CODE}x` }, { code_verifier: 'short' }, { code: `${CODE}\n` }]) {
      await endpoint
        .post({ ...goodForm(), client_secret: 'hunter2hunter2', ...change })
        .set('DPoP', 'proof.proof.proof');
    }
    await request(endpoint.app).post('/oauth/token').type('json').send(`{"code":"${CODE}`);
    expect(endpoint.reasons()).toEqual([
      'code_redeemed',
      'code_replayed',
      'code_unknown',
      'code_verifier_malformed',
      'parameter_characters',
      'body_malformed',
    ]);
    const told = JSON.stringify(endpoint.outcomes, (_key, value) => (value instanceof Error ? String(value) : value));
    for (const secret of [CODE, CODE_VERIFIER, 'short', 'hunter2', 'proof.', 'an access token']) {
      expect(told).not.toContain(secret);
    }
  });
});

describe('An observer', () => {
  it.each<[string, Options['onOutcome']]>([
    [
      'throws',
      () => {
        throw new Error('log disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('log disk full'))],
    [
      'changes the outcome',
      (outcome) => {
        outcome.status = 500;
      },
    ],
  ])('that %s changes nothing, and is told of', async (_what, onOutcome) => {
    const calls = await errorsWhile(async () => {
      const endpoint = createEndpoint({ onOutcome });
      expect((await endpoint.post()).status).toBe(200);
      expect((await endpoint.post()).body.error).toBe('invalid_grant');
    });
    expect(calls).toEqual([
      ['express-token-router: onOutcome threw', expect.anything()],
      ['express-token-router: onOutcome threw', expect.anything()],
    ]);
  });

  it('that never answers is not waited for', async () => {
    const endpoint = createEndpoint({ onOutcome: () => new Promise<void>(() => {}) });
    expect((await endpoint.post()).status).toBe(200);
  });

  const gone = ['express-token-router: find_code_failed', new Error('database gone')];
  it.each<[string, Options['onOutcome']]>([
    ['destructures it', ({ fault }) => fault],
    ['copies the outcome', (outcome) => void { ...outcome }],
    ['writes the outcome as JSON', (outcome) => void JSON.stringify(outcome)],
    ['prints the outcome', (outcome) => void inspect(outcome)],
    ['clones the outcome', (outcome) => void structuredClone(outcome)],
    ['reads it before its first await', async ({ fault }) => void (await fault)],
  ])('takes a fault, so that it is not written to console.error as well, where it %s', async (_what, onOutcome) => {
    const endpoint = createEndpoint({ ...broken, onOutcome });
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([]);
  });

  it.each<[string, Options['onOutcome']]>([
    ['only counts', ({ reason, outcome, status }) => void [reason, outcome, status]],
    ['does nothing', () => {}],
    ['keeps the outcome for later', (outcome) => void setImmediate(() => outcome.fault)],
    ['reads the fault after an await', (outcome) => Promise.resolve().then(() => outcome.fault)],
    ['asks whether there is one', (outcome) => void ('fault' in outcome)],
  ])('loses no fault where it %s', async (_what, onOutcome) => {
    const endpoint = createEndpoint({ ...broken, onOutcome });
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([gone]);
  });

  it('loses no fault where it throws', async () => {
    const onOutcome = () => {
      throw new Error('log disk full');
    };
    const endpoint = createEndpoint({ ...broken, onOutcome });
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([
      ['express-token-router: onOutcome threw', new Error('log disk full')],
      gone,
    ]);
  });

  it('sees the fault in what it prints', async () => {
    let printed = '';
    const endpoint = createEndpoint({
      ...broken,
      onOutcome(outcome) {
        printed = inspect(outcome);
      },
    });
    await endpoint.post();
    expect(printed).toMatch(/reason: 'find_code_failed'.*fault: Error: database gone/s);
  });

  it('that does not read the fault of a refusal does not lose that either', async () => {
    const endpoint = createEndpoint({
      onOutcome: () => {},
      revokeTokens: () => Promise.reject(new Error('database gone')),
    });
    await endpoint.post();
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([
      ['express-token-router: code_replayed', new Error('database gone')],
    ]);
  });
});

describe('A fault that cannot be printed', () => {
  it('changes nothing, and causes a warning', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const spy = jest.spyOn(console, 'error').mockImplementation(() => {
      throw new Error('no console');
    });
    const answer = await createEndpoint({ ...broken, onOutcome: undefined }).post();
    const warnings = [...warn.mock.calls] as unknown[];
    spy.mockRestore();
    warn.mockRestore();
    expect([answer.status, answer.body.error]).toEqual([500, 'server_error']);
    expect(warnings).toEqual([['find_code_failed, and console.error failed to print what', 'express-token-router']]);
  });
});

describe('Without an observer', () => {
  it('a fault is written to console.error, once', async () => {
    const endpoint = createEndpoint({ ...broken, onOutcome: undefined });
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([
      ['express-token-router: find_code_failed', new Error('database gone')],
    ]);
  });

  it('a fault behind a refusal is written as well', async () => {
    const endpoint = createEndpoint({
      onOutcome: undefined,
      revokeTokens: () => Promise.reject(new Error('database gone')),
    });
    await endpoint.post();
    expect(await errorsWhile(() => endpoint.post().then())).toEqual([
      ['express-token-router: code_replayed', new Error('database gone')],
    ]);
  });

  it('nothing else is written', async () => {
    const refusal = new OAuthError('invalid_grant', 'No', { cause: new Error('blocked') });
    const endpoint = createEndpoint({ onOutcome: undefined });
    const refusing = createEndpoint({ onOutcome: undefined, authenticateClient: () => Promise.reject(refusal) });
    expect(
      await errorsWhile(async () => {
        await endpoint.post();
        await endpoint.post({});
        await refusing.post();
      }),
    ).toEqual([]);
  });
});

describe('A request that never came to the router', () => {
  it('has no outcome', () => {
    const told: Outcome[] = [];
    const observer = createObserver((outcome) => told.push(outcome));
    const req = {} as Request;
    observer.identify(req, 'spa');
    observer.report(req, { outcome: 'issued', reason: 'code_redeemed', status: 200 });
    expect([told, observer.outcomeOf(req)]).toEqual([[], undefined]);
  });
});

describe('The diagnostics channel', () => {
  const told: unknown[] = [];
  const listen = (message: unknown) => void told.push(message);
  beforeEach(() => {
    told.length = 0;
    subscribe(CHANNEL, listen);
  });
  afterEach(() => void unsubscribe(CHANNEL, listen));

  it('carries the same outcome with its request, once', async () => {
    const endpoint = createEndpoint();
    await endpoint.post();
    expect(told).toEqual([{ outcome: endpoint.outcomes[0], req: expect.anything() }]);
    expect((told[0] as { outcome: Outcome }).outcome).toBe(endpoint.outcomes[0]);
    expect((told[0] as { req: Request }).req.originalUrl).toBe('/oauth/token');
  });

  it('carries it where the observer throws as well, and where there is none', async () => {
    await errorsWhile(async () => {
      await createEndpoint({
        onOutcome() {
          throw new Error('log disk full');
        },
      }).post();
      await createEndpoint({ ...broken, onOutcome: undefined }).post();
    });
    expect(told.map((message) => (message as { outcome: Outcome }).outcome.reason)).toEqual([
      'code_redeemed',
      'find_code_failed',
    ]);
  });

  it('carries nothing for a preflight', async () => {
    const endpoint = createEndpoint({ allowedOrigins: () => true });
    await request(endpoint.app).options('/oauth/token').set('Origin', 'https://app.example');
    expect(told).toEqual([]);
  });
});
