import type { ClientGrant } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { type AccessTokenRecord, type ClientTokenExchange, createTokenIssuer } from '../../lib/tokens';
import { backlog } from '../../lib/tokens/signature';
import { API, bareRequest, goodApi, goodOptions, readToken } from '../support/issuer';

const exchangeFor = (clientGrant: Partial<ClientGrant> = {}, more: Partial<ClientTokenExchange> = {}) => ({
  client: { clientId: 'job' },
  clientGrant: { scope: 'read:notes', ...clientGrant },
  scope: 'read:notes',
  confirmation: undefined,
  ...more,
});

async function issue(exchange: ClientTokenExchange, options: object = {}) {
  const { issueClientTokens } = createTokenIssuer({ ...goodOptions(), ...options } as never);
  const req = bareRequest();
  await issueClientTokens.check(exchange, req);
  return issueClientTokens(exchange, req);
}

describe('issueClientTokens', () => {
  it('asks nothing about users: a client may have chosen an id that is a user’s', async () => {
    const asked = jest.fn();
    const issued = await issue(exchangeFor(), { users: asked, claims: asked, isRevoked: asked });
    expect(readToken(issued.access_token).claims).toMatchObject({ sub: 'job', client_id: 'job', aud: API });
    expect(asked).not.toHaveBeenCalled();
  });

  it('needs no store, and saves no refresh token', async () => {
    const store = memoryStore();
    const { saveRefreshToken: _save, ...options } = goodOptions();
    const { issueClientTokens } = createTokenIssuer({ ...options, store } as never);
    const scope = 'offline_access openid read:notes';
    const issued = await issueClientTokens(exchangeFor({ scope }, { scope }), bareRequest());
    expect(issued).toEqual({
      access_token: expect.any(String),
      expires_in: 600,
      refresh_token: undefined,
      id_token: undefined,
      scope: 'read:notes',
    });
    // A grant that does not exist cannot be named.
    expect(readToken(issued.access_token).claims.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('asks clientClaims with the exchange, and leaves out what may not go in', async () => {
    const onClaimRefused = jest.fn();
    const clientClaims = jest.fn(() => ({ 'https://host.example/plan': 'gold', sub: 'user 1' }));
    const exchange = exchangeFor();
    const { access_token } = await issue(exchange, { clientClaims, onClaimRefused });
    expect(readToken(access_token).claims).toMatchObject({ sub: 'job', 'https://host.example/plan': 'gold' });
    expect(clientClaims.mock.calls).toEqual([[exchange, {}]].map(([one]) => [one, expect.anything()]));
    expect(onClaimRefused.mock.calls[0][0]).toMatchObject({ claim: 'sub', token: 'access_token' });
  });

  it('knows nothing of a user, whatever the grant of the client has', async () => {
    const more = { userId: 'user 1', clientId: 'other', acr: 'gold', amr: ['pwd'], authTime: new Date(), nonce: 'n' };
    const { access_token } = await issue(exchangeFor(more as never));
    expect(Object.keys(readToken(access_token).claims).sort()).toEqual(
      ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub'].sort(),
    );
    expect(readToken(access_token).claims).toMatchObject({ sub: 'job', client_id: 'job' });
  });

  it('has every scope that the client asks for and may have, for the API that has them', async () => {
    const scope = 'read:notes write:notes';
    const apis = [{ ...goodApi(), scopes: ['read:notes', 'write:notes'] }];
    const { access_token } = await issue(exchangeFor({ scope }, { scope }), { apis });
    expect(readToken(access_token).claims).toMatchObject({ scope, aud: API });
  });

  it('refuses in check what it could not issue, before anything of the exchange is used', async () => {
    const { issueClientTokens } = createTokenIssuer(goodOptions() as never);
    const unknown = exchangeFor({ audience: 'https://unknown.example/' });
    await expect(issueClientTokens.check(unknown, bareRequest())).rejects.toThrow(TypeError);
    await expect(issueClientTokens.check(exchangeFor(), bareRequest())).resolves.toBe(undefined);
  });

  it('asks for the issuer of the tenant that the grant of the client names', async () => {
    const issuer = ({ code }: { code?: { tenant?: string } }) => `https://${code?.tenant}.example`;
    const { access_token } = await issue(exchangeFor({ tenant: 'acme' } as never), { issuer });
    expect(readToken(access_token).claims.iss).toBe('https://acme.example');
  });

  it('is for all resources of the client’s grant, where a host does not say which were asked for', async () => {
    const { access_token } = await issue(exchangeFor({ resources: [API] } as never));
    expect(readToken(access_token).claims.aud).toBe(API);
  });

  it('binds to a key', async () => {
    const { access_token } = await issue(exchangeFor({}, { confirmation: { jkt: 'a key' } }));
    expect(readToken(access_token).claims.cnf).toEqual({ jkt: 'a key' });
  });

  it('saves an opaque token under the grantId of the client’s grant', async () => {
    const saved: AccessTokenRecord[] = [];
    const apis = [{ ...goodApi(), accessToken: 'opaque', allowOfflineAccess: false }];
    const saveAccessToken = async (_token: string, record: AccessTokenRecord) => void saved.push(record);
    await issue(exchangeFor({ grantId: 'grant of job' }), { apis, saveAccessToken });
    expect(saved).toMatchObject([{ grantId: 'grant of job', claims: { sub: 'job' } }]);
    await expect(issue(exchangeFor(), { apis, saveAccessToken })).rejects.toThrow(/grantId is missing/);
  });

  it.each<[string, Partial<ClientGrant>, Partial<ClientTokenExchange>, string]>([
    [
      'an API that is none of apis',
      { audience: 'https://gone.example' },
      {},
      "What findClientGrant returned cannot be issued from: audience names 'https://gone.example', which is none of apis. " +
        'Return the identifier of an API',
    ],
    [
      'a scope that the API does not know',
      {},
      { scope: 'read:mail' },
      `The scope read:mail was granted, but is no scope of ${API}. Leave it out of what findClientGrant returns`,
    ],
  ])('reports a fault of the host: %s', async (_what, clientGrant, more, message) => {
    await expect(issue(exchangeFor(clientGrant, more))).rejects.toEqual(new TypeError(message));
  });

  it('takes its promise of a signature from the look, and gives it back', async () => {
    const promise = jest.spyOn(backlog, 'promise');
    const { issueClientTokens } = createTokenIssuer(goodOptions());
    const req = bareRequest();
    const exchange = exchangeFor();
    await issueClientTokens.check(exchange, req);
    // The endpoint makes a new object of it once it knows the key.
    await issueClientTokens({ ...exchange, confirmation: { jkt: 'a key' } }, req);
    expect(promise).toHaveBeenCalledTimes(1);
    promise.mockRestore();
  });

  it('signs with the keys as they are when it signs', async () => {
    const { issueClientTokens, rotateKeys, jwks } = createTokenIssuer(goodOptions());
    const [key] = goodOptions().keys;
    rotateKeys([{ ...key, kid: 'key 2' } as never]);
    const { access_token } = await issueClientTokens(exchangeFor(), bareRequest());
    expect(readToken(access_token).header.kid).toBe('key 2');
    expect(jwks().keys.map(({ kid }) => kid)).toEqual(['key 2']);
  });
});

it('createTokenIssuer wants a function as clientClaims', () => {
  expect(() => createTokenIssuer({ ...goodOptions(), clientClaims: {} } as never)).toThrow(
    'createTokenIssuer: clientClaims is an empty object. Write a function: (exchange, req) => an object of claims.',
  );
});
