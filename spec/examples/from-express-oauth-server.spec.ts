import OAuthServer from '@node-oauth/express-oauth-server';
import express, { type Express } from 'express';
import request from 'supertest';
import { fromModel } from '../../examples/from-express-oauth-server/from-model';
import { isPublic, model as own } from '../../examples/from-express-oauth-server/model';
import { createTokenRouter, type Outcome } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { createPkcePair } from '../../lib/testing';
import { startExample } from './example';
import { createMeeting } from './meeting';
import { expectSamples } from './samples';

const REDIRECT_URI = 'http://localhost/callback';

/** An app as the README of the old library has it, with its own token endpoint or with ours. */
function createApp(by: 'the old library' | 'fromModel', findUser?: (id: string) => object | null) {
  const outcomes: Outcome[] = [];
  const store = memoryStore({ strictReplay: true });
  const { model, options } = fromModel(own, { store, isPublic, ...(findUser && { findUser }) });
  const oauth = new OAuthServer({ model: by === 'fromModel' ? model : own } as never);
  const authenticateHandler = { handle: () => ({ id: 'ann' }) };
  const app: Express = express().use(express.json(), express.urlencoded({ extended: false }));
  const onOutcome = (outcome: Outcome) => void outcomes.push(outcome);
  if (by === 'fromModel') app.use(createTokenRouter({ ...options, path: '/token', onOutcome } as never));
  else app.post('/token', oauth.token({ requireClientAuthentication: { refresh_token: false } } as never));
  app.get('/authorize', oauth.authorize({ authenticateHandler } as never));
  app.get('/secret', oauth.authenticate(), (_req, res) => void res.send('Secret area'));
  const post = (form: object) => request(app).post('/token').type('form').send(form);

  return {
    post,
    store,
    reasons: () => outcomes.map(({ reason }) => reason),
    readSecret: async (token: string) =>
      (await request(app).get('/secret').set('Authorization', `Bearer ${token}`)).status,
    /** Asks /authorize of the old library for a code; the request that redeems it. */
    async createForm(client_id = 'spa', { pkce = true } = {}): Promise<Record<string, string>> {
      const { codeVerifier, codeChallenge } = createPkcePair();
      const challenge = { code_challenge: codeChallenge, code_challenge_method: 'S256' };
      const { headers } = await request(app)
        .get('/authorize')
        .query({
          client_id,
          redirect_uri: REDIRECT_URI,
          response_type: 'code',
          state: 'a',
          scope: 'read write',
          ...(pkce && challenge),
        });
      const code = String(new URL(String(headers.location)).searchParams.get('code'));
      return {
        grant_type: 'authorization_code',
        client_id,
        code,
        redirect_uri: REDIRECT_URI,
        ...(pkce && { code_verifier: codeVerifier }),
      };
    },
  };
}

type App = ReturnType<typeof createApp>;

const atOnce = async ({ post }: App, form: object) => {
  const answers = await Promise.all(Array.from({ length: 5 }, async () => (await post(form)).status));
  return answers.filter((status) => status === 200).length;
};
const refreshForm = (refresh_token: string) => ({ grant_type: 'refresh_token', client_id: 'spa', refresh_token });
const basic = (secret: string) => `Basic ${Buffer.from(`web:${secret}`).toString('base64')}`;

describe('examples/from-express-oauth-server', () => {
  it('makes a round trip', async () => {
    const { child, printed } = await startExample('from-express-oauth-server', {});
    child.kill('SIGKILL');
    expect(printed.split('\n')).toEqual([
      'The code was redeemed. With the token: Secret area',
      'Refreshed: Secret area',
      'Ten requests with one code at once: 1 got tokens',
      'Ctrl-C ends it.',
      '',
    ]);
  }, 300_000);
});

