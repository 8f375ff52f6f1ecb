import express, { type Request } from 'express';
import request from 'supertest';
import { createTokenRouter, type ExtensionExchange } from '../lib';
import { createEndpoint, goodForm } from './support/endpoint';
import { createRefreshEndpoint, refreshForm } from './support/refresh';

const TOKENS = { access_token: 'an access token', expires_in: 60 };

/** What each adapter saw of the path. */
function createSeeing() {
  const seen: [string, unknown][] = [];
  const note = (name: string, req: Request) => void seen.push([name, { ...req.params }]);
  return { seen, note, of: (name: string) => seen.filter(([each]) => each === name).map(([, params]) => params) };
}

const post = (app: express.Express, path: string, form: object) => request(app).post(path).type('form').send(form);

describe('A router under a path with parameters', () => {
  it.each<[string, string, string, Record<string, string>]>([
    ['one', '/t/:tenant', '/t/acme/oauth/token', { tenant: 'acme' }],
    ['one that is encoded', '/t/:tenant', '/t/a%20b%2Fc/oauth/token', { tenant: 'a b/c' }],
    ['one named as a member of every object', '/t/:constructor', '/t/acme/oauth/token', { constructor: 'acme' }],
    ['two', '/:region/t/:tenant', '/eu/t/acme/oauth/token', { region: 'eu', tenant: 'acme' }],
  ])('shows them to the adapters of every grant: %s', async (_what, path, url, params) => {
    const { seen, note, of } = createSeeing();
    const { code } = createEndpoint();
    const { live } = createRefreshEndpoint();
    const issueTokens = (_exchange: unknown, req: Request) => {
      note('issueTokens', req);
      return TOKENS;
    };
    const router = createTokenRouter({
      findCode: (_code: string, req) => {
        note('findCode', req);
        return code;
      },
      consumeCode: (_code, req) => {
        note('consumeCode', req);
        return true;
      },
      issueTokens: Object.assign(issueTokens, { check: (_exchange: unknown, req: Request) => note('check', req) }),
      refresh: {
        findRefreshToken: (_token: string, req) => {
          note('findRefreshToken', req);
          return live;
        },
        consumeRefreshToken: (_token, req) => {
          note('consumeRefreshToken', req);
          return true;
        },
      },
      grants: {
        'urn:x': {
          allowPublic: true,
          issueTokens: issueTokens as (exchange: ExtensionExchange, req: Request) => typeof TOKENS,
        },
      },
      authenticateClient: ({ clientId = '' }, req) => {
        note('authenticateClient', req);
        return { clientId, grantTypes: ['authorization_code', 'refresh_token', 'urn:x'] };
      },
      tokenEndpoint: (req) => {
        note('tokenEndpoint', req);
        return 'https://auth.example/oauth/token';
      },
      verifyDpop: (_proof, req) => {
        note('verifyDpop', req);
        return { jkt: 'a key' };
      },
      allowedOrigins: (_origin, req) => {
        note('allowedOrigins', req);
        return true;
      },
      rateLimit: {
        keyGenerator: (req) => {
          note('keyGenerator', req);
          return 'a key';
        },
      },
      onOutcome: (_outcome, req) => note('onOutcome', req),
    });
    const app = express().use(path, router);
    for (const form of [goodForm(), refreshForm(), { grant_type: 'urn:x', client_id: 'spa' }]) {
      const answer = await post(app, url, form).set({ DPoP: 'a.proof.here', Origin: 'https://app.example' });
      expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    }
    expect(new Set(seen.map(([name]) => name)).size).toBe(12);
    for (const [, each] of seen) expect(each).toEqual(params);
    expect(of('issueTokens')).toHaveLength(3);
  });

  it('serves no other path, and keeps tenants apart by what the host does with them', async () => {
    const { code } = createEndpoint();
    const codes = new Map([['acme', code]]);
    const router = createTokenRouter({
      findCode: (_code: string, req) => codes.get(String(req.params.tenant)) ?? null,
      consumeCode: (_code, req) => codes.delete(String(req.params.tenant)),
      issueTokens: () => TOKENS,
    });
    const app = express().use('/t/:tenant', router);
    expect((await post(app, '/oauth/token', goodForm())).status).toBe(404);
    expect((await post(app, '/t/other/oauth/token', goodForm())).body.error).toBe('invalid_grant');
    expect((await post(app, '/t/acme/oauth/token', goodForm())).status).toBe(200);
  });

  it('shares its limit among the tenants, as one router does', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
    const app = express().use('/t/:tenant', endpoint.router);
    expect((await post(app, '/t/a/oauth/token', { ...goodForm(), code: 'x' })).status).toBe(400);
    expect((await post(app, '/t/b/oauth/token', goodForm())).status).toBe(429);
  });
});
