import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { ALGORITHMS } from '../dpop/support/prover';
import {
  type Announcing,
  basic,
  type Credential,
  createSignedIn,
  getJson,
  type Json,
  type Login,
  startAnnouncing,
} from './announcing';
import { fetchAlone as fetch } from './example';
import { createVisitor } from './visitor';

// Each server is a process of its own, and the machine may be busy.
jest.setTimeout(180_000);

type Walk = (server: Announcing) => Promise<void>;
type Walks = Readonly<Record<string, Walk>>;

const tokensOf = async (server: Announcing, change: Record<string, string> = {}) =>
  (await server.redeem(await server.logIn(change))).body;
const claimsOf = (token: string | undefined) => Object(jwt.decode(String(token))) as Json;
const refusalOf = ({ parameters }: Login) => [parameters.error, parameters.code];
const refresh = (server: Announcing, { refresh_token = '' }: Record<string, string>, form: Record<string, string>) =>
  server.post(server.urlOf('token_endpoint'), { form: { grant_type: 'refresh_token', refresh_token, ...form } });
const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });

/** Every method that there is. What the server does not announce is tried with the client of the first one. */
const walkMethods =
  (endpoint: string, credentials: () => Readonly<Record<string, Credential>>, ends: [number, string | undefined]) =>
  async (server: Announcing) => {
    const announced = server.listOf(`${endpoint}_endpoint_auth_methods_supported`);
    const form = { grant_type: 'refresh_token', refresh_token: 'a', token: 'a' };
    const assertion = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    const strange: Record<string, Credential> = {
      private_key_jwt: { form: { ...assertion, client_assertion: 'ey.ey.a' } },
      tls_client_auth: { form: { client_id: 'nobody' } },
      client_secret_post: { form: { client_id: 'nobody', client_secret: 'a secret' } },
    };
    const known = credentials();
    for (const method of announced) {
      const credential = known[method] ?? strange[method];
      // Its keys are in no example: spec/endpoints/announced.spec.ts signs with each algorithm.
      const expected = method in known ? ends : [401, 'invalid_client'];
      expect([method in known || method === 'private_key_jwt', method]).toEqual([true, method]);
      const { status, body } = await server.post(server.urlOf(`${endpoint}_endpoint`), {
        ...credential,
        form: { ...form, ...credential?.form },
      });
      expect([method, status, body.error]).toEqual([method, ...expected]);
    }
    for (const [method, credential] of Object.entries(strange)) {
      const { status, body } = await server.post(server.urlOf(`${endpoint}_endpoint`), {
        form: { ...form, ...credential.form },
      });
      expect([method, status, body.error]).toEqual([method, 401, 'invalid_client']);
    }
  };

