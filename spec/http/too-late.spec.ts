import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { checkAnswerable } from '../../lib/http/too-late';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { createGate } from '../support/gate';
import { hangUpAfter, rawPost, withServer } from '../support/raw';
import { createRefreshEndpoint, refreshForm } from '../support/refresh';
import { expectRedeemable } from '../support/refusals';

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token' };

/** Sends the form, hangs up, and opens the gate once the server has seen that. */
async function hangUp(app: RequestListener, form: Record<string, string>, open: () => void): Promise<void> {
  await withServer(app, async (port, server) => {
    const [_req, res] = await Promise.all([
      once(server, 'request').then(([req, response]) => [req, response]),
      hangUpAfter(port, rawPost([FORM], new URLSearchParams(form).toString())),
    ]).then(([pair]) => pair);
    if (!res.closed) await once(res, 'close');
    open();
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
}

describe('A client that hangs up before the code is spent', () => {
  it.each<[string, (wait: () => Promise<void>, find: () => unknown) => Partial<Options>]>([
    [
      'during authenticateClient',
      (wait) => ({ authenticateClient: async ({ clientId = '' }) => wait().then(() => ({ clientId })) }),
    ],
    ['during findCode', (wait, find) => ({ findCode: async () => wait().then(find) as never })],
    ['during verifyDpop', (wait) => ({ ...DPOP, verifyDpop: async () => wait().then(() => ({ jkt: 'a key' })) })],
  ])('leaves it redeemable: %s', async (_when, options) => {
    const { open, opened } = createGate();
    let isGone = true;
    const endpoint = createEndpoint(
      options(
        async () => (isGone ? opened : undefined),
        () => endpoint.code,
      ),
    );
    const withProof: RequestHandler = (req, _res, next) => {
      if (isGone) req.headers.dpop = 'a.proof.here';
      next();
    };
    await hangUp(express().use(withProof, endpoint.router), goodForm(), open);
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'refused', reason: 'client_gone', status: 499 }]);
    expect([endpoint.isSpent(), endpoint.calls.includes('issueTokens')]).toEqual([false, false]);
    isGone = false;
    await expectRedeemable(endpoint);
  });

  it('leaves a refresh token redeemable as well', async () => {
    const { open, opened } = createGate();
    let isGone = true;
    const endpoint = createRefreshEndpoint({
      refresh: {
        async findRefreshToken() {
          if (isGone) await opened;
          return { ...endpoint.live };
        },
      },
    });
    await hangUp(endpoint.app, refreshForm(), open);
    expect([endpoint.reasons(), endpoint.live.spentAt]).toEqual([['client_gone'], null]);
    isGone = false;
    expect((await endpoint.post()).status).toBe(200);
  });
});

describe('A client that hangs up once the code may be spent', () => {
  it('has spent it, and the outcome says that tokens were issued', async () => {
    const { open, opened } = createGate();
    const endpoint = createEndpoint({
      issueTokens: async () => opened.then(() => ({ access_token: 'a', expires_in: 60 })),
    });
    await hangUp(endpoint.app, goodForm(), open);
    expect([endpoint.isSpent(), endpoint.reasons()]).toEqual([true, ['code_redeemed']]);
  });
});

describe('A request that the host has answered before the code is spent', () => {
  const answerFirst = (res: Response | undefined) => void res?.status(503).send('the time-out of the host');

  it.each<[string, (answer: (req: Request) => void, find: () => unknown) => Partial<Options>]>([
    [
      'during authenticateClient',
      (answer) => ({
        async authenticateClient({ clientId = '' }, req) {
          answer(req);
          return { clientId };
        },
      }),
    ],
    [
      'during findCode',
      (answer, find) => ({
        async findCode(_code, req) {
          answer(req);
          return find() as never;
        },
      }),
    ],
  ])('leaves it redeemable: %s', async (_when, options) => {
    let isFirst = true;
    const endpoint = createEndpoint(
      options(
        (req) => {
          if (isFirst) answerFirst(req.res);
        },
        () => endpoint.code,
      ),
    );
    const answer = await endpoint.post();
    expect([answer.status, answer.text]).toEqual([503, 'the time-out of the host']);
    expect(endpoint.outcomes).toMatchObject([
      {
        outcome: 'failed',
        reason: 'answered_by_host',
        fault: new Error('The host answered the request before the router could'),
      },
    ]);
    expect(endpoint.isSpent()).toBe(false);
    isFirst = false;
    await expectRedeemable(endpoint);
  });
});

