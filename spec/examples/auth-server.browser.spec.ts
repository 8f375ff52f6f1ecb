import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { describeWith } from '../support/servers';
import { findBarriers, openChromium, openPage, overflowOf, photograph, photographPart, type Visit } from './chromium';
import { type Example, startExample } from './example';

jest.setTimeout(120_000);

const press = (page: Page, name: string | RegExp, within = 'body') =>
  page.locator(within).getByRole('button', { name, exact: true }).click();
const status = (page: Page) => page.locator('#account-status');
const says = (page: Page, text: string) => status(page).getByText(text).waitFor();
const isSignedOut = (page: Page) => page.getByText('You are signed out').waitFor();
const isSignedIn = (page: Page, name = 'Ada Marlow') => page.locator('#account').getByText(name).waitFor();

/** Every exchange that a part of the page shows: status and reason. */
const shown = (page: Page, part: string) =>
  page
    .locator(`${part} .exchange > .exchange-title`)
    .evaluateAll((titles) => titles.map((title) => title.textContent?.replace(/(GET|POST) /, ' $1 ').trim()));

/** Says yes to the page that asks for consent, where there is one. */
async function agree(page: Page, back: () => Promise<void>): Promise<void> {
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  await Promise.race([allow.waitFor().catch(() => undefined), back().catch(() => undefined)]);
  if (await allow.isVisible().catch(() => false)) await allow.click();
}

async function signIn(page: Page, user = /^A? ?Ada/): Promise<void> {
  await press(page, 'Sign in', '#account');
  await page.getByRole('button', { name: user }).click();
  await agree(page, () => isSignedIn(page));
  await isSignedIn(page);
}