describe('fromModel', () => {
  it('redeems a code once where the old endpoint redeems it for everybody who is there', async () => {
    const [old, app] = [createApp('the old library'), createApp('fromModel')];
    const form = await old.createForm();
    const pause = jest.spyOn(own, 'pause').mockImplementation(createMeeting(5));
    expect(await atOnce(old, form)).toBe(5);
    pause.mockRestore();
    expect(await atOnce(app, await app.createForm())).toBe(1);
  });

  it('ends the login of a code that comes again: the old endpoint has deleted it and sees nothing', async () => {
    for (const [by, secret, refreshes] of [
      ['the old library', 200, 200],
      ['fromModel', 401, 400],
    ] as const) {
      const app = createApp(by);
      const form = await app.createForm();
      const { access_token, refresh_token } = (await app.post(form)).body;
      expect(await app.readSecret(access_token)).toBe(200);
      expect((await app.post(form)).body.error).toBe('invalid_grant');
      expect([by, await app.readSecret(access_token)]).toEqual([by, secret]);
      expect([by, (await app.post(refreshForm(refresh_token))).status]).toEqual([by, refreshes]);
    }
  });

  it('asks a confidential client for its secret: the old endpoint takes a code_verifier instead', async () => {
    const [old, app] = [createApp('the old library'), createApp('fromModel')];
    expect((await old.post(await old.createForm('web'))).status).toBe(200);
    const { client_id, ...form } = await app.createForm('web');
    expect((await app.post({ client_id, ...form })).body.error).toBe('invalid_client');
    expect((await app.post(form).set('Authorization', basic('wrong'))).status).toBe(401);
    expect((await app.post(form).set('Authorization', basic('secret-of-web'))).status).toBe(200);
    const other = await app.createForm('web');
    expect((await app.post({ ...other, client_secret: 'secret-of-web' })).status).toBe(200);
  });

  it.each([
    ['a public client with a secret', { client_secret: 'a' }, 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
    ['another client', { client_id: 'web', client_secret: 'secret-of-web' }, 'invalid_grant'],
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['another redirect_uri', { redirect_uri: 'http://localhost/other' }, 'invalid_grant'],
    [
      'an assertion',
      { client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      'invalid_client',
    ],
  ])('refuses %s, and leaves the code to its owner', async (_title, change, error) => {
    const app = createApp('fromModel');
    const form = await app.createForm();
    expect((await app.post({ ...form, ...change })).body.error).toBe(error);
    expect((await app.post(form)).status).toBe(200);
  });

  it('wants PKCE of every client', async () => {
    const app = createApp('fromModel');
    expect((await app.post(await app.createForm('spa', { pkce: false }))).body.error).toBe('invalid_grant');
    expect(app.reasons()).toEqual(['code_challenge_missing']);
  });

  it('rotates refresh tokens, narrows the scope, and ends the login of one that comes again later', async () => {
    const app = createApp('fromModel');
    const first = (await app.post(await app.createForm())).body;
    const second = (await app.post({ ...refreshForm(first.refresh_token), scope: 'read' })).body;
    const third = (await app.post(refreshForm(second.refresh_token))).body;
    expect([first.scope, second.scope, third.scope]).toEqual(['read write', 'read', 'read write']);
    expect((await app.post(refreshForm(first.refresh_token))).body.error).toBe('invalid_grant');
    expect(app.reasons().at(-1)).toBe('refresh_token_reused');
    expect(await app.readSecret(third.access_token)).toBe(401);
    expect((await app.post(refreshForm(third.refresh_token))).status).toBe(400);
  });

  it('still takes the refresh tokens of the old endpoint, each once', async () => {
    const [old, app] = [createApp('the old library'), createApp('fromModel')];
    const { refresh_token } = (await old.post(await old.createForm())).body;
    expect(
      (await app.post({ ...refreshForm(refresh_token), client_id: 'web', client_secret: 'secret-of-web' })).status,
    ).toBe(400);
    expect(await atOnce(app, refreshForm(refresh_token))).toBe(1);
    const again = (await old.post(await old.createForm())).body;
    const next = (await app.post(refreshForm(again.refresh_token))).body;
    expect(await app.readSecret(next.access_token)).toBe(200);
    expect((await app.post(refreshForm(next.refresh_token))).status).toBe(200);
  });

  it('issues nothing for a user who is gone', async () => {
    const app = createApp('fromModel', () => null);
    expect((await app.post(await app.createForm())).body.error).toBe('invalid_grant');
  });

  it('demands to know which clients are public', () => {
    expect(() => fromModel(own, { store: memoryStore() } as never)).toThrow(/isPublic: write/);
  });
});

it('docs/guides/from-express-oauth-server.md has code of the example as it is', () =>
  expectSamples('from-express-oauth-server'));
