import { createPublicKey, type JsonWebKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { countDiff, fetchAlone as fetch, startExample } from './example';

/** Runs an example, and reads the answers that it printed. */
async function withExample<T>(
  name: string,
  use: (origin: string, answers: Record<string, unknown>[]) => Promise<T>,
): Promise<T> {
  const { child, port, printed } = await startExample(name, {});
  try {
    const answers = [...printed.matchAll(/^200 (\{\n.*?\n\})/gms)].map(([, body]) => JSON.parse(String(body)));
    return await use(`http://localhost:${port}`, answers);
  } finally {
    child.kill('SIGKILL');
  }
}

const fetchJson = async <T>(url: string) => (await (await fetch(url)).json()) as T;

describe.each(['openid', 'fast'])('examples/%s', (name) => {
  it(
    'issues tokens that verify against the keys that its discovery document names',
    () =>
      withExample(name, async (origin, [answer]) => {
        const discovery = await fetchJson<Record<string, string>>(`${origin}/.well-known/openid-configuration`);
        expect([discovery.issuer, discovery.token_endpoint]).toEqual([origin, `${origin}/oauth/token`]);
        const { keys } = await fetchJson<{ keys: JsonWebKey[] }>(String(discovery.jwks_uri));
        const key = createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' });
        const verified = (token: unknown, audience: string) =>
          jwt.verify(String(token), key, { algorithms: ['RS256'], issuer: origin, audience });
        expect(verified(answer?.id_token, 'demo')).toMatchObject({
          sub: 'demo-user',
          name: 'Demo User',
          nonce: expect.any(String),
          auth_time: expect.any(Number),
          [`${origin}/plan`]: 'gold',
        });
        expect(verified(answer?.access_token, `${origin}/api`)).toMatchObject({
          client_id: 'demo',
          scope: 'openid profile read:demo',
        });
      }),
    120_000,
  );
});

describe('examples/fast', () => {
  it('is a few lines away from the OpenID example', () => {
    expect(countDiff('openid', 'fast')).toBeLessThanOrEqual(12);
  });
});

describe('examples/refresh', () => {
  it(
    'refreshes once, and again for an answer that was lost',
    () =>
      withExample('refresh', async (origin, answers) => {
        const [first, second] = answers.map(({ refresh_token }) => String(refresh_token));
        expect(first).not.toBe(second);
        const refresh = async (refresh_token: string) => {
          const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'demo', refresh_token });
          const answer = await fetch(`${origin}/oauth/token`, { method: 'POST', body });
          return { status: answer.status, body: (await answer.json()) as Record<string, string> };
        };
        // The example has spent the first one just now.
        const again = await refresh(String(first));
        expect([again.status, again.body.token_type]).toEqual([200, 'Bearer']);
        expect((await refresh(String(again.body.refresh_token))).status).toBe(200);
        expect((await refresh('unknown')).body.error).toBe('invalid_grant');
      }),
    120_000,
  );
});
