import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { countDiff, type Example, fetchAlone as fetch, startExample } from './example';

jest.setTimeout(120_000);

interface Answer {
  status: number;
  body: Record<string, string>;
}

/** What an example printed of its own requests: each form with its answer. */
function readTrips(printed: string): { form: Record<string, string>; answer: Answer }[] {
  return [...printed.matchAll(/^POST \S+\n((?: {2}\w+=[^\n]*\n)+)(\d+) (\{\n.*?\n\})/gms)].map(
    ([, lines, status, body]) => ({
      form: Object.fromEntries(
        Array.from(String(lines).matchAll(/^ {2}(\w+)=(.*)$/gm), ([, name, value]) => [name, value]),
      ),
      answer: { status: Number(status), body: JSON.parse(String(body)) },
    }),
  );
}

let example: Example;
let origin: string;
let trips: ReturnType<typeof readTrips>;

const start = (name: string) => async () => {
  example = await startExample(name, {});
  origin = `http://localhost:${example.port}`;
  trips = readTrips(example.printed);
};
const answerOf = (index: number) => (trips[index] as (typeof trips)[number]).answer;
const stop = () => void example.child.kill('SIGKILL');

async function post(path: string, form: Record<string, string | undefined>, basic?: string): Promise<Answer> {
  const sent = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await fetch(origin + path, {
    method: 'POST',
    body: new URLSearchParams(sent),
    headers: basic === undefined ? {} : { authorization: `Basic ${btoa(basic)}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

/** The claims of a token that verifies against the keys of the example. */
async function verify(token: unknown, { issuer = origin, audience }: { issuer?: string; audience: string }) {
  const { keys } = (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' });
  return jwt.verify(String(token), key, { issuer, audience });
}

const secretOf = (printed: string) => /-u (\S+:\S+)/.exec(printed)?.[1];

describe('examples/client-credentials', () => {
  beforeAll(start('client-credentials'));
  afterAll(stop);

  it('gives its job tokens within the allow-list, and refuses more', async () => {
    expect(trips.map(({ answer: { status, body } }) => [status, body.scope ?? body.error])).toEqual([
      [200, 'read:demo write:demo'],
      [200, 'read:demo'],
      [400, 'invalid_scope'],
    ]);
    const claims = await verify(trips[0]?.answer.body.access_token, { audience: `${origin}/api` });
    expect(claims).toMatchObject({ sub: 'job', client_id: 'job', scope: 'read:demo write:demo' });
  });

  it('serves nobody with a wrong secret', async () => {
    const { status, body } = await post('/oauth/token', { grant_type: 'client_credentials' }, 'job:wrong');
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });
});

describe('examples/token-exchange', () => {
  beforeAll(start('token-exchange'));
  afterAll(stop);
  const exchange = (change: Record<string, string | undefined> = {}, basic = secretOf(example.printed)) =>
    post('/oauth/token', { ...trips[1]?.form, ...change }, basic);

  it('swaps a token of a user for one of the API behind it', async () => {
    expect(trips.map(({ answer: { status, body } }) => body.error ?? status)).toEqual([200, 200, 'invalid_target']);
    const { body } = answerOf(1);
    expect(body).toMatchObject({
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      scope: 'read:stock',
    });
    expect(body).not.toHaveProperty('refresh_token');
    const claims = await verify(body.access_token, { audience: `${origin}/stock` });
    expect(claims).toMatchObject({ sub: 'demo-user', client_id: 'orders', scope: 'read:stock' });
  });

  it('swaps it without a resource and with its scope, too', async () => {
    expect((await exchange({ resource: undefined, scope: 'read:stock' })).status).toBe(200);
  });

  it.each<[string, () => Record<string, string | undefined>, string]>([
    ['a token of another service', () => ({ subject_token: trips[1]?.answer.body.access_token }), 'invalid_request'],
    [
      'a token that was changed',
      () => ({ subject_token: `${trips[1]?.form.subject_token?.slice(0, -3)}AAA` }),
      'invalid_request',
    ],
    ['no token', () => ({ subject_token: undefined }), 'invalid_request'],
    ['what is no JWT', () => ({ subject_token: 'x' }), 'invalid_request'],
    ['another type', () => ({ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }), 'invalid_request'],
    ['a wish for a refresh token', () => ({ requested_token_type: 'urn:x:refresh_token' }), 'invalid_request'],
    ['an actor', () => ({ actor_token: 'x' }), 'invalid_request'],
    ['another scope', () => ({ scope: 'read:orders' }), 'invalid_scope'],
  ])('refuses %s', async (_what, change, error) => {
    const { status, body } = await exchange(change());
    expect([status, body.error]).toEqual([400, error]);
  });

  it('refuses a client that is not registered for it', async () => {
    const { grant_type, subject_token } = trips[1]?.form ?? {};
    const { body } = await post('/oauth/token', { grant_type, subject_token, client_id: 'app' });
    expect(body.error).toBe('unauthorized_client');
  });
});

describe('examples/device', () => {
  beforeAll(start('device'));
  afterAll(stop);
  const ask = async () => (await post('/device_authorization', { client_id: 'tv', scope: 'read:demo' })).body;
  const poll = (device_code: string | undefined, client_id = 'tv', more = {}) =>
    post('/oauth/token', { grant_type: trips[1]?.form.grant_type, client_id, device_code, ...more });

  it('tells a television to wait, to slow down, and gives it tokens after the user said yes', async () => {
    expect(trips.map(({ answer: { status, body } }) => body.error ?? status)).toEqual([
      ...[200, 'authorization_pending', 'slow_down', 200],
      200,
    ]);
    const { body } = answerOf(4);
    expect(body.refresh_token).toEqual(expect.any(String));
    const claims = await verify(body.access_token, { audience: `${origin}/api` });
    expect(claims).toMatchObject({ sub: 'demo-user', client_id: 'tv', scope: 'read:demo offline_access' });
    const refresh = { grant_type: 'refresh_token', client_id: 'tv', refresh_token: body.refresh_token };
    expect((await post('/oauth/token', refresh)).status).toBe(200);
  });

  it('gives tokens once for a device code', async () => {
    const { status, body } = await poll(trips[4]?.form.device_code, 'tv');
    // It came too soon, or it is spent; it never brings tokens again.
    expect([status, ['slow_down', 'invalid_grant'].includes(String(body.error))]).toEqual([400, true]);
  });

  it('gives tokens to one of many polls at once', async () => {
    const { device_code, user_code } = await ask();
    expect((await post('/device', { user_code, answer: 'allow' })).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(device_code)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  });

  it('tells that the user said no', async () => {
    const { device_code, user_code } = await ask();
    await post('/device', { user_code, answer: 'deny' });
    expect((await poll(device_code)).body.error).toBe('access_denied');
    expect((await post('/device', { user_code, answer: 'allow' })).status).toBe(404);
  });

  it('knows no device code but its own, and no client but the one that asked', async () => {
    expect((await poll('x')).body.error).toBe('invalid_grant');
    expect((await poll(undefined)).body.error).toBe('invalid_grant');
    expect((await poll((await ask()).device_code, 'nobody')).body.error).toBe('invalid_client');
    expect((await post('/device_authorization', { client_id: 'nobody' })).status).toBe(401);
  });

  it('does not let a device code be redeemed as an authorization code', async () => {
    const { device_code, user_code } = await ask();
    await post('/device', { user_code, answer: 'allow' });
    const form = { client_id: 'tv', code: device_code, code_verifier: 'x'.repeat(43) };
    const { status } = await post('/oauth/token', { ...form, grant_type: 'authorization_code' });
    expect(status).toBe(400);
    expect((await poll(device_code)).status).toBe(200);
  });
});

describe('examples/resources', () => {
  beforeAll(start('resources'));
  afterAll(stop);
  let latest: string | undefined;
  const refresh = async (more: Record<string, string>) => {
    latest ??= trips[1]?.answer.body.refresh_token;
    const form = { grant_type: 'refresh_token', client_id: 'demo', refresh_token: latest };
    const answer = await post('/oauth/token', { ...form, ...more });
    latest = answer.body.refresh_token ?? latest;
    return answer;
  };
  const claimsOf = async ({ body }: Answer, api: string) =>
    (await verify(body.access_token, { audience: `${origin}/${api}` })) as Record<string, unknown>;

  it('gives the code’s token to the first API, and a refresh with audience one to the other', async () => {
    const [first, second] = trips.map(({ answer }) => answer) as [Answer, Answer];
    expect(await claimsOf(first, 'api')).toMatchObject({
      aud: `${origin}/api`,
      scope: 'openid offline_access read:demo',
      [`${origin}/organization`]: 'acme',
    });
    expect(await claimsOf(second, 'billing')).toMatchObject({
      aud: `${origin}/billing`,
      scope: 'openid offline_access read:bills',
      [`${origin}/organization`]: 'umbrella',
    });
  });

  it('is whole again with the next refresh', async () => {
    expect(await claimsOf(await refresh({}), 'api')).toMatchObject({ [`${origin}/organization`]: 'acme' });
    expect(await claimsOf(await refresh({ audience: `${origin}/billing` }), 'billing')).toMatchObject({
      aud: `${origin}/billing`,
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ audience: 'https://other.example/' }, 'invalid_target'],
    [{ organization: 'other' }, 'invalid_grant'],
  ])('refuses %j, and spends nothing', async (more, error) => {
    await refresh({});
    const before = latest;
    expect((await refresh(more)).body.error).toBe(error);
    expect(latest).toBe(before);
    expect((await refresh({})).status).toBe(200);
  });
});

describe('examples/tenants', () => {
  beforeAll(start('tenants'));
  afterAll(stop);

  it('issues for each tenant by its own name', async () => {
    expect(trips.length).toBe(2);
    for (const [index, tenant] of ['acme', 'umbrella'].entries()) {
      const issuer = `${origin}/t/${tenant}`;
      const { access_token, id_token } = trips[index]?.answer.body ?? {};
      await verify(access_token, { issuer, audience: `${origin}/api` });
      await verify(id_token, { issuer, audience: 'demo' });
      const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
      expect(discovery).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token` });
    }
  });

  it('takes no code of another tenant, and leaves it as it was', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      scope: 'openid',
    });
    const { headers } = await fetch(`${origin}/t/acme/authorize?${query}`, { redirect: 'manual' });
    const form = {
      grant_type: 'authorization_code',
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      code: new URL(String(headers.get('location'))).searchParams.get('code') ?? '',
    };
    expect((await post('/t/umbrella/oauth/token', form)).body.error).toBe('invalid_grant');
    expect((await post('/t/acme/oauth/token', form)).status).toBe(200);
  });

  it('knows no other tenant', async () => {
    expect((await fetch(`${origin}/t/other/authorize`)).status).toBe(404);
    expect((await fetch(`${origin}/t/other/.well-known/openid-configuration`)).status).toBe(404);
  });
});