describeWith('chromium', 'The page of examples/auth-server, in a browser,', () => {
  let example: Example;
  let browser: Browser;
  let visit: Visit;
  let page: Page;
  let url = '';

  beforeAll(async () => {
    example = await startExample('auth-server', {});
    url = `http://localhost:${example.port}/`;
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser.close();
    example.child.kill('SIGKILL');
  });

  beforeEach(async () => {
    visit = await openPage(browser);
    page = visit.page;
    await page.goto(url);
  });
  afterEach(async () => {
    await visit.close();
    expect(visit.errors).toEqual([]);
  });

  it('signs in by redirect, renews after a reload, refreshes, calls the API and signs out', async () => {
    await isSignedOut(page);
    await signIn(page);
    expect(page.url()).toBe(url);
    await page.reload();
    await isSignedIn(page);
    await press(page, 'Refresh', '#account');
    await says(page, 'Refreshed.');
    await press(page, 'Renew silently');
    await says(page, 'Renewed by a hidden frame.');
    await press(page, 'Call the API');
    await says(page, 'A note that only ada can read.');
    await photograph(page, 'signed-in');
    await press(page, 'Sign out');
    await isSignedOut(page);
    await page.reload();
    await isSignedOut(page);
    await page.getByText('Three demo users wait on the next page.').waitFor();
  });

  it('uses DPoP with a nonce: the log has the challenge, the tokens and the key', async () => {
    await signIn(page);
    const rows = page.locator('#log-list summary');
    const challenge = rows.filter({ hasText: 'dpop_nonce_missing' }).first();
    const redeemed = page.locator('#log-list li').filter({ hasText: 'code_redeemed' }).first();
    await challenge.waitFor();
    await redeemed.locator('summary').first().click();
    const keys = redeemed.locator('.jwt > summary mark');
    await keys.nth(1).waitFor();
    const [proof, accessToken] = await keys.allTextContents();
    expect([proof, accessToken]).toEqual([expect.stringMatching(/^[\w-]{43}$/), proof]);
    const request = await redeemed.locator('.side').first().textContent();
    expect(request).toMatch(/auth0-client: ey.*grant_type=authorization_code/i);
  });

  it('says that a password is wrong, and takes the right one after that', async () => {
    await press(page, 'Sign in', '#account');
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill('wrong');
    await press(page, 'Sign in');
    await page.getByRole('alert').getByText('do not match').waitFor();
    expect(await page.getByLabel('Password').evaluate((field) => field === document.activeElement)).toBe(true);
    await photograph(page, 'wrong-password');
    expect([await overflowOf(page, 390), await findBarriers(page)]).toEqual([0, []]);
    await page.getByLabel('Password').fill('tin-kettle');
    await page.keyboard.press('Enter');
    await agree(page, () => isSignedIn(page));
    await isSignedIn(page);
  });

  it('signs in in a pop-up, which closes by itself', async () => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, 'Use a pop-up')]);
    await popup.getByRole('button', { name: /Ada/ }).click();
    await agree(popup, () => popup.waitForEvent('close').then(() => undefined));
    await isSignedIn(page);
    if (!popup.isClosed()) await popup.waitForEvent('close');
  });

  it('tells what the user answered who said no', async () => {
    await press(page, 'Sign in', '#account');
    await page.getByRole('button', { name: /Ben/ }).click();
    await press(page, 'Do not allow');
    await says(page, 'The user said no');
    await isSignedOut(page);
  });

  it('walks through the exchange, from a window for the login to a refreshed token', async () => {
    await press(page, 'Make both');
    const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, 'Ask /authorize')]);
    await popup.getByRole('button', { name: /Ada/ }).click();
    await agree(popup, () => popup.waitForEvent('close').then(() => undefined));
    await press(page, 'POST /oauth/token');
    await press(page, 'GET /api/notes');
    await press(page, 'Refresh', '#steps');
    await page.locator('.step.done').nth(4).waitFor();
    expect(await shown(page, '#steps')).toEqual([
      '400 POST /oauth/tokendpop_nonce_missing',
      '200 POST /oauth/tokencode_redeemed',
      '200 GET /api/notes',
      '200 POST /oauth/tokenrefresh_token_redeemed',
    ]);
    const marks = await page.locator('#steps .step mark.key').allTextContents();
    expect(marks.length).toBeGreaterThanOrEqual(7);
    expect(new Set(marks).size).toBe(1);
    await page.locator('#account').getByText('You are signed out').waitFor();
    await page.locator('#account').getByText('The server knows you by now').waitFor();
    await page.locator('#steps summary').first().click();
    await photograph(page, 'steps');
    await photographPart(page, '#steps .exchange >> nth=1', 'exchange');
  });

  const good = '200 POST /oauth/tokencode_redeemed';
  it.each([
    ['Redeem again', [good, '400 POST /oauth/tokencode_replayed', '401 GET /api/notes']],
    ['Another verifier', ['400 POST /oauth/tokencode_verifier_mismatch', good]],
    ['Another redirect URI', ['400 POST /oauth/tokenredirect_uri_mismatch', good]],
    ['A bad proof', ['400 POST /oauth/tokendpop_signature_wrong', good]],
    ['A stale nonce', ['400 POST /oauth/tokendpop_nonce_stale', good]],
    [
      'A stolen refresh token',
      [
        good,
        '400 POST /oauth/tokenrefresh_token_reused',
        expect.stringMatching(/^400 POST \/oauth\/tokenrefresh_token_/),
      ],
    ],
    [
      'Stolen, but bound',
      [expect.stringMatching(/^400 POST .*dpop_key_mismatch/), '200 POST /oauth/tokenrefresh_token_redeemed'],
    ],
    ['20 at once', [good, '400 POST /oauth/tokencode_replayed_at_once']],
  ])('shows both sides of what goes wrong: %s', async (name, expected) => {
    await signIn(page);
    // The page by hand is a client of its own, so it asks the user once.
    page.on('popup', (popup) => agree(popup, () => popup.waitForEvent('close').then(() => undefined)));
    await press(page, new RegExp(`^${name}`), '#wrong');
    await page.locator('#scenario-result .finished, #scenario-result .alert').waitFor();
    expect(await page.locator('#scenario-result .alert').allTextContents()).toEqual([]);
    expect(await shown(page, '#scenario-result')).toEqual(expected);
    const outcomes = await page.locator('#scenario-result .outcome').allTextContents();
    expect(outcomes.length).toBe(expected.filter((each) => !String(each).includes('/api/')).length);
    if (name === '20 at once') {
      const cells = await page.locator('#scenario-result .cell').allTextContents();
      expect(cells.sort()).toEqual(['200', ...Array(19).fill('400')]);
      await photograph(page, 'at-once');
    }
    if (name === 'Redeem again') await photograph(page, 'redeem-again');
    expect(await overflowOf(page, 390)).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
  });

  it('opens a window where a button needs a login, says so meanwhile, and what became of it', async () => {
    const [closed] = await Promise.all([page.waitForEvent('popup'), press(page, /^A bad proof/, '#wrong')]);
    await page.getByText('If a window has opened, sign in there.').waitFor();
    await photograph(page, 'window-open');
    await closed.close();
    await page.locator('#scenario-result .alert').getByText('The window was closed.').waitFor();
    const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, /^A bad proof/, '#wrong')]);
    await popup.getByRole('button', { name: /Ada/ }).click();
    await agree(popup, () => popup.waitForEvent('close').then(() => undefined));
    await page.locator('#scenario-result .finished').waitFor();
    expect(await page.getByText('If a window has opened').count()).toBe(0);
  });

  it('marks the key that a code is asked for, and says what /authorize was asked', async () => {
    await signIn(page);
    await page.reload();
    await isSignedIn(page);
    const rows = page.locator('#log-list > li');
    await rows
      .filter({ hasText: /GET \/authorizeprompt=none/ })
      .first()
      .waitFor();
    const first = rows.filter({ hasText: 'GET /authorize' }).last();
    await first.locator('summary').first().click();
    expect(await first.locator('.line', { hasText: 'dpop_jkt=' }).locator('mark.key').textContent()).toMatch(
      /^[\w-]{43}$/,
    );
  });

  it('shows what it has to say on a page of its own, with a way back', async () => {
    for (const [path, name] of [
      ['authorize?client_id=unknown', 'This did not work'],
      ['oidc/logout', 'You are signed out'],
    ] as const) {
      await page.goto(url + path);
      await page.getByRole('heading', { name }).waitFor();
      expect(await page.title()).toBe(name);
      await photograph(page, path === 'oidc/logout' ? 'signed-out' : 'error');
      expect([await overflowOf(page, 390), await findBarriers(page)]).toEqual([0, []]);
      await page.getByRole('link', { name: 'Go to the start page' }).click();
      await isSignedOut(page);
    }
  });

  it('lets no page of another origin frame the login, nor the app', async () => {
    const query = new URLSearchParams({
      client_id: 'spa',
      redirect_uri: url,
      response_type: 'code',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    // On this machine too: from elsewhere Chromium asks nobody on it, whatever the policy is.
    const other = createServer((req, res) => {
      const path = new URLSearchParams(req.url?.slice(2)).get('path') ?? '';
      res.setHeader('content-type', 'text/html');
      res.end(`<link rel="icon" href="data:,"><iframe src="${url}${path.replaceAll('&', '&amp;')}"></iframe>`);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      for (const path of ['', `authorize?${query}`]) {
        await page.goto(`http://127.0.0.1:${port}/?${new URLSearchParams({ path })}`);
        const until = Date.now() + 20_000;
        while (visit.errors.length === 0 && Date.now() < until) await sleep(50);
        expect(visit.errors.splice(0)).toEqual([expect.stringContaining("frame-ancestors 'none'")]);
        expect(page.frames().map((frame) => frame.url())).not.toContain(url + path);
      }
    } finally {
      await page.goto('about:blank');
      other.close();
    }
  });

  it('brings the result of a button into view on a phone', async () => {
    await signIn(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('link', { name: 'Break it' }).click();
    expect(await page.getByRole('heading', { name: 'Break it' }).isVisible()).toBe(true);
    page.on('popup', (popup) => agree(popup, () => popup.waitForEvent('close').then(() => undefined)));
    await press(page, /^Another verifier/, '#wrong');
    await page.locator('#scenario-result .finished').waitFor();
    expect(
      await page.locator('#scenario-result h3').evaluate((title) => title.getBoundingClientRect().top),
    ).toBeLessThan(844);
  });

  it('can be used with the keyboard alone, and is without barriers on every page', async () => {
    await isSignedOut(page);
    expect(await page.getByText('Show older requests').isVisible()).toBe(false);
    await photograph(page, 'start');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the demo');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await photograph(page, 'login');
    expect([await overflowOf(page, 390), await findBarriers(page)]).toEqual([0, []]);
    await page.getByLabel('Name').focus();
    await page.keyboard.type('cleo');
    await page.keyboard.press('Tab');
    await page.keyboard.type('green-harbour');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Our terms have changed' }).waitFor();
    await photograph(page, 'terms');
    expect([await overflowOf(page, 390), await findBarriers(page)]).toEqual([0, []]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow Notes?' }).waitFor();
    await photograph(page, 'consent');
    expect([await overflowOf(page, 390), await findBarriers(page)]).toEqual([0, []]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await isSignedIn(page, 'Cleo Brandt');
  });
});
