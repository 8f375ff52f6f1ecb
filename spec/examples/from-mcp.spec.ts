import { tokenHandler } from '@modelcontextprotocol/sdk/server/auth/handlers/token.js';
import express, { type Express } from 'express';
import request from 'supertest';
import { createTokenRouterFrom } from '../../examples/from-mcp/from-provider';
import { Provider } from '../../examples/from-mcp/provider';
import type { Outcome } from '../../lib';
import { memoryCodes, memoryJtis } from '../../lib/stores/memory';
import { createPkcePair } from '../../lib/testing';
import { startExample } from './example';
import { createMeeting } from './meeting';
import { expectSamples } from './samples';

const REDIRECT_URI = 'http://localhost/callback';
const RESOURCE = 'http://localhost/mcp';

interface Different {
  describes?: boolean;
  rotates?: boolean;
  before?: express.RequestHandler;
}

/** An app with a provider, by the old handler or by ours. */
function createApp(by: 'tokenHandler' | 'createTokenRouterFrom', different: Different = {}) {
  const { describes = true, rotates = true, before } = different;
  const provider = new Provider();
  const metadata = { redirect_uris: [REDIRECT_URI], redirect_uri: REDIRECT_URI };
  provider.clients.set('spa', { client_id: 'spa', ...metadata });
  provider.clients.set('other', { client_id: 'other', ...metadata });
  provider.clients.set('web', { client_id: 'web', client_secret: 's3cret', ...metadata });
  provider.clients.set('old', { client_id: 'old', client_secret: 's3cret', client_secret_expires_at: 1, ...metadata });
  const outcomes: Outcome[] = [];
  const app: Express = express();
  if (before) app.use(before);
  if (by === 'tokenHandler') app.use('/token', tokenHandler({ provider: provider as never }));
  else {
    app.use(
      createTokenRouterFrom(provider, {
        codes: memoryCodes({ strictReplay: true }),
        consumeJti: memoryJtis().consumeJti,
        rotates,
        describeCode: undefined,
        onOutcome: (outcome: Outcome) => {
          void outcome.fault;
          outcomes.push(outcome);
        },
        ...(describes && {
          async describeCode(code: string) {
            const { client, params, expiresAt } = provider.codes.get(code);
            return { clientId: client.client_id, redirectUri: params.redirectUri, expiresAt: new Date(expiresAt) };
          },
        }),
      }),
    );
  }
  app.use((_req, res) => void res.status(404).json({ not: 'ours' }));
  let count = 0;

  return {
    app,
    provider,
    reasons: () => outcomes.map(({ reason }) => reason),
    post: (form: object) => request(app).post('/token').type('form').send(form),
    /** A code, and the request that redeems it. */
    createForm(clientId = 'spa') {
      const { codeVerifier, codeChallenge } = createPkcePair();
      count += 1;
      const code = `code ${count}`;
      const params = { codeChallenge, redirectUri: REDIRECT_URI, scopes: ['mcp:tools'] };
      provider.codes.set(code, { client: { client_id: clientId }, params, expiresAt: Date.now() + 60_000 });
      return {
        grant_type: 'authorization_code',
        client_id: clientId,
        code,
        code_verifier: codeVerifier,
        redirect_uri: REDIRECT_URI,
      };
    },
  };
}

type App = ReturnType<typeof createApp>;

const atOnce = async ({ post }: App, form: object) => {
  const answers = await Promise.all(Array.from({ length: 5 }, async () => (await post(form)).status));
  return answers.filter((status) => status === 200).length;
};
const logIn = async (app: App, clientId = 'spa') => (await app.post(app.createForm(clientId))).body;
const refreshForm = (refresh_token: string) => ({ grant_type: 'refresh_token', client_id: 'spa', refresh_token });

describe('examples/from-mcp', () => {
  it('makes a round trip with the client of the SDK', async () => {
    const { child, printed } = await startExample('from-mcp', {});
    child.kill('SIGKILL');
    expect(printed.split('\n')).toEqual([
      'The code was redeemed: Bearer, mcp:tools',
      'Refreshed: true',
      'Ten requests with one code at once: 1 got tokens',
      'Ctrl-C ends it.',
      '',
    ]);
  }, 300_000);
});

