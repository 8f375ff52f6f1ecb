import { createServer, type ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import request from 'supertest';
import { createTokenRouter } from '../lib';
import { memoryStore } from '../lib/stores/memory';

const store = memoryStore();
const createRouter = (path?: string) =>
  createTokenRouter({
    ...store.adapters,
    refresh: undefined,
    issueTokens: () => ({ access_token: 'token', expires_in: 60 }),
    ...(path && { path }),
  });

const FORM = { grant_type: 'authorization_code', client_id: 'spa', code: 'a', code_verifier: 'x'.repeat(43) };

/** A router whose client authentication looks at the request. */
const createSeeing = (see: (req: Request) => unknown) =>
  createTokenRouter({
    ...store.adapters,
    refresh: undefined,
    authenticateClient(_credentials, req) {
      see(req);
      return null;
    },
    issueTokens: () => ({ access_token: 'token', expires_in: 60 }),
  });

const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
beforeEach(() => warn.mockClear());
afterAll(() => warn.mockRestore());

const post = (app: Express, path: string) => request(app).post(path).type('form').send({ grant_type: 'x' });
const warnings = () => warn.mock.calls.map(([text]) => String(text));

describe('A router that is mounted with its own path', () => {
  it.each([
    ['/oauth/token', undefined],
    ['/oauth/token/', undefined],
    ['/oauth', undefined],
    ['/auth', '/auth/v1/token'],
  ])('at %s leaves the request to the app, and warns the developer once', async (mount, path) => {
    const app = express().use(mount, createRouter(path));
    const url = path ?? '/oauth/token';
    const answers = [await post(app, url), await post(app, url)];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    const at = mount.replace(/\/$/, '');
    expect(warnings()).toEqual([
      `A request for "${url}" was not served: the router is mounted at "${at}" and serves "${at}${url}". ` +
        "Write app.use(router) without a path, or set the option path to what follows app.use's.",
    ]);
    expect(warn.mock.calls[0]?.[1]).toEqual({ code: 'EXPRESS_TOKEN_ROUTER_MOUNT' });
  });

  it('warns of a slash at the end of the request as well', async () => {
    await post(express().use('/oauth/token', createRouter()), '/oauth/token/');
    expect(warnings()).toHaveLength(1);
  });

  it('warns at the endpoint that is meant only', async () => {
    const app = express().use('/oauth/token', createRouter());
    const { status } = await post(app, '/oauth/token/oauth/token');
    expect(status).toBe(400);
    await post(app, '/oauth/token/else');
    expect(warnings()).toEqual([]);
  });

  it('tells the client nothing of it', async () => {
    const { text } = await post(express().use('/oauth/token', createRouter()), '/oauth/token');
    expect(text).not.toMatch(/mount|app\.use|router/);
  });
});

describe('A router that is mounted well', () => {
  it.each<[string, () => Express, string]>([
    ['at the root', () => express().use(createRouter()), '/oauth/token'],
    ['under a path', () => express().use('/t/one', createRouter()), '/t/one/oauth/token'],
    ['at its path, with the option path', () => express().use('/oauth/token', createRouter('/')), '/oauth/token'],
    ['as a handler of its route', () => express().post('/oauth/token', createRouter()), '/oauth/token'],
  ])('%s serves, and warns of nothing', async (_title, createApp, url) => {
    const app = createApp();
    const { status, body } = await post(app, url);
    expect([status, body.error]).toEqual([400, 'unsupported_grant_type']);
    await post(app, '/elsewhere');
    await post(app, `${url}/`);
    expect(warnings()).toEqual([]);
  });

  it('shows the parameters of the path to the adapters', async () => {
    const seen: object[] = [];
    const router = createSeeing((req) => seen.push({ ...req.params }));
    await request(express().use('/t/:tenant', router)).post('/t/acme/oauth/token').type('form').send(FORM);
    expect(seen).toEqual([{ tenant: 'acme' }]);
  });

  it('and has no app gives the adapters a request that knows its response, as Express does', async () => {
    const seen: boolean[] = [];
    let sent: ServerResponse | undefined;
    const router = createSeeing((req) => seen.push(req.res !== undefined && req.res === sent));
    const server = createServer((req, res) => {
      sent = res;
      router(req as Request, res as Response, () => res.end());
    });
    await request(server).post('/oauth/token').type('form').send(FORM);
    expect(seen).toEqual([true]);
  });
});
