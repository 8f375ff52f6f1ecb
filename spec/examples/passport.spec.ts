import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPkcePair } from '../../lib/testing';
import { type Example, fetchAlone as fetch, startExample } from './example';

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
const source = read('examples/passport/server.js');

describe('examples/passport', () => {
  let example: Example;
  let origin = '';

  beforeAll(async () => {
    example = await startExample('passport', {});
    origin = `http://localhost:${example.port}`;
  }, 120_000);
  afterAll(() => example.child.kill('SIGKILL'));

  /** A browser: it keeps its cookie, and follows no redirect by itself. */
  const openBrowser = () => {
    let cookie = '';
    const go = async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${origin}${path}`, {
        redirect: 'manual',
        headers: cookie === '' ? headers : { ...headers, cookie },
        ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      });
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return {
        status: answer.status,
        text: await answer.text(),
        location: answer.headers.get('location') ?? '',
        cookie,
        headers: answer.headers,
      };
    };
    return {
      go,
      signIn: (password = 'secret', headers = {}) => go('/login', { username: 'ann', password }, headers),
    };
  };

  const { codeVerifier, codeChallenge } = createPkcePair();
  const authorizePath = (change: Record<string, string> = {}) =>
    `/authorize?${new URLSearchParams({
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      response_type: 'code',
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
      scope: 'openid read:demo unknown',
      state: 'a state & more',
      nonce: 'a nonce',
      ...change,
    })}`;
  const parametersOf = (location: string) => Object.fromEntries(new URL(location).searchParams);
  const claimsOf = (jwt: unknown) => JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString());
  const redeem = async (code: string | undefined) => {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      code_verifier: codeVerifier,
      code: String(code),
    });
    const answer = await fetch(`${origin}/oauth/token`, { method: 'POST', body });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('signs a user in by a form, and the code that it brings is redeemed once', async () => {
    const { go, signIn } = openBrowser();
    const first = await go(authorizePath());
    expect([first.status, first.location]).toEqual([303, '/login']);
    expect((await go('/login')).text).toContain('<form method="post">');
    const last = await signIn();
    expect([last.status, last.headers.get('cache-control')]).toEqual([303, 'no-store']);
    expect(last.location.startsWith(`${origin}/callback?code=`)).toBe(true);
    const { code, ...rest } = parametersOf(last.location);
    expect(rest).toEqual({ state: 'a state & more', iss: origin });

    const { status, body } = await redeem(code);
    expect([status, body.scope ?? 'openid read:demo']).toEqual([200, 'openid read:demo']);
    expect(claimsOf(body.id_token)).toMatchObject({ sub: 'ann', aud: 'demo', nonce: 'a nonce', iss: origin });
    expect(Math.abs(claimsOf(body.id_token).auth_time - Date.now() / 1000)).toBeLessThan(30);
    expect(claimsOf(body.access_token)).toMatchObject({ sub: 'ann', aud: `${origin}/api`, scope: 'openid read:demo' });
    expect((await redeem(code)).body.error).toBe('invalid_grant');
  });

  it('gives a session that has signed in a new id', async () => {
    const { go, signIn } = openBrowser();
    const { cookie } = await go(authorizePath());
    expect(cookie).toMatch(/^connect\.sid=/);
    expect((await signIn()).cookie).not.toBe(cookie);
  });

  it('shows the form again for a wrong password, and then goes on with the same request', async () => {
    const { go, signIn } = openBrowser();
    await go(authorizePath());
    const wrong = await signIn('wrong');
    expect([wrong.status, wrong.location]).toEqual([302, '/login']);
    expect(parametersOf((await signIn()).location)).toMatchObject({
      code: expect.any(String),
      state: 'a state & more',
    });
  });

  it('answers silently: login_required at first, and a code while the session lasts', async () => {
    const { go, signIn } = openBrowser();
    const silent = authorizePath({ prompt: 'none' });
    expect(parametersOf((await go(silent)).location)).toEqual({
      error: 'login_required',
      error_description: 'The user must sign in',
      state: 'a state & more',
      iss: origin,
    });
    await go(authorizePath());
    await signIn();
    expect((await redeem(parametersOf((await go(silent)).location).code)).status).toBe(200);
  });

  it('asks for the password again where prompt=login or max_age wants it, once', async () => {
    const { go, signIn } = openBrowser();
    await go(authorizePath());
    await signIn();
    // A login of the last second counts as one of now.
    await sleep(1500);
    for (const change of [{ prompt: 'login' }, { max_age: '0' }]) {
      expect((await go(authorizePath(change))).location).toBe('/login');
    }
    expect(parametersOf((await go(authorizePath({ prompt: 'none', max_age: '0' }))).location).error).toBe(
      'login_required',
    );
    expect(parametersOf((await signIn()).location).code).toEqual(expect.any(String));
  });

  it('takes no password from a form of another site, which brings no cookie', async () => {
    const { status, text, cookie } = await openBrowser().signIn();
    expect([status, text, cookie]).toEqual([400, 'Begin at the app again', '']);
  });

  it.each([
    ['a neighbour', 'http://localhost:1', 400],
    ['a page that hides its origin', 'null', 400],
    ['its own page', 'own', 303],
  ])('checks the origin of a form that sends the cookie: %s', async (_title, from, expected) => {
    const { go, signIn } = openBrowser();
    await go(authorizePath());
    const { status } = await signIn('secret', { origin: from === 'own' ? origin : from });
    const { location } = await go(authorizePath({ prompt: 'none' }));
    const { error } = parametersOf(location);
    expect([status, error]).toEqual([expected, expected === 303 ? undefined : 'login_required']);
  });

  it('lets no other page frame the login', async () => {
    const { headers } = await openBrowser().go('/login');
    expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
  });

  it('counts wrong passwords of whoever is signed in already, and forms without a request of nobody', async () => {
    const guessed = await startExample('passport', {});
    const shared = origin;
    origin = `http://localhost:${guessed.port}`;
    try {
      const { go, signIn } = openBrowser();
      for (let count = 0; count < 12; count += 1) expect((await openBrowser().signIn()).status).toBe(400);
      await go(authorizePath());
      expect((await signIn()).status).toBe(303);
      await sleep(1500);
      await go(authorizePath({ prompt: 'login' }));
      const statuses: number[] = [];
      for (let count = 0; count < 11; count += 1) statuses.push((await signIn(`guess ${count}`)).status);
      expect(statuses).toEqual([...Array(10).fill(302), 429]);
      expect((await signIn()).status).toBe(429);
    } finally {
      origin = shared;
      guessed.child.kill('SIGKILL');
    }
  }, 120_000);

  it.each([
    ['an unknown client', { client_id: 'unknown' }, 'The client is unknown'],
    ['a foreign URL', { redirect_uri: 'https://evil.example/' }, 'The redirect_uri is not registered for this client'],
    ['markup', { client_id: '<script>alert(1)</script>' }, 'The client is unknown'],
  ])('shows a page for %s, and redirects nowhere', async (_title, change, expected) => {
    const { status, text, location, headers } = await openBrowser().go(authorizePath(change));
    expect([status, text, location]).toEqual([400, expected, '']);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('sends what else is wrong to the callback URL', async () => {
    const { location } = await openBrowser().go(authorizePath({ code_challenge_method: 'plain' }));
    expect(parametersOf(location)).toMatchObject({ error: 'invalid_request', state: 'a state & more', iss: origin });
  });

  it('has less than 100 lines', () => {
    expect(source.trimEnd().split('\n').length).toBeLessThan(100);
  });
});

describe('docs/guides/authorize.md', () => {
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  const blocks = [...read('docs/guides/authorize.md').matchAll(/^```js[^\n]*\n(.*?)^```$/gms)].map(([, text]) =>
    String(text),
  );

  it('has code of examples/passport as it is, and no other', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    // `// …` stands for lines that are left out.
    const parts = blocks.flatMap((block) => block.split(/^\s*\/\/ …$/m)).map(flat);
    for (const part of parts) expect(flat(source)).toContain(part);
  });
});
