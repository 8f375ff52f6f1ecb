import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from 'jsonwebtoken';
import { createDpopProver, createPkcePair, type ProofClaims } from '../../lib/testing';
import { describeWith, startPostgres, startRedis } from '../support/servers';
import { type Example, fetchAlone as fetch, startExample } from './example';
import { createVisitor, interactionOf, PASSWORDS, signInAndAgree, type Visit, type Visitor } from './visitor';

// Each server is a process of its own, and the machine may be busy.
jest.setTimeout(180_000);

let example: Example;
let origin = '';
const { codeVerifier, codeChallenge } = createPkcePair();

const start = async (env: NodeJS.ProcessEnv = {}) => {
  example = await startExample('auth-server', env);
  origin = `http://localhost:${example.port}`;
};
const stop = () => {
  example.child.kill('SIGKILL');
  return example.ended;
};

const authorizeUrl = (more: Record<string, string | undefined> = {}) => {
  const parameters = {
    client_id: 'spa',
    redirect_uri: `${origin}/`,
    response_type: 'code',
    scope: 'openid profile email read:notes',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    state: 'a state',
    nonce: 'a nonce',
    ...more,
  };
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/authorize?${new URLSearchParams(given)}`;
};
const offline = { scope: 'openid profile offline_access read:notes' };
const newVisitor = () => createVisitor(origin);
const answerOf = ({ location }: { location: string }) => Object.fromEntries(new URL(location).searchParams);

type Tokens = Partial<Record<'access_token' | 'refresh_token' | 'id_token', string>>;

/** A visitor who has signed in, and the tokens of a login. */
async function signedIn(more: Record<string, string> = {}): Promise<{ visitor: Visitor } & Tokens> {
  const visitor = newVisitor();
  const { code = '' } = answerOf(await signInAndAgree(visitor, authorizeUrl(more)));
  return { visitor, ...(await redeem(code)) };
}

async function token(form: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ client_id: 'spa', ...form });
  const answer = await fetch(`${origin}/oauth/token`, { method: 'POST', headers, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string>, headers: answer.headers };
}

const codeForm = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  code_verifier: codeVerifier,
  redirect_uri: `${origin}/`,
});
const redeem = async (code: string): Promise<Tokens> => (await token(codeForm(code))).body;
const refresh = (refresh_token = '') => token({ grant_type: 'refresh_token', refresh_token });

const userinfo = async (headers: Record<string, string>) => {
  const answer = await fetch(`${origin}/userinfo`, { headers });
  return {
    status: answer.status,
    body: await answer.json(),
    challenge: answer.headers.get('www-authenticate') ?? '',
  };
};

const HOSTILE = '"><script>alert(1)</script>\'&{{7*7}}';

describe('examples/auth-server', () => {
  beforeAll(() => start());
  afterAll(stop);

  describe('the login', () => {
    it('shows a page, and sends a code with state and iss after the password', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl());
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('<h1>Sign in</h1>')]);
      const answer = await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      expect([answer.status, answerOf(answer)]).toEqual([
        303,
        { code: expect.stringMatching(/^[\w-]{43}$/), state: 'a state', iss: `${origin}/` },
      ]);
    });

    it('shows the page again after a wrong password, and signs nobody in', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl());
      const again = await visitor.submit(page, { username: 'ada', password: 'wrong' });
      expect([again.status, again.text]).toEqual([401, expect.stringContaining('do not match')]);
      const silent = await visitor.go(authorizeUrl({ prompt: 'none' }));
      expect(answerOf(silent)).toMatchObject({ error: 'login_required' });
    });

    it('keeps the session in a cookie that scripts and other sites cannot use', async () => {
      const { headers } = await newVisitor().go(authorizeUrl());
      expect(headers.get('set-cookie')).toMatch(/^auth\.sid=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    });

    it('gives whoever signs in a new session id: one that was planted before is worth nothing', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl());
      const planted = visitor.cookies.get('auth.sid') ?? '';
      await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      expect(visitor.cookies.get('auth.sid')).not.toBe(planted);
      const attacker = newVisitor();
      attacker.cookies.set('auth.sid', planted);
      const silent = await attacker.go(authorizeUrl({ prompt: 'none' }));
      expect(answerOf(silent)).toMatchObject({ error: 'login_required' });
    });

    it.each(['/login', '/consent'])(
      'refuses a form for %s with the hidden name of another browser (CSRF)',
      async (path) => {
        const [victim, attacker] = [newVisitor(), newVisitor()];
        await victim.go(authorizeUrl());
        const page = await attacker.go(authorizeUrl());
        const form = { interaction: interactionOf(page), username: 'ada', password: PASSWORDS.ada, answer: 'yes' };
        expect(await victim.go(path, form)).toMatchObject({ status: 400, location: '' });
      },
    );

    it('serves each form once', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl());
      await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      const again = await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      expect([again.status, again.location]).toEqual([400, '']);
    });

    it('keeps two tabs apart', async () => {
      const visitor = newVisitor();
      const first = await visitor.go(authorizeUrl({ state: 'first' }));
      const second = await visitor.go(authorizeUrl({ state: 'second' }));
      const form = { username: 'ada', password: PASSWORDS.ada };
      expect(answerOf(await visitor.submit(second, form))).toMatchObject({ state: 'second' });
      expect(answerOf(await visitor.submit(first, form))).toMatchObject({ state: 'first' });
    });

    it('asks again for prompt=login, once', async () => {
      const { visitor } = await signedIn();
      await sleep(1100); // A login less than a second ago would do.
      const page = await visitor.go(authorizeUrl({ prompt: 'login' }));
      expect(page.text).toContain('action="/login"');
      const answer = await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      expect(answerOf(answer)).toMatchObject({ state: 'a state', code: expect.any(String) });
    });
  });

  describe('consent', () => {
    it('is asked for offline access once for a user and a client', async () => {
      const visitor = newVisitor();
      const login = await visitor.go(authorizeUrl({ ...offline, client_id: 'by-hand' }));
      const page = await visitor.submit(login, { username: 'ben', password: PASSWORDS.ben });
      expect(page.text).toContain('Allow Notes, by hand?');
      const no = await visitor.submit(page, { answer: 'no' }, '/consent');
      expect(answerOf(no)).toMatchObject({ error: 'access_denied', state: 'a state' });
      const asked = await visitor.go(authorizeUrl({ ...offline, client_id: 'by-hand' }));
      const yes = await visitor.submit(asked, { answer: 'yes' }, '/consent');
      expect(answerOf(yes)).toMatchObject({ code: expect.any(String) });
      const silent = await visitor.go(authorizeUrl({ ...offline, client_id: 'by-hand', prompt: 'none' }));
      expect(answerOf(silent)).toMatchObject({ code: expect.any(String) });
    });

    it('is asked for again when the client wants one scope more, and the page shows all of them', async () => {
      const visitor = newVisitor();
      const native = { client_id: 'native', redirect_uri: 'http://localhost/callback' };
      const few = await signInAndAgree(visitor, authorizeUrl({ ...native, scope: 'openid offline_access' }), 'ben');
      expect(answerOf(few)).toMatchObject({ code: expect.any(String) });
      const less = await visitor.go(authorizeUrl({ ...native, scope: 'offline_access', prompt: 'none' }));
      expect(answerOf(less)).toMatchObject({ code: expect.any(String) });
      const more = { ...native, scope: 'openid offline_access read:notes' };
      const silent = await visitor.go(authorizeUrl({ ...more, prompt: 'none' }));
      expect(answerOf(silent)).toMatchObject({ error: 'consent_required' });
      const page = await visitor.go(authorizeUrl(more));
      expect(page.text.match(/(?<=<code>)[^<]+/g)).toEqual(['openid', 'offline_access', 'read:notes']);
      await visitor.submit(page, { answer: 'yes' }, '/consent');
      const now = await visitor.go(authorizeUrl({ ...more, prompt: 'none' }));
      expect(answerOf(now)).toMatchObject({ code: expect.any(String) });
    });

    it('is asked for whenever the client says prompt=consent', async () => {
      const { visitor } = await signedIn();
      const page = await visitor.go(authorizeUrl({ prompt: 'consent' }));
      expect(page.text).toContain('Allow Notes?');
      const yes = await visitor.submit(page, { answer: 'yes' }, '/consent');
      expect(answerOf(yes)).toMatchObject({ code: expect.any(String) });
    });
  });

  describe('prompt=none', () => {
    it('is answered with consent_required and interaction_required, never with a page', async () => {
      const visitor = newVisitor();
      const login = await visitor.go(authorizeUrl());
      const terms = await visitor.submit(login, { username: 'cleo', password: PASSWORDS.cleo });
      expect(terms.text).toContain('Our terms have changed');
      const silent = await visitor.go(authorizeUrl({ prompt: 'none' }));
      expect(answerOf(silent)).toMatchObject({ error: 'interaction_required', state: 'a state' });
      await visitor.submit(terms, { answer: 'yes' }, '/consent');
      const consent = await visitor.go(authorizeUrl({ ...offline, prompt: 'none' }));
      expect(answerOf(consent)).toMatchObject({ error: 'consent_required' });
      const code = await visitor.go(authorizeUrl({ prompt: 'none' }));
      expect(answerOf(code)).toMatchObject({ code: expect.any(String) });
    });

    it('is answered by web_message in a page that only the origin of the client can frame', async () => {
      const page = await newVisitor().go(authorizeUrl({ prompt: 'none', response_mode: 'web_message' }));
      expect(page.text).toContain('login_required');
      expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${origin}`);
    });

    it('is never answered by web_message to an origin that is not registered for it', async () => {
      const answer = await newVisitor().go(
        authorizeUrl({
          client_id: 'native',
          redirect_uri: 'http://127.0.0.1:9/callback',
          prompt: 'none',
          response_mode: 'web_message',
        }),
      );
      expect(answerOf(answer)).toMatchObject({ error: 'invalid_request' });
    });
  });

  describe('a bad request', () => {
    it.each([
      ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
      ['no response_type', { response_type: undefined }, 'invalid_request'],
      ['no code_challenge', { code_challenge: undefined }, 'invalid_request'],
      ['code_challenge_method=plain', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['a code_challenge that is too short', { code_challenge: 'short' }, 'invalid_request'],
      ['prompt=none login', { prompt: 'none login' }, 'invalid_request'],
      ['an unknown response_mode', { response_mode: 'fragment' }, 'invalid_request'],
      ['max_age=-1', { max_age: '-1' }, 'invalid_request'],
      ['an unknown audience', { audience: 'https://other.example/' }, 'invalid_target'],
      ['a request object', { request: 'eyJ.eyJ.x' }, 'request_not_supported'],
    ])('goes back to the app with its state, and shows no page: %s', async (_name, more, error) => {
      const answer = await newVisitor().go(authorizeUrl(more));
      expect([answer.status, answerOf(answer)]).toEqual([
        303,
        { error, error_description: expect.any(String), state: 'a state', iss: `${origin}/` },
      ]);
    });

    it.each([
      ['no client_id', { client_id: undefined }, ''],
      ['two client_ids', {}, '&client_id=spa'],
      ['no redirect_uri', { redirect_uri: undefined }, ''],
      ['two redirect_uris', {}, '&redirect_uri=https%3A%2F%2Fevil.example%2F'],
      ['a redirect_uri with a path of its own', { redirect_uri: 'http://localhost/callback' }, ''],
      ['a script as redirect_uri', { redirect_uri: 'javascript:alert(1)' }, ''],
      ['a redirect_uri with a user in it', { redirect_uri: 'http://localhost@evil.example/' }, ''],
    ])('is a page, and goes nowhere: %s', async (_name, more, rest) => {
      const page = await newVisitor().go(authorizeUrl(more) + rest);
      expect([page.status, page.location, page.text]).toEqual([400, '', expect.stringContaining('This did not work')]);
      expect(page.text).not.toMatch(/evil\.example|alert/);
    });

    it('cannot put a header into the redirect: state with a line break', async () => {
      const answer = await newVisitor().go(authorizeUrl({ state: 'a\r\nSet-Cookie: a=b', prompt: 'none' }));
      expect(answer.headers.get('set-cookie') ?? '').not.toContain('a=b');
      expect(answerOf(answer)).toEqual({
        error: 'invalid_request',
        error_description: expect.any(String),
        iss: `${origin}/`,
      });
    });
  });

  describe('hostile input', () => {
    it.each([
      ['client_id', { client_id: HOSTILE }],
      ['redirect_uri', { redirect_uri: `https://evil.example/${HOSTILE}` }],
      ['redirect_uri that only begins like ours', { redirect_uri: 'http://localhost.evil.example/' }],
    ])('is shown as a page without it: %s', async (_name, more) => {
      const page = await newVisitor().go(authorizeUrl(more));
      expect([page.status >= 400, page.location]).toEqual([true, '']);
      expect(page.text).not.toContain('alert(1)');
      expect(page.text).not.toContain('evil.example');
    });

    it('is escaped in the login page: login_hint', async () => {
      const page = await newVisitor().go(authorizeUrl({ login_hint: HOSTILE }));
      expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;{{7*7}}"');
      expect(page.text).not.toContain('<script');
    });

    it('is escaped in the login page: a name that was typed', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl());
      const again = await visitor.submit(page, { username: HOSTILE, password: 'x' });
      expect(again.text).toContain('&lt;script&gt;');
      expect(again.text).not.toContain('<script');
    });

    it('is escaped in the answer by form_post: state', async () => {
      const visitor = newVisitor();
      const page = await visitor.go(authorizeUrl({ state: HOSTILE, prompt: 'none', response_mode: 'form_post' }));
      expect(page.text).not.toContain('<script>alert');
    });

    it('comes back as it was by a redirect: state', async () => {
      const answer = await newVisitor().go(authorizeUrl({ state: HOSTILE, prompt: 'none' }));
      expect(answerOf(answer)).toMatchObject({ error: 'login_required', state: HOSTILE });
    });

    it('ends no script in the answer by web_message: state', async () => {
      const state = `</script>${HOSTILE}<!--`;
      const page = await newVisitor().go(authorizeUrl({ state, prompt: 'none', response_mode: 'web_message' }));
      expect(page.text.match(/<script/g)).toHaveLength(1);
      expect(page.text.match(/<\/script/g)).toHaveLength(1);
      expect(page.text).not.toContain('<!--');
    });

    it.each(['/login', '/consent', '/oidc/logout'])('is refused with a page, not with a stack: %s', async (path) => {
      const answer = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `interaction[]=1&interaction[toString]=2&username=${'x'.repeat(20_000)}`,
      });
      const text = await answer.text();
      expect([400, 413]).toContain(answer.status);
      expect(text).not.toContain('node_modules');
    });

    it('meets no page that runs a script of its own, and none in a foreign frame', async () => {
      const visitor = newVisitor();
      const login = await visitor.go(authorizeUrl({ prompt: 'consent' }));
      const consent = await visitor.submit(login, { username: 'ada', password: PASSWORDS.ada });
      const pages = {
        login,
        consent,
        signOut: await visitor.go('/oidc/logout'),
        tooOld: await visitor.go('/consent', { interaction: 'x' }),
        app: await newVisitor().go('/'),
        nothing: await newVisitor().go('/nothing'),
        unknownClient: await newVisitor().go(authorizeUrl({ client_id: 'x' })),
        formPost: await newVisitor().go(authorizeUrl({ prompt: 'none', response_mode: 'form_post' })),
      };
      for (const [name, { headers }] of Object.entries(pages)) {
        const policy = headers.get('content-security-policy') ?? '';
        expect([name, policy]).toEqual([name, expect.stringMatching(/^default-src 'none';/)]);
        expect([name, policy]).toEqual([name, expect.stringContaining("frame-ancestors 'none'")]);
        expect([name, policy]).toEqual([name, expect.not.stringContaining('unsafe')]);
      }
    });

    it('is not served under another name (DNS rebinding)', async () => {
      const status = await new Promise((resolve) => {
        const headers = { host: `evil.example:${example.port}` };
        request({ port: example.port, host: '127.0.0.1', path: '/demo/events', headers }, (res) => {
          res.resume();
          resolve(res.statusCode);
        }).end();
      });
      expect(status).toBe(421);
    });
  });

  describe('signing out', () => {
    it('by /v2/logout ends the session, the refresh token and the access token, and goes back to the app', async () => {
      const { visitor, refresh_token, access_token } = await signedIn(offline);
      expect((await userinfo({ authorization: `Bearer ${access_token}` })).status).toBe(200);
      const query = new URLSearchParams({ client_id: 'spa', returnTo: `${origin}/` });
      expect(await visitor.go(`/v2/logout?${query}`)).toMatchObject({ status: 303, location: `${origin}/` });
      expect(answerOf(await visitor.go(authorizeUrl({ prompt: 'none' })))).toMatchObject({ error: 'login_required' });
      expect(await refresh(refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await userinfo({ authorization: `Bearer ${access_token}` })).status).toBe(401);
    });

    it.each([
      ['/v2/logout', 'returnTo'],
      ['/oidc/logout', 'post_logout_redirect_uri'],
    ])('by %s sends nobody to an address that the client has not registered', async (path, name) => {
      for (const url of ['https://evil.example/', `${origin}.evil.example/`, '//evil.example', `${origin}/other`]) {
        const query = new URLSearchParams({ client_id: 'spa', [name]: url });
        expect(await newVisitor().go(`${path}?${query}`)).toMatchObject({ status: 400, location: '' });
      }
    });

    it('by /oidc/logout with the ID token needs no question, and brings the state back', async () => {
      const { visitor, id_token = '', refresh_token } = await signedIn(offline);
      const query = new URLSearchParams({
        id_token_hint: id_token,
        post_logout_redirect_uri: `${origin}/`,
        state: 'bye & bye',
      });
      const answer = await visitor.go(`/oidc/logout?${query}`);
      expect([answer.status, answerOf(answer)]).toEqual([303, { state: 'bye & bye' }]);
      expect((await refresh(refresh_token)).status).toBe(400);
    });

    it.each(['no hint', 'the ID token of another user', 'the ID token of another client', 'an access token'])(
      'by /oidc/logout with %s asks first',
      async (hint) => {
        const { visitor, access_token = '', id_token: own_id_token = '' } = await signedIn();
        const other = newVisitor();
        const { code = '' } = answerOf(await signInAndAgree(other, authorizeUrl(), 'ben'));
        const { id_token = '' } = await redeem(code);
        const hints: Record<string, string> = {
          'an access token': access_token,
          'no hint': '',
          'the ID token of another client': `${own_id_token}&client_id=by-hand`,
        };
        const page = await visitor.go(`/oidc/logout?id_token_hint=${hints[hint] ?? id_token}`);
        expect([page.status, page.text]).toEqual([200, expect.stringContaining('Sign out?')]);
        expect((await visitor.go('/oidc/logout', { token: 'guessed' })).status).toBe(400);
        expect(answerOf(await visitor.go(authorizeUrl({ prompt: 'none' })))).toHaveProperty('code');
        const [, own = ''] = /name="token" value="([^"]+)"/.exec(page.text) ?? [];
        expect((await visitor.go('/oidc/logout', { token: own })).status).toBe(200);
        expect(answerOf(await visitor.go(authorizeUrl({ prompt: 'none' })))).toMatchObject({ error: 'login_required' });
      },
    );
  });

  describe('/userinfo', () => {
    const prover = createDpopProver();
    const thief = createDpopProver();
    const proofOf = (htm: string, path: string, more: Partial<ProofClaims> = {}, { proof } = prover) =>
      proof({ htm, htu: `${origin}${path}`, ...more });

    it('tells what the scope allows', async () => {
      const { access_token } = await signedIn({ scope: 'openid profile' });
      const { body } = await userinfo({ authorization: `Bearer ${access_token}` });
      expect(body).toEqual({ sub: 'ada', name: 'Ada Marlow' });
    });

    it('refuses an ID token, no token and a token without the scope', async () => {
      const { id_token } = await signedIn();
      const plain = await signedIn({ scope: 'read:notes' });
      const answers = await Promise.all([
        userinfo({ authorization: `Bearer ${id_token}` }),
        userinfo({}),
        userinfo({ authorization: `Bearer ${plain.access_token}` }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
      expect(answers[2]?.challenge).toBe('Bearer error="insufficient_scope", scope="openid"');
    });

    it('takes a token that is bound to a key with a proof of that key and for that token only', async () => {
      const visitor = newVisitor();
      const { code = '' } = answerOf(await signInAndAgree(visitor, authorizeUrl()));
      const challenge = await token(codeForm(code), { dpop: proofOf('POST', '/oauth/token') });
      expect(challenge).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
      const nonce = String(challenge.headers.get('dpop-nonce'));
      const { body } = await token(codeForm(code), { dpop: proofOf('POST', '/oauth/token', { nonce }) });
      const accessToken = String(body.access_token);
      expect(decode(accessToken)).toMatchObject({ sub: 'ada', cnf: { jkt: prover.jkt } });

      const rows = {
        good: { scheme: 'DPoP', proof: proofOf('GET', '/userinfo', { accessToken }) },
        'as Bearer': { scheme: 'Bearer', proof: proofOf('GET', '/userinfo', { accessToken }) },
        'no proof': { scheme: 'DPoP', proof: '' },
        'another key': { scheme: 'DPoP', proof: proofOf('GET', '/userinfo', { accessToken }, thief) },
        'another token': { scheme: 'DPoP', proof: proofOf('GET', '/userinfo', { accessToken: 'another' }) },
        'no ath': { scheme: 'DPoP', proof: proofOf('GET', '/userinfo') },
        'another path': { scheme: 'DPoP', proof: proofOf('GET', '/api/notes', { accessToken }) },
      };
      const got: Record<string, number> = {};
      for (const [name, { scheme, proof }] of Object.entries(rows)) {
        got[name] = (await userinfo({ authorization: `${scheme} ${accessToken}`, dpop: proof })).status;
      }
      const others = Object.keys(rows).slice(1);
      expect(got).toEqual({ good: 200, ...Object.fromEntries(others.map((name) => [name, 401])) });
      const again = await userinfo({ authorization: `DPoP ${accessToken}`, dpop: rows.good.proof });
      expect(again.status).toBe(401);
    });

    it('refuses the access token of a code that was redeemed twice', async () => {
      const visitor = newVisitor();
      const { code = '' } = answerOf(await signInAndAgree(visitor, authorizeUrl()));
      const { access_token } = await redeem(code);
      await sleep(2200); // Before that it counts as a double click.
      await redeem(code);
      expect((await userinfo({ authorization: `Bearer ${access_token}` })).status).toBe(401);
    });
  });

  describe('what the page can watch', () => {
    /** The first events, as far as they have been sent already. */
    async function watch(visitor: Visitor, count: number) {
      const stop = new AbortController();
      const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(`${origin}/demo/events`, { headers: { cookie }, signal: stop.signal });
      if (answer.body === null || answer.status === 204) return [];
      let text = '';
      for await (const chunk of answer.body) {
        text += Buffer.from(chunk).toString('utf8');
        if (text.split('\ndata: ').length > count) break;
      }
      stop.abort();
      return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
    }

    it('is its own requests, with no password and no cookie in them', async () => {
      const visitor = newVisitor();
      await visitor.go('/');
      const page = await visitor.go(authorizeUrl());
      await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      const events = await watch(visitor, 2);
      expect(events).toMatchObject([
        { method: 'GET', status: 200 },
        { method: 'POST', url: '/login', requestBody: expect.stringContaining('username=ada&password=(hidden)') },
      ]);
      const session = visitor.cookies.get('auth.sid') ?? '';
      expect(JSON.stringify(events)).not.toContain(PASSWORDS.ada);
      expect(JSON.stringify(events)).not.toContain(session);
    });

    it('is nothing for whoever has no page open, or another one', async () => {
      const [watched, other, stranger] = [newVisitor(), newVisitor(), newVisitor()];
      await watched.go('/');
      await other.go('/');
      await watched.go(authorizeUrl());
      await other.go(authorizeUrl({ state: 'of the other' }));
      expect(await watch(stranger, 1)).toEqual([]);
      expect(await watch(other, 1)).toMatchObject([{ url: expect.stringContaining('of+the+other') }]);
    });
  });

  it('ends a login whose refresh token the client revokes', async () => {
    const { refresh_token = '', access_token } = await signedIn(offline);
    const body = new URLSearchParams({ client_id: 'spa', token: refresh_token });
    expect((await fetch(`${origin}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
    expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
    expect((await userinfo({ authorization: `Bearer ${access_token}` })).status).toBe(401);
  });

  it.each([
    ['is well', {}, 0],
    ['is well where its issuer has another name', { ISSUER: 'https://auth.example/' }, 0],
    ['is not well where nobody serves', { PORT: '9' }, 1],
  ])('answers a container that asks for its health: it %s', async (_title, env, expected) => {
    const started = await startExample('auth-server', env);
    try {
      const own = { ...process.env, PORT: String(started.port), ...env };
      const child = spawn(process.execPath, ['examples/auth-server/health.js'], { env: own });
      const [code] = await once(child, 'close');
      expect(code).toBe(expected);
    } finally {
      started.child.kill('SIGKILL');
    }
  });

  it('publishes where everything is, under the issuer that the tokens name', async () => {
    const answer = await fetch(`${origin}/.well-known/openid-configuration`);
    const metadata = (await answer.json()) as Record<string, string>;
    const { id_token = '' } = await signedIn();
    expect(metadata).toMatchObject({
      issuer: `${origin}/`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      revocation_endpoint: `${origin}/oauth/revoke`,
      end_session_endpoint: `${origin}/oidc/logout`,
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      dpop_signing_alg_values_supported: ['ES256'],
    });
    expect(decode(id_token)).toMatchObject({ iss: metadata.issuer, aud: 'spa', nonce: 'a nonce', name: 'Ada Marlow' });
    const { keys } = (await (await fetch(String(metadata.jwks_uri))).json()) as { keys: object[] };
    expect(keys).toEqual([expect.objectContaining({ kty: 'RSA', use: 'sig' })]);
    expect(JSON.stringify(keys)).not.toMatch(/"(?:d|p|q)":/);
  });
});

describe('examples/auth-server, where one browser has several pages and users', () => {
  beforeAll(() => start());
  afterAll(stop);
  const submit = (visitor: Visitor, page: Visit, username: keyof typeof PASSWORDS) =>
    visitor.submit(page, { username, password: PASSWORDS[username] });

  it('takes a yes only for what its page has shown: accepted terms are no consent', async () => {
    const visitor = newVisitor();
    const [first, second] = [await visitor.go(authorizeUrl(offline)), await visitor.go(authorizeUrl(offline))];
    const terms = [await submit(visitor, first, 'cleo'), await submit(visitor, second, 'cleo')] as const;
    for (const page of terms) expect(page.text).toContain('Our terms have changed');
    for (const page of terms) {
      const next = await visitor.submit(page, { answer: 'yes' }, '/consent');
      expect([next.location, next.text]).toEqual(['', expect.stringContaining('Allow Notes?')]);
    }
  });

  it('takes no yes for a page that has asked for a password', async () => {
    const visitor = newVisitor();
    const [first, second] = [await visitor.go(authorizeUrl()), await visitor.go(authorizeUrl(offline))];
    await submit(visitor, first, 'ben');
    const answer = await visitor.submit(second, { answer: 'yes' }, '/consent');
    expect([answer.status, answer.location]).toEqual([400, '']);
  });

  it('takes no yes of one user for what another user was asked', async () => {
    const visitor = newVisitor();
    const consent = await submit(visitor, await visitor.go(authorizeUrl({ prompt: 'consent' })), 'ada');
    const login = await visitor.go(authorizeUrl({ prompt: 'login' }));
    await submit(visitor, login.text.includes('action="/login"') ? login : await loginAgain(visitor), 'ben');
    const answer = await visitor.submit(consent, { answer: 'yes' }, '/consent');
    expect([answer.status, answer.location]).toEqual([400, '']);
  });

  it('ends what the browser was given for one user when another one signs in', async () => {
    const { visitor, refresh_token } = await signedIn(offline);
    await submit(visitor, await loginAgain(visitor), 'ben');
    expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
  });

  it('keeps what it was given when the same user signs in again, and ends it at the sign-out', async () => {
    const { visitor, refresh_token } = await signedIn(offline);
    await submit(visitor, await loginAgain(visitor), 'ada');
    const second = await refresh(refresh_token);
    expect(second.status).toBe(200);
    await visitor.go('/v2/logout?client_id=spa');
    expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('keeps the last 100 grants of a session: one more ends the oldest', async () => {
    const { visitor, refresh_token } = await signedIn(offline);
    for (let code = 2; code <= 100; code += 1) await visitor.go(authorizeUrl({ prompt: 'none' }));
    const last = await refresh(refresh_token);
    expect(last.status).toBe(200);
    await visitor.go(authorizeUrl({ prompt: 'none' }));
    expect((await refresh(last.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  /** The login page that a user gets who has been signed in for a second. */
  async function loginAgain(visitor: Visitor): Promise<Visit> {
    await sleep(1100);
    return visitor.go(authorizeUrl({ prompt: 'login' }));
  }
});

describe('examples/auth-server under attack', () => {
  beforeAll(() => start());
  afterAll(stop);

  /** Of a client whose address is the same on every port. */
  const nativeUrl = (more: Record<string, string> = {}) => {
    const others = { scope: undefined, state: undefined, nonce: undefined };
    return authorizeUrl({ client_id: 'native', redirect_uri: 'http://localhost/callback', ...others, ...more });
  };

  it('lets an address fail ten times a minute at the login, and then not even with the right password', async () => {
    const statuses: number[] = [];
    const visitor = newVisitor();
    const page = await visitor.go(authorizeUrl());
    for (let attempt = 0; attempt < 11; attempt += 1) {
      statuses.push((await visitor.submit(page, { username: `user ${attempt}`, password: 'guess' })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const right = await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
    expect([right.status, right.location]).toEqual([429, '']);
    expect(right.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('lets no other site lock an address out: only passwords count', async () => {
    const other = await startExample('auth-server', {});
    try {
      const visitor = createVisitor(`http://localhost:${other.port}`);
      for (let attempt = 0; attempt < 30; attempt += 1) {
        const { status } = await visitor.go('/login', { interaction: 'a guess', username: 'ada', password: 'x' });
        expect(status).toBe(400);
      }
      const page = await visitor.go(nativeUrl());
      const answer = await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      expect(answerOf(answer)).toHaveProperty('code');
    } finally {
      other.child.kill('SIGKILL');
    }
  });

  it('is flooded by strangers, and forgets none of its users', async () => {
    const other = await startExample('auth-server', {});
    const stranger = `http://localhost:${other.port}`;
    try {
      const visitor = createVisitor(stranger);
      const page = await visitor.go(nativeUrl());
      await visitor.submit(page, { username: 'ada', password: PASSWORDS.ada });
      const waiting = createVisitor(stranger);
      const pageOfOne = await waiting.go(nativeUrl());
      // More than the 4 MiB that are kept of strangers.
      const flood = nativeUrl({ state: 'x'.repeat(12_000) });
      for (let request = 0; request < 400; request += 4) {
        await Promise.all([1, 2, 3, 4].map(() => createVisitor(stranger).go(flood)));
      }
      expect(answerOf(await visitor.go(nativeUrl({ prompt: 'none' })))).toHaveProperty('code');
      const forgotten = await waiting.submit(pageOfOne, { username: 'ada', password: PASSWORDS.ada });
      expect([forgotten.status, forgotten.location]).toEqual([400, '']);
    } finally {
      other.child.kill('SIGKILL');
    }
  });
});

describe('examples/auth-server behind TLS', () => {
  it('lets a name fail twenty times, from however many addresses, and another name none the less', async () => {
    const started = await startExample('auth-server', { ISSUER: 'https://auth.example/' });
    const { port } = started;
    const send = (path: string, address: string, cookie = '', form?: Record<string, string>) =>
      new Promise<{ status: number; text: string; cookie: string }>((resolve, reject) => {
        const headers = {
          host: 'auth.example',
          'x-forwarded-proto': 'https',
          'x-forwarded-for': address,
          cookie,
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        };
        const method = form ? 'POST' : 'GET';
        const req = request({ host: '127.0.0.1', port, path, method, headers }, async (res) => {
          let text = '';
          for await (const chunk of res) text += chunk;
          const [own = ''] = res.headers['set-cookie'] ?? [];
          resolve({ status: res.statusCode ?? 0, text, cookie: own.split(';')[0] ?? '' });
        });
        req.on('error', reject);
        req.end(form && new URLSearchParams(form).toString());
      });
    try {
      const redirect = encodeURIComponent('https://auth.example/');
      const query = `client_id=spa&redirect_uri=${redirect}&response_type=code&code_challenge=${codeChallenge}&code_challenge_method=S256`;
      const page = await send(`/authorize?${query}`, '192.0.2.1');
      const attempt = async (username: string, number: number) => {
        const form = { interaction: interactionOf(page), username, password: 'guess' };
        return (await send('/login', `198.51.100.${number}`, page.cookie, form)).status;
      };
      const statuses: number[] = [];
      for (let number = 1; number <= 21; number += 1) statuses.push(await attempt('ada', number));
      expect(statuses).toEqual([...Array(20).fill(401), 429]);
      expect(await attempt('ben', 1)).toBe(401);
    } finally {
      started.child.kill('SIGKILL');
    }
  });

  it('marks its cookies Secure, and gives them names that no subdomain can set', async () => {
    const started = await startExample('auth-server', { ISSUER: 'https://auth.example/' });
    const get = (path: string, cookie = '') =>
      new Promise<string>((resolve) => {
        const headers = { host: 'auth.example', 'x-forwarded-proto': 'https', cookie };
        request({ port: started.port, host: '127.0.0.1', path, headers }, (res) => {
          res.resume();
          resolve(String(res.headers['set-cookie']));
        }).end();
      });
    const redirect = encodeURIComponent('https://auth.example/');
    const query = `client_id=spa&redirect_uri=${redirect}&response_type=code&code_challenge=${codeChallenge}&code_challenge_method=S256&scope=openid`;
    try {
      expect(await get(`/authorize?${query}`)).toMatch(
        /^__Host-auth\.sid=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
      const watch = await get('/');
      expect(watch).toMatch(/^__Host-demo\.watch=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      const [cookie = ''] = watch.split(';');
      expect(await get('/', cookie)).toBe('undefined');
      expect(await get('/', cookie.replace('__Host-', ''))).toMatch(/^__Host-demo\.watch=/);
    } finally {
      started.child.kill('SIGKILL');
    }
  });

  it.each([
    [{ STORE: 'sqlite' }, 'STORE is sqlite. Write memory, redis or postgres'],
    [{ STORE: 'redis', REDIS_URL: 'redis://127.0.0.1:9' }, 'STORE=redis needs a server, and there is none'],
  ])('says what is wrong with %o, and ends', async (env, text) => {
    const { printed, ended } = await startExample('auth-server', env);
    expect([printed, await ended]).toEqual([expect.stringContaining(text), 1]);
  });
});

describe.each([
  ['redis', 'redis-server', startRedis, (port: number) => ({ REDIS_URL: `redis://127.0.0.1:${port}` })],
  [
    'postgres',
    'postgres',
    startPostgres,
    (port: number) => ({ DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` }),
  ],
] as const)('examples/auth-server with STORE=%s', (STORE, program, startServer, envOf) => {
  describeWith(program, 'signs in, refreshes and signs out', () => {
    it('and the grant has ended', async () => {
      const server = await startServer();
      try {
        await start({ STORE, ...envOf(server.port) });
        const { visitor, refresh_token } = await signedIn(offline);
        const second = await refresh(refresh_token);
        expect(second.status).toBe(200);
        await visitor.go('/v2/logout?client_id=spa');
        expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
      } finally {
        await stop();
        await server.stop();
      }
    });
  });
});
