import express from 'express';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { toRefusal } from '../../lib/http/refusal';
import { createEndpoint, goodForm } from '../support/endpoint';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const without = (name: string) => {
  const { [name]: _left, ...form } = goodForm();
  return form;
};

describe('A refusal', () => {
  it('is OAuth JSON, byte for byte', async () => {
    const answer = await createEndpoint().post(without('code'));
    expect([answer.status, answer.text]).toEqual([
      400,
      '{"error":"invalid_request","error_description":"Missing required parameter: code"}',
    ]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(answer.text.length),
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    expect(answer.headers).not.toHaveProperty('etag');
  });

  it('has the status of its code where the host chose undefined', async () => {
    const endpoint = createEndpoint({ errorStatus: { invalid_grant: undefined } as never, rateLimit: { limit: 1 } });
    const unknown = await endpoint.post({ ...goodForm(), code: 'unknown' });
    expectRefusal(unknown, endpoint, { status: 400, error: 'invalid_grant', reason: 'code_unknown' });
    expect((await endpoint.post()).status).toBe(429);
  });

  it('has the status that the host chose, by error code, and no other', async () => {
    const endpoint = createEndpoint({ errorStatus: { invalid_grant: 403, invalid_client: 400 } });
    const unknown = await endpoint.post({ ...goodForm(), code: 'unknown' });
    expectRefusal(unknown, endpoint, { status: 403, error: 'invalid_grant', reason: 'code_unknown' });
    const secret = await endpoint.post({ ...goodForm(), client_secret: 'x' });
    const reason = 'client_authentication_unsupported';
    expectRefusal(secret, endpoint, { status: 400, error: 'invalid_client', reason });
    expectRefusal(await endpoint.post(without('code')), endpoint, {
      error: 'invalid_request',
      reason: 'parameter_missing',
    });
    expect(endpoint.outcomes.map(({ status }) => status)).toEqual([403, 400, 400]);
    await expectRedeemable(endpoint);
  });

  it('has HTTP’s own status, whatever the host chose for its code', async () => {
    const endpoint = createEndpoint({ errorStatus: { invalid_request: 422 } });
    expect((await request(endpoint.app).put('/oauth/token')).status).toBe(405);
    expect((await endpoint.post(without('code'))).status).toBe(422);
  });
});

describe('A challenge', () => {
  const challenge = 'Basic realm="token endpoint"';

  it.each([
    ['carries none, for there was no Authorization', {}, { ...goodForm(), client_secret: 'x' }, undefined],
    ['carries one, for there was an Authorization', { Authorization: 'Basic c3BhOng=' }, goodForm(), challenge],
    ['carries one for another scheme', { Authorization: 'Bearer x' }, goodForm(), challenge],
    ['carries one for an empty Authorization', { Authorization: '' }, goodForm(), challenge],
  ])('401 %s', async (_what, fields, form, expected) => {
    const endpoint = createEndpoint();
    const answer = await endpoint.post(form).set(fields);
    expect([answer.status, answer.body.error, answer.headers['www-authenticate']]).toEqual([
      401,
      'invalid_client',
      expected,
    ]);
  });

  it('goes with no other error code, Authorization or not', async () => {
    const endpoint = createEndpoint();
    const answer = await endpoint.post({ ...goodForm(), client_id: 'other' }).auth('spa', '');
    expect(answer.body.error).toBe('invalid_request');
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });
});

describe('A fault', () => {
  const thrower = (thrown: unknown) => ({
    get clientId(): string {
      throw thrown;
    },
  });

  it.each([
    ['an error', new Error('SECRET')],
    ["'router', which means something to Express", 'router'],
    ['an error with a status', Object.assign(new Error('SECRET'), { status: 404 })],
    ['null', null],
  ])('outside of every adapter call is a 500 as well: %s', async (_what, thrown) => {
    const endpoint = createEndpoint({ findCode: () => thrower(thrown) as never });
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, {
      status: 500,
      error: 'server_error',
      description: 'The authorization server met an unexpected condition',
      reason: 'unexpected',
    });
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: thrown }]);
  });

  it('of a middleware that throws as the head of a refusal is written is reported, in the place of the refusal', async () => {
    const endpoint = createEndpoint();
    const hook = new Error('a hook of a session store');
    const app = express().use((_req, res, next) => {
      Object.assign(res, {
        writeHead() {
          throw hook;
        },
      });
      next();
    }, endpoint.router);
    const send = request(app).post('/oauth/token').type('form').send({ code: 'unknown' });
    await expect(send).rejects.toThrow('socket hang up');
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'failed', reason: 'unexpected', status: 500, error: 'server_error', fault: hook },
    ]);
  });

  it('of a middleware that answered and still went on is reported, and answers nothing more', async () => {
    const endpoint = createEndpoint();
    const app = express().use((_req, res, next) => {
      res.send('mine');
      next();
    }, endpoint.router);
    const answer = await request(app).post('/oauth/token').type('form').send(goodForm());
    expect([answer.status, answer.text, endpoint.reasons()]).toEqual([200, 'mine', ['unexpected']]);
    expect(endpoint.calls).toEqual([]);
  });
});

describe('What lies behind a refusal', () => {
  const behind = async (refusal: OAuthError) => {
    const endpoint = createEndpoint({ authenticateClient: () => Promise.reject(refusal) });
    await endpoint.post();
    const { fault, cause, ...others } = endpoint.outcomes[0] ?? {};
    expect(Object.keys(others).sort()).toEqual(['clientId', 'durationMs', 'error', 'outcome', 'reason', 'status']);
    return { fault, cause };
  };
  const root = new Error('row 7 is locked');

  it('is its cause, where it has one', async () => {
    expect(await behind(new OAuthError('invalid_grant', 'No', { cause: root }))).toEqual({ cause: root });
    expect(await behind(new OAuthError('invalid_grant', 'No'))).toEqual({});
  });

  it('is no member of the outcome, where there is nothing', async () => {
    const endpoint = createEndpoint();
    await endpoint.post({ ...goodForm(), code: 'unknown' });
    expect(Object.keys(endpoint.outcomes[0] ?? {})).not.toContain('cause');
  });

  it('is a fault where the adapter’s own refusal is a 5xx: its cause, or else itself', async () => {
    expect(await behind(new OAuthError('server_error', 'No', { cause: root }))).toEqual({ fault: root });
    const refusal = new OAuthError('temporarily_unavailable', 'No');
    expect((await behind(refusal)).fault).toBe(refusal);
  });

  it('is the first cause of a chain, and ends where the chain is a circle', async () => {
    const inner = new OAuthError('server_error', 'No', { cause: root });
    expect(await behind(new OAuthError('server_error', 'No', { cause: inner }))).toEqual({ fault: root });
    const circle = new OAuthError('server_error', 'No', { cause: inner });
    inner.cause = circle;
    expect((await behind(circle)).fault).toBe(circle);
  });
});

describe('toRefusal', () => {
  it('leaves an OAuthError as it is, and makes a fault of everything else', () => {
    const refusal = new OAuthError('invalid_grant', 'No');
    expect(toRefusal(refusal)).toBe(refusal);
    expect(toRefusal('router')).toMatchObject({ error: 'server_error', reason: 'unexpected', cause: 'router' });
  });
});