describe('A request whose body took so long that no time is left to issue', () => {
  it('is 503, and the code stays redeemable', async () => {
    const endpoint = createEndpoint({ adapterTimeout: 100, actTimeout: 9300 });
    const answer = await withServer(endpoint.app, async (port) => {
      const bytes = rawPost([FORM], new URLSearchParams(goodForm()).toString());
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes.subarray(0, -10)));
      await new Promise((resolve) => setTimeout(resolve, 300));
      socket.write(bytes.subarray(-10));
      const [text] = await once(socket, 'data');
      return String(text);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/\r\nRetry-After: 1\r\n/);
    expect(endpoint.outcomes).toMatchObject([
      {
        reason: 'no_time_left',
        fault: new Error('The request took so long that no time is left to issue tokens'),
      },
    ]);
    expect(endpoint.calls).toEqual(['findCode']);
    await expectRedeemable(endpoint);
  });
});

describe('An adapter that hangs after a refresh token is spent', () => {
  const never = () => new Promise<never>(() => {});

  it.each([
    ['503 with Retry-After where a live token may come again', { isRepeatable: true }, 503, '1'],
    ['503 with Retry-After where the store keeps count of repeats', { isRepeatable: false }, 503, '1'],
    ['503 with Retry-After where a spent token may come again', { isRepeatable: true, spentAt: new Date() }, 503, '1'],
    ['500 where a spent token may not', { isRepeatable: false, spentAt: new Date() }, 500, undefined],
    ['500 where the store says nothing of repeats', {}, 500, undefined],
    ['500 where the store says null', { isRepeatable: null }, 500, undefined],
  ])('is %s', async (_what, token, status, retryAfter) => {
    const endpoint = createRefreshEndpoint({
      actTimeout: 30,
      token,
      refresh: { consumeRefreshToken: () => true },
      issueTokens: never as never,
    });
    const answer = await endpoint.post();
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(endpoint.reasons()).toEqual(['adapter_timeout_after_consumption']);
    const message = 'issueTokens did not answer: spending and issuing have 30 ms together';
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: { message } }]);
  });
});

describe('A response is answerable', () => {
  const budgets = { adapterTimeout: 4000, actTimeout: 5000 };
  const check = (res: object, elapsedMs = 0) => checkAnswerable(res as Response, elapsedMs, budgets);
  const live = { destroyed: false, closed: false, writableFinished: false, headersSent: false };

  it.each<[string, object, number]>([
    ['where its client waits', live, 0],
    ['where a function host made it without these members', {}, 0],
    ['until 9.5 s less actTimeout', live, 4500],
  ])('%s', (_what, res, elapsedMs) => {
    expect(() => check(res, elapsedMs)).not.toThrow();
  });

  it.each<[string, object, number, string]>([
    ['once it is destroyed', { ...live, destroyed: true }, 0, 'client_gone'],
    ['once it is closed', { ...live, closed: true }, 0, 'client_gone'],
    ['once its head was sent', { ...live, headersSent: true }, 0, 'answered_by_host'],
    [
      'once it is finished and closed, for somebody answered it',
      { ...live, headersSent: true, closed: true, destroyed: true, writableFinished: true },
      0,
      'answered_by_host',
    ],
    ['after 9.5 s less actTimeout', live, 4501, 'no_time_left'],
  ])('no more %s', (_what, res, elapsedMs, reason) => {
    expect(() => check(res, elapsedMs)).toThrow(expect.objectContaining({ reason, counts: false }));
  });

  it('no more, in a status that only logs of proxies know, once its client is gone', () => {
    expect(() => check({ ...live, destroyed: true })).toThrow(
      expect.objectContaining({
        error: 'invalid_request',
        error_description: 'The client closed the connection',
        status: 499,
      }),
    );
  });
});