/** What any of the examples may announce: that it is so, and that nothing else is. */
const SHARED: Walks = {
  async issuer(server) {
    const { parameters } = await server.logIn();
    const { access_token } = await tokensOf(server);
    const { issuer } = server.metadata;
    expect([parameters.iss, claimsOf(access_token).iss]).toEqual([issuer, issuer]);
  },
  async authorization_endpoint(server) {
    expect((await server.logIn()).parameters.code).toMatch(/^[\w-]{43}$/);
  },
  async token_endpoint(server) {
    expect((await tokensOf(server)).token_type).toBe('Bearer');
    expect((await get(server.urlOf('token_endpoint'))).status).toBe(405);
  },
  async revocation_endpoint(server) {
    const login = await server.logIn();
    const { body } = await server.redeem(login);
    const form = { client_id: login.clientId };
    const answer = await server.post(server.urlOf('revocation_endpoint'), {
      form: { ...form, token: String(body.refresh_token) },
    });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await refresh(server, body, form)).body.error).toBe('invalid_grant');
  },
  async jwks_uri(server) {
    const { keys } = (await getJson(server.urlOf('jwks_uri'))) as { keys: { kid: string }[] };
    const { access_token } = await tokensOf(server);
    const { kid, alg } = jwt.decode(String(access_token), { complete: true })?.header ?? {};
    const key = keys.find((jwk) => jwk.kid === kid) as never;
    expect(key).toMatchObject({ alg, use: 'sig' });
    jwt.verify(String(access_token), createPublicKey({ key, format: 'jwk' }), { algorithms: [alg as 'RS256'] });
  },
  async response_types_supported(server) {
    expect(server.listOf('response_types_supported')).toEqual(['code']);
    for (const type of ['token', 'id_token', 'code id_token', 'none']) {
      const login = await server.logIn({ response_type: type });
      expect([type, ...refusalOf(login)]).toEqual([type, 'unsupported_response_type', undefined]);
    }
  },
  async response_modes_supported(server) {
    const looks: Readonly<Record<string, (login: Login) => boolean>> = {
      query: ({ status }) => status === 303,
      form_post: ({ text }) => text.includes(`<form method="post" action="${server.origin}/`),
      web_message: ({ text }) => text.includes('postMessage'),
    };
    const announced = server.listOf('response_modes_supported');
    expect(Object.keys(looks)).toEqual(expect.arrayContaining([...announced]));
    for (const mode of announced) {
      const login = await server.logIn({ response_mode: mode });
      expect([mode, looks[mode]?.(login)]).toEqual([mode, true]);
      expect((await server.redeem(login)).status).toBe(200);
    }
    for (const mode of ['web_message', 'fragment', 'jwt', 'Query'].filter((each) => !announced.includes(each))) {
      const login = await server.logIn({ response_mode: mode });
      expect([mode, ...refusalOf(login)]).toEqual([mode, 'invalid_request', undefined]);
    }
  },
  async authorization_response_iss_parameter_supported(server) {
    expect(server.metadata.authorization_response_iss_parameter_supported).toBe(true);
    for (const change of [{}, { response_type: 'token' }, { scope: 'unknown' }]) {
      expect((await server.logIn(change)).parameters.iss).toBe(server.metadata.issuer);
    }
  },
  // Left out it would be true (OpenID Connect Discovery §3).
  async request_uri_parameter_supported(server) {
    expect(server.metadata.request_uri_parameter_supported).toBe(false);
    const login = await server.logIn({ request_uri: 'https://app.example/request' });
    expect(refusalOf(login)).toEqual(['request_uri_not_supported', undefined]);
  },
  async grant_types_supported(server) {
    expect(server.listOf('grant_types_supported')).toEqual(['authorization_code', 'refresh_token']);
    const login = await server.logIn();
    const { status, body } = await server.redeem(login);
    const form = { client_id: login.clientId };
    expect([status, (await refresh(server, body, form)).status]).toEqual([200, 200]);
    const urn = 'urn:ietf:params:oauth:grant-type:';
    for (const grantType of ['client_credentials', 'password', `${urn}device_code`, `${urn}token-exchange`]) {
      const answer = await server.post(server.urlOf('token_endpoint'), { form: { ...form, grant_type: grantType } });
      expect([grantType, answer.body.error]).toEqual([grantType, 'unsupported_grant_type']);
    }
  },
  async code_challenge_methods_supported(server) {
    expect(server.listOf('code_challenge_methods_supported')).toEqual(['S256']);
    const login = await server.logIn();
    expect((await server.redeem({ ...login, codeVerifier: 'x'.repeat(43) })).body.error).toBe('invalid_grant');
    expect((await server.redeem(login)).status).toBe(200);
    for (const method of ['plain', 's256', '']) {
      const other = await server.logIn({ code_challenge_method: method });
      expect([method, ...refusalOf(other)]).toEqual([method, 'invalid_request', undefined]);
    }
  },
  async dpop_signing_alg_values_supported(server) {
    const announced = server.listOf('dpop_signing_alg_values_supported');
    expect(announced.length).toBeGreaterThan(0);
    for (const alg of ALGORITHMS) {
      const { body } = await server.redeemWithProof(await server.logIn(), alg);
      const expected = announced.includes(alg) ? 'DPoP' : 'invalid_dpop_proof';
      expect([alg, body.error ?? body.token_type]).toEqual([alg, expected]);
    }
  },
};

const DEMO_CREDENTIALS = () => ({
  none: { form: { client_id: 'spa' } },
  client_secret_basic: basic('web-basic', 'demo-secret-of-web-basic'),
  client_secret_post: { form: { client_id: 'web-post', client_secret: 'demo-secret-of-web-post' } },
});

