import { goodForm } from '../support/endpoint';
import { createIssuerEndpoint, readToken } from '../support/issuer';

const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) };

describe('Claims that the host cannot give are found before anything is spent', () => {
  it.each<[string, () => never]>([
    [
      'because it throws',
      () => {
        throw new TypeError('Cannot read properties of undefined');
      },
    ],
    ['because it rejects', () => Promise.reject(new Error('the database is gone')) as never],
    ['because they are a list', () => ['urn:host:a'] as never],
    ['because they are too long', () => ({ 'urn:host:pad': 'x'.repeat(102_400) }) as never],
  ])('%s: the next try brings tokens', async (_why, claims) => {
    let isBroken = true;
    const endpoint = createIssuerEndpoint({ issuer: { claims: () => (isBroken ? claims() : { 'urn:host:a': 1 }) } });
    expect((await endpoint.post()).status).toBe(500);
    expect(endpoint.outcomes.at(-1)?.reason).toBe('issue_tokens_failed');
    isBroken = false;
    const { status, body } = await endpoint.post();
    expect([status, readToken(body.access_token).claims['urn:host:a']]).toEqual([200, 1]);
    isBroken = true;
    expect((await endpoint.refresh(body.refresh_token)).status).toBe(500);
    isBroken = false;
    expect((await endpoint.refresh(body.refresh_token)).status).toBe(200);
  });

  it('where only those of the ID token are wrong', async () => {
    let isBroken = true;
    const claims = (_exchange: unknown, token: string) => (isBroken && token === 'id_token' ? ([] as never) : {});
    const endpoint = createIssuerEndpoint({ issuer: { claims } });
    expect((await endpoint.post()).status).toBe(500);
    isBroken = false;
    expect((await endpoint.post()).status).toBe(200);
  });
});

describe('Claims are asked for', () => {
  const createSeeing = (router = {}) => {
    const seen: unknown[] = [];
    const refused: unknown[] = [];
    const endpoint = createIssuerEndpoint({
      router,
      issuer: {
        claims({ confirmation }, token) {
          seen.push([token, confirmation?.jkt]);
          return { 'urn:host:key': confirmation?.jkt ?? null, roles: ['admin'] };
        },
        onClaimRefused: ({ claim, token }) => refused.push([claim, token]),
      },
    });
    return { endpoint, seen, refused };
  };
  const REFUSED = [
    ['roles', 'access_token'],
    ['roles', 'id_token'],
  ];

  it('once a token, before anything is spent', async () => {
    const { endpoint, seen, refused } = createSeeing();
    const { body } = await endpoint.post();
    expect(seen).toEqual([
      ['access_token', undefined],
      ['id_token', undefined],
    ]);
    expect([refused, readToken(body.id_token).claims['urn:host:key']]).toEqual([REFUSED, null]);
  });

  it('once more with the key that a proof has verified; what is left out is reported once', async () => {
    const { endpoint, seen, refused } = createSeeing(DPOP);
    const { body } = await endpoint.post(goodForm()).set('DPoP', 'a.proof.here');
    expect(seen.slice(2)).toEqual([
      ['access_token', 'a key'],
      ['id_token', 'a key'],
    ]);
    expect([refused, readToken(body.access_token).claims['urn:host:key']]).toEqual([REFUSED, 'a key']);
  });

  it('of the access token alone where there is no ID token', async () => {
    const { endpoint, seen } = createSeeing();
    await endpoint.refreshTokens.saveRefreshToken('old', {
      clientId: 'spa',
      userId: 'user 1',
      audience: 'https://api.example/',
      scope: 'read:notes offline_access',
      grantId: 'grant 1',
      grantExpiresAt: new Date(Date.now() + 60_000),
      expiresAt: new Date(Date.now() + 30_000),
      dpopJkt: null,
    });
    expect((await endpoint.refresh('old')).status).toBe(200);
    expect(seen).toEqual([['access_token', undefined]]);
  });
});
