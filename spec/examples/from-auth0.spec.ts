import type { Browser } from 'playwright-core';
import { describeWith } from '../support/servers';
import { openChromium, openPage } from './chromium';
import { type Example, startExample } from './example';
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

  it('sends nobody to an address that is not registered at logout', async () => {
    const leave = (returnTo: string) =>
      fetch(`${origin}/v2/logout?${new URLSearchParams({ client_id: 'spa', returnTo })}`, { redirect: 'manual' });
    expect([(await leave(`${origin}/`)).status, (await leave('https://evil.example/')).status]).toEqual([303, 400]);
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