const AUTH_SERVER: Walks = {
  ...SHARED,
  token_endpoint_auth_methods_supported: walkMethods('token', DEMO_CREDENTIALS, [400, 'invalid_grant']),
  revocation_endpoint_auth_methods_supported: walkMethods('revocation', DEMO_CREDENTIALS, [200, undefined]),

  async issuer(server) {
    await SHARED.issuer?.(server);
    expect(claimsOf((await tokensOf(server)).id_token).iss).toBe(server.metadata.issuer);
    expect(await getJson(`${server.origin}/.well-known/openid-configuration`)).toEqual(server.metadata);
  },

  async authorization_endpoint(server) {
    await SHARED.authorization_endpoint?.(server);
    // OpenID Connect Core §3.1.2.1 wants POST as well.
    const visitor = await createSignedIn(server);
    const byForm = await server.logIn({ scope: 'openid' }, async (url) => {
      const { pathname, searchParams } = new URL(url);
      // As another site posts it: without a cookie. None comes back, or it would end the session of the user.
      const { location, headers } = await createVisitor(server.origin).go(pathname, Object.fromEntries(searchParams));
      expect([new URL(location, url).href, headers.getSetCookie()]).toEqual([url, []]);
      return visitor.go(location);
    });
    expect((await server.redeem(byForm)).status).toBe(200);
  },

  async userinfo_endpoint(server) {
    const url = server.urlOf('userinfo_endpoint');
    const { access_token, id_token } = await tokensOf(server, { scope: 'openid profile email' });
    // OpenID Connect Core §5.3.1: both.
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(url, { method, headers: bearer(access_token) });
      const { sub, name, email } = claimsOf(id_token);
      expect([method, answer.status, await answer.json()]).toEqual([method, 200, { sub, name, email }]);
    }
    expect([(await get(url)).status, (await get(url, bearer(id_token))).status]).toEqual([401, 401]);
    const { access_token: plain } = await tokensOf(server, { scope: 'read:notes' });
    expect((await get(url, bearer(plain))).status).toBe(403);
  },

  async end_session_endpoint(server) {
    const { pathname } = new URL(server.urlOf('end_session_endpoint'));
    // RP-Initiated Logout 1.0 §2: both.
    for (const method of ['GET', 'POST']) {
      const visitor = createVisitor(server.origin);
      const login = await server.logIn({ scope: 'openid' }, async (url) =>
        visitor.submit(await visitor.go(url), { username: 'ada', password: 'tin-kettle' }),
      );
      const { id_token = '' } = (await server.redeem(login)).body;
      const asked = { id_token_hint: id_token, post_logout_redirect_uri: `${server.origin}/`, state: 'bye' };
      const first =
        method === 'GET'
          ? await visitor.go(`${pathname}?${new URLSearchParams(asked)}`)
          : await visitor.go((await visitor.go(pathname, asked)).location);
      expect([method, first.status, first.location]).toEqual([method, 303, `${server.origin}/?state=bye`]);
      const silent = await server.logIn({ prompt: 'none' }, (url) => visitor.go(url));
      expect([method, ...refusalOf(silent)]).toEqual([method, 'login_required', undefined]);
    }
  },

  async prompt_values_supported(server) {
    const visitor = await createSignedIn(server);
    await sleep(1200); // Within a second of a login prompt=login is obeyed.
    const stranger = createVisitor(server.origin);
    const ask = (prompt: string, who = visitor) =>
      server.logIn({ scope: 'openid', ...(prompt && { prompt }) }, (url) => who.go(url));
    const looks: Readonly<Record<string, () => Promise<void>>> = {
      async none() {
        expect((await ask('none')).parameters.code).toBeDefined();
        expect(refusalOf(await ask('none', stranger))).toEqual(['login_required', undefined]);
      },
      async login() {
        expect((await ask('login')).text).toContain('action="/login"');
      },
      async consent() {
        expect((await ask('consent')).text).toContain('action="/consent"');
      },
    };
    expect((await ask('')).parameters.code).toBeDefined();
    const announced = server.listOf('prompt_values_supported');
    expect([...announced].sort()).toEqual(Object.keys(looks).sort());
    for (const prompt of announced) await looks[prompt]?.();
    for (const prompt of ['select_account', 'create', 'login select_account', 'unknown']) {
      const login = await ask(prompt);
      expect([prompt, login.status, ...refusalOf(login)]).toEqual([prompt, 303, 'invalid_request', undefined]);
    }
  },

  async scopes_supported(server) {
    const all = await tokensOf(server);
    expect(all.scope?.split(' ').sort()).toEqual([...server.scopes].sort());
    const none = await tokensOf(server, { scope: 'openid' });
    const notes = `${server.origin}/api/notes`;
    const brings: Readonly<Record<string, (tokens: Record<string, string>) => Promise<boolean>>> = {
      openid: async ({ id_token }) => id_token !== undefined,
      profile: async ({ id_token }) => claimsOf(id_token).name !== undefined,
      email: async ({ id_token }) => claimsOf(id_token).email !== undefined,
      offline_access: async ({ refresh_token }) => refresh_token !== undefined,
      'read:notes': async ({ access_token }) => (await get(notes, bearer(access_token))).status === 200,
    };
    expect([...server.scopes].sort()).toEqual(Object.keys(brings).sort());
    for (const scope of server.scopes) {
      expect([scope, await brings[scope]?.(all), await brings[scope]?.(none)]).toEqual([
        scope,
        true,
        scope === 'openid',
      ]);
    }
    for (const scope of ['address', 'phone', 'write:notes', 'unknown']) {
      expect((await tokensOf(server, { scope: `openid ${scope}` })).scope).toBe('openid');
    }
  },

  async id_token_signing_alg_values_supported(server) {
    const { id_token } = await tokensOf(server);
    const { alg } = jwt.decode(String(id_token), { complete: true })?.header ?? {};
    expect(server.listOf('id_token_signing_alg_values_supported')).toEqual([alg]);
  },

  async subject_types_supported(server) {
    expect(server.listOf('subject_types_supported')).toEqual(['public']);
    const redirect_uri = 'http://localhost:9/callback';
    // A pairwise one would differ.
    const one = await tokensOf(server, { scope: 'openid' });
    const other = await tokensOf(server, { scope: 'openid', client_id: 'native', redirect_uri });
    expect([claimsOf(one.id_token).sub, claimsOf(other.id_token).sub]).toEqual(['ada', 'ada']);
  },
};