describe('Each example of a grant', () => {
  it.each([
    ['client-credentials', 'token-exchange', 145],
    ['client-credentials', 'device', 155],
    ['openid', 'resources', 90],
    ['openid', 'tenants', 90],
  ])('stays near the one that it comes from: %s, %s', (one, other, lines) => {
    expect(countDiff(one, other)).toBeLessThanOrEqual(lines);
  });
});

describe('docs/guides/grants.md', () => {
  const read = (file: string) => readFileSync(join(__dirname, '../..', file), 'utf8');
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  const sections = read('docs/guides/grants.md')
    .split(/^## /m)
    .map((text) => ({
      heading: text.slice(0, text.indexOf('\n')),
      example: [...text.matchAll(/\.\.\/\.\.\/(examples\/[\w-]+\/server\.js)/g)].map(([, file]) => String(file))[0],
      blocks: [...text.matchAll(/^```js\b[^\n]*\n(.*?)^```$/gms)].map(([, code]) => String(code)),
    }))
    .filter(({ heading }) =>
      ['Token exchange', 'Device codes', 'One refresh token for several APIs', 'Tenants'].includes(heading),
    );

  it('has a section for each', () => {
    expect(sections.length).toBe(4);
  });

  it.each(sections)('has code of its example as it is, and no other: $heading', ({ example: file, blocks }) => {
    expect(blocks.length).toBeGreaterThanOrEqual(1);
    const source = flat(read(String(file)));
    // `// …` stands for lines that are left out.
    for (const part of blocks.flatMap((block) => block.split(/^\s*\/\/ …$/m)).map(flat)) expect(source).toContain(part);
  });
});