describe('createTokenRouterFrom', () => {
  it('redeems a code once where tokenHandler redeems it for everybody who is there', async () => {
    const [old, own] = [createApp('tokenHandler'), createApp('createTokenRouterFrom')];
    old.provider.pause = createMeeting(5);
    expect(await atOnce(old, old.createForm())).toBe(5);
    expect(await atOnce(own, own.createForm())).toBe(1);
  });

  it('uses a refresh token once where tokenHandler uses it as often', async () => {
    const [old, own] = [createApp('tokenHandler'), createApp('createTokenRouterFrom')];
    const { refresh_token } = await logIn(old);
    old.provider.pause = createMeeting(5);
    expect(await atOnce(old, refreshForm(refresh_token))).toBe(5);
    expect(await atOnce(own, refreshForm((await logIn(own)).refresh_token))).toBe(1);
  });

  it('ends the tokens of a code that comes again, although the provider has deleted it', async () => {
    const app = createApp('createTokenRouterFrom');
    const form = app.createForm();
    const { access_token } = (await app.post(form)).body;
    await expect(app.provider.verifyAccessToken(access_token)).resolves.toMatchObject({ clientId: 'spa' });
    expect((await app.post(form)).body.error).toBe('invalid_grant');
    expect(app.reasons()).toEqual(['code_redeemed', 'code_replayed']);
    await expect(app.provider.verifyAccessToken(access_token)).rejects.toThrow('Unknown access token');
  });

  it('reports a refresh token that comes again', async () => {
    const app = createApp('createTokenRouterFrom');
    const form = refreshForm((await logIn(app)).refresh_token);
    const answers = [await app.post(form), await app.post(form)].map(({ body }) => body.error);
    expect(answers).toEqual([undefined, 'invalid_grant']);
    expect(app.reasons().at(-1)).toBe('refresh_token_reused');
  });

  it.each([
    ['of another client', { client_id: 'other' }],
    ['with another redirect_uri', { redirect_uri: 'http://localhost/other' }],
    ['with another verifier', { code_verifier: 'x'.repeat(43) }],
  ])('leaves the code to its owner after a request %s', async (_title, change) => {
    const app = createApp('createTokenRouterFrom');
    const form = app.createForm();
    expect((await app.post({ ...form, ...change })).body.error).toBe('invalid_grant');
    expect((await app.post(form)).status).toBe(200);
  });

  it('lets the provider compare what nobody describes: the request is refused, and the code is spent', async () => {
    const app = createApp('createTokenRouterFrom', { describes: false });
    const form = app.createForm();
    const wrong = { ...form, redirect_uri: 'http://localhost/other' };
    expect((await app.post(wrong)).body.error).toBe('invalid_grant');
    expect([(await app.post(form)).body.error, app.reasons().at(-1)]).toEqual(['invalid_grant', 'code_replayed']);
    expect((await app.post(app.createForm())).status).toBe(200);
  });

  it.each<[string, express.RequestHandler | undefined]>([
    ['from the stream', undefined],
    ['behind express.urlencoded()', express.urlencoded({ extended: false })],
  ])('hands resource and scope on, %s', async (_title, before) => {
    const app = createApp('createTokenRouterFrom', before ? { before } : {});
    const { body } = await app.post({ ...app.createForm(), resource: RESOURCE });
    const resourceOf = async (token: string) => String((await app.provider.verifyAccessToken(token)).resource);
    expect(await resourceOf(body.access_token)).toBe(RESOURCE);
    const form = { ...refreshForm(body.refresh_token), resource: `${RESOURCE}/2`, scope: 'mcp:less' };
    const refreshed = (await app.post(form)).body;
    expect([await resourceOf(refreshed.access_token), refreshed.scope]).toEqual([`${RESOURCE}/2`, 'mcp:less']);
  });

  it.each<[string, object, string]>([
    ['without its secret', {}, 'web'],
    ['with a wrong secret', { client_secret: 'wrong' }, 'web'],
    ['with a secret that is over', { client_secret: 's3cret' }, 'old'],
    ['of a public client with a secret', { client_secret: 's3cret' }, 'spa'],
    ['that nobody registered', {}, 'nobody'],
  ])('refuses a client %s, and leaves the code', async (_title, credential, clientId) => {
    const app = createApp('createTokenRouterFrom');
    const form = app.createForm(clientId);
    const { status, body } = await app.post({ ...form, ...credential });
    expect([status, body.error]).toEqual([401, 'invalid_client']);
    expect(app.provider.codes.size).toBe(1);
  });

  it('serves a confidential client with its secret', async () => {
    const app = createApp('createTokenRouterFrom');
    expect((await app.post({ ...app.createForm('web'), client_secret: 's3cret' })).status).toBe(200);
  });

  it('keeps a refresh token where the provider issues no other', async () => {
    const app = createApp('createTokenRouterFrom', { rotates: false });
    const { refresh_token } = await logIn(app);
    app.provider.exchangeRefreshToken = async () => ({ access_token: 'next', token_type: 'bearer' }) as never;
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await app.post(refreshForm(refresh_token))).body).toEqual({
        access_token: 'next',
        token_type: 'Bearer',
        expires_in: 3600,
      });
    }
  });

  it('answers server_error to an error that is none of the SDK, and says nothing of it', async () => {
    const app = createApp('createTokenRouterFrom');
    app.provider.challengeForAuthorizationCode = () => Promise.reject(new Error('SECRET of the database'));
    const { status, text } = await app.post(app.createForm());
    expect([status, JSON.parse(text).error]).toEqual([500, 'server_error']);
    expect(text).not.toContain('SECRET');
  });

  it('leaves other paths to the app, and demands to know whether refresh tokens rotate', async () => {
    const { app } = createApp('createTokenRouterFrom');
    expect((await request(app).post('/other').send('a=b')).body).toEqual({ not: 'ours' });
    expect(() => createTokenRouterFrom(new Provider(), { codes: memoryCodes() } as never)).toThrow(/rotates: write/);
  });
});

it('docs/guides/from-mcp.md has code of the example as it is', () => expectSamples('from-mcp'));
