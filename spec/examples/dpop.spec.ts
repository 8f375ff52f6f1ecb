import { type Example, fetchAlone as fetch, startExample } from './example';

describe('examples/dpop', () => {
  let example: Example;
  let origin = '';

  beforeAll(async () => {
    example = await startExample('dpop', {});
    origin = `http://localhost:${example.port}`;
  }, 120_000);
  afterAll(() => example.child.kill('SIGKILL'));

  it('makes a round trip, and the access token is bound to the key of the authorization request', () => {
    expect(example.printed).toMatch(/^200 \{\n {2}"access_token": "ey[\w.-]+",\n {2}"token_type": "DPoP",/m);
    const [, announced] = /dpop_jkt=([\w-]{43})&/.exec(example.printed) ?? [];
    expect(example.printed).toContain(`The access token holds {"cnf":{"jkt":"${announced}"}}`);
  });

  it('redeems a code that no key was announced for without a proof', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const { headers } = await fetch(`${origin}/authorize?${query}`, { redirect: 'manual' });
    const answer = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'demo',
        redirect_uri: `${origin}/callback`,
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
        code: new URL(String(headers.get('location'))).searchParams.get('code') ?? '',
      }),
    });
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer' });
  });

  it.each(['dpop_jkt=', 'dpop_jkt=short', 'dpop_jkt=a&dpop_jkt=b'])('refuses at /authorize %s', async (wrong) => {
    const query = `client_id=demo&redirect_uri=${origin}/callback&response_type=code&code_challenge=x&code_challenge_method=S256`;
    const { headers } = await fetch(`${origin}/authorize?${query}&${wrong}`, { redirect: 'manual' });
    expect(headers.get('location')).toBe(`${origin}/callback?error=invalid_request`);
  });
});
