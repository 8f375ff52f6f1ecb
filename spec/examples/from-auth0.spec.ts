import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import type { Browser } from 'playwright-core';
import { createPkcePair } from '../../lib/testing';
import { describeWith } from '../support/servers';
import { openChromium, openPage } from './chromium';
import { type Example, fetchAlone, startExample } from './example';
import { expectSamples } from './samples';

jest.setTimeout(90_000);

let example: Example;
let origin = '';

beforeAll(async () => {
  example = await startExample('from-auth0', {});
  origin = `http://localhost:${example.port}`;
});
afterAll(() => example.child.kill('SIGKILL'));

/** A request as the SDKs of Auth0 send it: JSON, from a page. */
const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json', 'auth0-client': 'e30=', origin };
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return {
    status: answer.status,
    text: await answer.text(),
    allowed: answer.headers.get('access-control-allow-origin'),
  };
};

const API = 'https://api.example.com';

/** What the app of a customer gets, for the scope it asks for. */
async function logIn(scope: string, change: Record<string, string> = {}) {
  const { codeVerifier, codeChallenge } = createPkcePair();
  const query = new URLSearchParams({
    client_id: 'spa',
    response_type: 'code',
    redirect_uri: origin,
    audience: API,
    scope,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...change,
  });
  const { headers } = await fetchAlone(`${origin}/authorize?${query}`, { redirect: 'manual' });
  const code = new URL(String(headers.get('location'))).searchParams.get('code');
  const form = {
    grant_type: 'authorization_code',
    client_id: 'spa',
    code_verifier: codeVerifier,
    redirect_uri: origin,
  };
  const { status, text } = await post('/oauth/token', { ...form, code });
  return { status, ...JSON.parse(text) };
}

describe('examples/from-auth0', () => {
  it('answers as Auth0: 403 for invalid_grant, an issuer with a slash, an empty 200 for a revocation', async () => {
    const code = { grant_type: 'authorization_code', client_id: 'spa', code: 'a', code_verifier: 'x'.repeat(43) };
    const { status, text, allowed } = await post('/oauth/token', {
      ...code,
      redirect_uri: `${origin}/`,
      max_age: 3600,
    });
    expect([status, JSON.parse(text).error, allowed]).toEqual([403, 'invalid_grant', origin]);
    const revoked = await post('/oauth/revoke', { client_id: 'spa', token: 'a', token_type_hint: 'refresh_token' });
    expect(revoked).toEqual({ status: 200, text: '', allowed: origin });
    const metadata = await (await fetch(`${origin}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      issuer: `${origin}/`,
      token_endpoint: `${origin}/oauth/token`,
      revocation_endpoint: `${origin}/oauth/revoke`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });

  it.each([
    ['', 'openid read:notes'],
    ['that the API does not have', 'openid read:notes read:other'],
  ])('issues tokens for a scope %s', async (_title, scope) => {
    expect(await logIn(scope)).toMatchObject({ status: 200, scope: 'openid read:notes' });
  });

  it.each([
    ['no API is named', { audience: '' }],
    ['it is named by resource', { audience: '', resource: API }],
  ])('grants the scopes of the API if %s', async (_title, change) => {
    expect(await logIn('openid read:notes', change)).toMatchObject({ status: 200, scope: 'openid read:notes' });
  });

  it('sends nobody to an address that is not registered at logout, and to the first one if none is named', async () => {
    const leave = async (query: Record<string, string>) => {
      const answer = await fetch(`${origin}/v2/logout?${new URLSearchParams(query)}`, { redirect: 'manual' });
      return [answer.status, answer.headers.get('location')];
    };
    const client_id = 'spa';
    expect(await leave({ client_id, returnTo: origin })).toEqual([303, origin]);
    expect(await leave({ client_id })).toEqual([303, origin]);
    expect(await leave({ client_id, returnTo: 'https://evil.example/' })).toEqual([400, null]);
    expect(await leave({ client_id: 'unknown', returnTo: origin })).toEqual([400, null]);
    expect(await leave({ returnTo: origin })).toEqual([400, null]);
  });
});

describe('express-oauth2-jwt-bearer, unmodified, at an API of examples/from-auth0', () => {
  let api: Server;
  beforeAll(() => {
    const app = express();
    app.use(auth({ issuerBaseURL: origin, audience: API, strict: true }));
    app.get('/notes', requiredScopes('read:notes'), (req, res) => void res.json(req.auth?.payload));
    api = app.listen(0, '127.0.0.1');
  });
  afterAll(() => api.close());

  it.each([
    ['takes a token with the scope', 'openid read:notes', 200],
    ['refuses one without it', 'openid', 403],
  ])('%s', async (_title, scope, status) => {
    const { access_token } = await logIn(scope);
    const { port } = api.address() as AddressInfo;
    const headers = { authorization: `Bearer ${access_token}` };
    const answer = await fetchAlone(`http://127.0.0.1:${port}/notes`, { headers });
    expect(answer.status).toBe(status);
    if (status === 200)
      expect(await answer.json()).toMatchObject({ iss: `${origin}/`, sub: 'auth0|1', client_id: 'spa' });
  });

  it('refuses an ID token', async () => {
    const { id_token } = await logIn('openid read:notes');
    const { port } = api.address() as AddressInfo;
    const headers = { authorization: `Bearer ${id_token}` };
    expect((await fetchAlone(`http://127.0.0.1:${port}/notes`, { headers })).status).toBe(401);
  });
});

describeWith('chromium', 'auth0-spa-js, unmodified, at examples/from-auth0', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('logs in with a custom claim, refreshes, revokes, is refused as by Auth0, and logs out', async () => {
    const { page, close } = await openPage(browser);
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const says = (text: string | RegExp) => page.locator('#status').getByText(text).waitFor();
    await page.goto(`${origin}/`);
    await says('Logged out');
    await press('Log in');
    await says('Ann, free');
    await press('Refresh');
    await says('Refreshed: true');
    const tokenOf = (url: string, body: string | null) =>
      url.endsWith('/oauth/revoke') ? new URLSearchParams(String(body)).get('token') : null;
    const revoking = page.waitForResponse((answer) => answer.url().endsWith('/oauth/revoke'));
    await press('Revoke the refresh token');
    await says('Revoked');
    const revocation = await revoking;
    const token = tokenOf(revocation.url(), revocation.request().postData());
    const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: token };
    const { status, text } = await post('/oauth/token', form);
    expect([typeof token, status, JSON.parse(text).error]).toEqual(['string', 403, 'invalid_grant']);
    await press('Log out');
    await says('Logged out');
    await close();
  });
});

it('docs/guides/from-auth0.md has code of the example as it is', () => expectSamples('from-auth0'));