describe('A member of the metadata of examples/auth-server', () => {
  let server: Announcing;
  beforeAll(async () => {
    server = await startAnnouncing('auth-server', { clientId: 'spa', path: '/' });
  });
  afterAll(() => server.example.child.kill('SIGKILL'));

  it('is none that nobody tries', () => {
    expect(Object.keys(server.metadata).sort()).toEqual(Object.keys(AUTH_SERVER).sort());
  });

  it.each(Object.entries(AUTH_SERVER))('is true, and what it does not say is refused: %s', async (_member, walk) => {
    await walk(server);
  });
});

const secretOf = ({ example }: Announcing, clientId: string) =>
  new RegExp(`${clientId} and the secret (\\S{43})\\.`).exec(example.printed)?.[1] ?? '';

describe('A member of the metadata of examples/mcp', () => {
  let server: Announcing;
  let resource: Json;
  beforeAll(async () => {
    server = await startAnnouncing('mcp', { clientId: 'demo', path: '/callback' });
    resource = await getJson(`${server.origin}/.well-known/oauth-protected-resource/mcp`);
  }, 300_000);
  afterAll(() => server.example.child.kill('SIGKILL'));

  const credentials = () => ({
    client_secret_basic: basic('mcp-server', secretOf(server, 'mcp-server')),
    client_secret_post: { form: { client_id: 'web', client_secret: secretOf(server, 'web') } },
  });
  const withPublic = () => ({ ...credentials(), none: { form: { client_id: 'demo' } } });
  const askMcp = (headers: Record<string, string>, path = '/mcp') => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } };
    const accept = 'application/json, text/event-stream';
    const sent = { accept, 'content-type': 'application/json', ...headers };
    return fetch(`${server.origin}${path}`, { method: 'POST', headers: sent, body: JSON.stringify(message) });
  };

  const MCP: Walks = {
    ...SHARED,
    token_endpoint_auth_methods_supported: walkMethods('token', withPublic, [400, 'invalid_grant']),
    revocation_endpoint_auth_methods_supported: walkMethods('revocation', withPublic, [200, undefined]),
    introspection_endpoint_auth_methods_supported: walkMethods('introspection', credentials, [200, undefined]),

    async introspection_endpoint() {
      const { access_token = '' } = await tokensOf(server);
      const ask = async ({ form, headers }: Credential) => {
        const url = server.urlOf('introspection_endpoint');
        return (await server.post(url, { form: { token: access_token, ...form }, ...(headers && { headers }) })).body;
      };
      const { client_secret_basic: own, client_secret_post: other } = credentials();
      expect(await ask(own)).toMatchObject({
        active: true,
        iss: server.origin,
        aud: `${server.origin}/mcp`,
        sub: 'ada',
      });
      expect([await ask(other), (await ask({ form: { client_id: 'demo' } })).error]).toEqual([
        { active: false },
        'invalid_client',
      ]);
    },

    async scopes_supported() {
      const all = await tokensOf(server);
      expect(all.scope?.split(' ').sort()).toEqual([...server.scopes].sort());
      expect(all.refresh_token).toBeDefined();
      const { scope, refresh_token } = await tokensOf(server, { scope: 'mcp:tools unknown openid' });
      expect([scope, refresh_token]).toEqual(['mcp:tools', undefined]);
    },

    // No document can be fetched from this machine: spec/endpoints/announced.spec.ts has one.
    async client_id_metadata_document_supported() {
      expect(server.metadata.client_id_metadata_document_supported).toBe(true);
      const { status, location } = await server.logIn({ client_id: 'https://127.0.0.1/app' }, (url) =>
        createVisitor(server.origin).go(url),
      );
      expect([Math.floor(status / 100), location]).toEqual([4, '']);
    },
  };
  /** The keys of clients are in their documents: spec/endpoints/announced.spec.ts signs with each algorithm. */
  const SIGNED = ['token', 'revocation', 'introspection'].map(
    (endpoint) => `${endpoint}_endpoint_auth_signing_alg_values_supported`,
  );

  it('is none that nobody tries', () => {
    expect(Object.keys(server.metadata).sort()).toEqual([...Object.keys(MCP), ...SIGNED].sort());
  });

  it.each(Object.entries(MCP))('is true, and what it does not say is refused: %s', async (_member, walk) => {
    await walk(server);
  });

  /** RFC 9728. */
  const PROTECTED_RESOURCE: Walks = {
    async resource() {
      const url = `${server.origin}/mcp`;
      expect(resource.resource).toBe(url);
      const { access_token } = await tokensOf(server, { resource: url });
      expect(claimsOf(access_token).aud).toBe(url);
      expect((await askMcp(bearer(access_token))).status).toBe(200);
      const refused = await askMcp({});
      const document = `${server.origin}/.well-known/oauth-protected-resource/mcp`;
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining(`resource_metadata="${document}"`),
      ]);
      const other = await server.logIn({ resource: `${server.origin}/other` });
      expect(refusalOf(other)).toEqual(['invalid_target', undefined]);
    },

    async authorization_servers() {
      expect(resource.authorization_servers).toEqual([server.metadata.issuer]);
      const { access_token = '' } = await tokensOf(server);
      const [header, , signature] = access_token.split('.');
      const claims = { ...claimsOf(access_token), iss: 'https://other.example' };
      const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
      expect([(await askMcp(bearer(access_token))).status, (await askMcp(bearer(forged))).status]).toEqual([200, 401]);
    },

    async scopes_supported() {
      expect(resource.scopes_supported).toEqual(['mcp:tools']);
      const { access_token } = await tokensOf(server, { scope: 'mcp:tools' });
      expect((await askMcp(bearer(access_token))).status).toBe(200);
      const { access_token: without } = await tokensOf(server, { scope: 'offline_access' });
      const refused = await askMcp(bearer(without));
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        403,
        expect.stringContaining('insufficient_scope'),
      ]);
    },

    async bearer_methods_supported() {
      expect(resource.bearer_methods_supported).toEqual(['header']);
      const { access_token = '' } = await tokensOf(server);
      expect((await askMcp({}, `/mcp?access_token=${access_token}`)).status).toBe(401);
      const body = new URLSearchParams({ access_token });
      expect((await fetch(`${server.origin}/mcp`, { method: 'POST', body })).status).toBe(401);
    },

    async dpop_signing_alg_values_supported() {
      expect(resource.dpop_signing_alg_values_supported).toEqual(server.metadata.dpop_signing_alg_values_supported);
      // mcp.spec.ts sends proofs that are good, and proofs that are not.
      const { access_token } = await tokensOf(server);
      const refused = await askMcp({ authorization: `DPoP ${access_token}` });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'DPoP error="invalid_dpop_proof"',
      ]);
    },
  };

  it('is none that nobody tries, in what the MCP server says of itself', () => {
    expect(Object.keys(resource).sort()).toEqual(Object.keys(PROTECTED_RESOURCE).sort());
  });

  it.each(Object.entries(PROTECTED_RESOURCE))('is true of the MCP server as well: %s', async (_member, walk) => {
    await walk(server);
  });
});
