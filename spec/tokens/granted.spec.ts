import type { Outcome } from '../../lib';
import {
  API,
  codeExchange,
  createIssuerEndpoint,
  goodApi,
  ISSUER,
  issueFor,
  readToken,
  refreshExchange,
  refreshRecord,
  refusalOf,
} from '../support/issuer';

const offlineOf = async (exchange: ReturnType<typeof codeExchange>, issuer: object = {}) => {
  const { refresh_token, scope } = await issueFor(exchange, issuer);
  return [refresh_token !== undefined, String(scope).includes('offline_access')];
};
const WITHOUT_OFFLINE = { apis: [{ ...goodApi(), allowOfflineAccess: false }] };
const lastOf = (outcomes: readonly Outcome[]) => outcomes.at(-1)?.reason;

describe('A refresh token is issued for a code', () => {
  it.each<[string, object]>([
    ['of a client without grantTypes', {}],
    ['of a client whose grantTypes is null', { client: { clientId: 'spa', grantTypes: null } }],
    ['of a client that may use it', { client: { clientId: 'spa', grantTypes: ['refresh_token'] } }],
    ['at an endpoint that does not say whether it serves them', { servesRefresh: undefined }],
  ])('%s', async (_what, more) => {
    expect(await offlineOf(codeExchange({}, more))).toEqual([true, true]);
  });
});

describe('No refresh token is issued for a code, without an error, and offline_access is not granted,', () => {
  it.each<[string, object, object]>([
    ['of an API that does not allow it', {}, WITHOUT_OFFLINE],
    ['of an API that says nothing of it', {}, { apis: [{ ...goodApi(), allowOfflineAccess: undefined }] }],
    ['of a client whose grantTypes lack it', { client: { clientId: 'spa', grantTypes: ['authorization_code'] } }, {}],
    ['of a client without any grant type', { client: { clientId: 'spa', grantTypes: [] } }, {}],
    ['at an endpoint that does not serve them', { servesRefresh: false }, {}],
  ])('%s', async (_what, more, issuer) => {
    const saveRefreshToken = jest.fn();
    expect(await offlineOf(codeExchange({}, more), { ...issuer, saveRefreshToken })).toEqual([false, false]);
    expect(saveRefreshToken).not.toHaveBeenCalled();
  });

  it('at a router without refresh, over HTTP', async () => {
    const endpoint = createIssuerEndpoint({ servesRefresh: false });
    const { status, body } = await endpoint.post();
    expect([status, body.refresh_token, body.scope, endpoint.saved]).toEqual([200, undefined, 'openid read:notes', []]);
  });

  it('whose scope has no offline_access', async () => {
    expect(await offlineOf(codeExchange({ scope: 'openid' }))).toEqual([false, false]);
  });
});

describe('A refresh token whose grant is offline no more', () => {
  it.each<[string, object, object, string]>([
    ['since its API does not allow it', {}, WITHOUT_OFFLINE, 'offline_access_withdrawn'],
    ['since its scope has no offline_access', { scope: 'openid read:notes' }, {}, 'offline_access_withdrawn'],
    ['since it has no scope', { scope: null }, {}, 'offline_access_withdrawn'],
    ['since its API is gone', { audience: 'https://gone.example/' }, {}, 'api_unknown'],
  ])('is refused in words at which clients end the login: %s', async (_what, record, issuer, reason) => {
    for (const isRotated of [true, false, undefined]) {
      expect(await refusalOf(refreshExchange(record, { isRotated }), issuer)).toMatchObject({
        error: 'invalid_grant',
        error_description: 'Unknown or invalid refresh token',
        reason,
      });
    }
  });

  it('is refused over HTTP', async () => {
    const endpoint = createIssuerEndpoint({ issuer: WITHOUT_OFFLINE });
    await endpoint.refreshTokens.saveRefreshToken('old', refreshRecord());
    const { status, body } = await endpoint.refresh('old');
    expect([status, body.error, lastOf(endpoint.outcomes)]).toEqual([400, 'invalid_grant', 'offline_access_withdrawn']);
  });

  it('goes on at an endpoint that narrows the scope of the access token', async () => {
    const { scope, refresh_token } = await issueFor(refreshExchange({}, { scope: 'read:notes' }));
    expect([scope, typeof refresh_token]).toEqual(['read:notes', 'string']);
  });
});

describe('The scope', () => {
  it('of a code must be known to its API', async () => {
    expect(await refusalOf(codeExchange({ scope: 'openid delete:notes' }))).toEqual(
      new TypeError(
        `The scope delete:notes was granted, but is no scope of ${API}. Refuse it at the authorization endpoint`,
      ),
    );
  });

  it('that an API has given up is left out of a refresh, and the answer says so', async () => {
    const record = { scope: 'read:notes delete:notes offline_access' };
    expect(await issueFor(refreshExchange(record))).toMatchObject({ scope: 'read:notes offline_access' });
  });

  it('that is all a refresh asks for, and that its API has given up, is refused', async () => {
    const record = { scope: 'read:notes delete:notes offline_access' };
    expect(await refusalOf(refreshExchange(record, { scope: 'delete:notes' }))).toMatchObject({
      error: 'invalid_scope',
      error_description: 'The resource knows none of the scopes',
      reason: 'scope_not_allowed',
    });
  });

  it('of a code is what was granted, whatever comes beside it', async () => {
    expect(await issueFor(codeExchange({}, { scope: 'write:notes' }))).toMatchObject({
      scope: 'openid read:notes offline_access',
    });
  });

  it('of a refresh whose exchange a host has made without one is the whole scope', async () => {
    expect(await issueFor(refreshExchange({}, { scope: undefined }))).toMatchObject({
      scope: 'openid read:notes offline_access',
    });
  });
});

describe('The API of a login without an audience', () => {
  const other = { ...goodApi(), identifier: 'https://other.example/' };

  it.each([[null], ['']])(
    'is saved as it was resolved (%j), and stays when apis begins with another',
    async (audience) => {
      const endpoint = createIssuerEndpoint({ code: { audience } });
      const first = await endpoint.post();
      expect(endpoint.saved).toMatchObject([{ audience: API }]);

      const redeployed = createIssuerEndpoint({ issuer: { apis: [other, goodApi()] } });
      const [record] = endpoint.saved;
      await redeployed.refreshTokens.saveRefreshToken('old', Object.assign({}, record));
      const second = await redeployed.refresh('old');
      const audienceOf = ({ body }: { body: { access_token: string } }) => readToken(body.access_token).claims.aud;
      expect([audienceOf(first), audienceOf(second)]).toEqual([API, API]);
    },
  );

  it('is saved in the spelling of apis', async () => {
    const saved: unknown[] = [];
    const saveRefreshToken = (_token: string, { audience }: { audience: string | null }) => saved.push(audience);
    const { access_token } = await issueFor(codeExchange({ audience: 'HTTPS://API.example' }), { saveRefreshToken });
    expect([readToken(access_token).claims.aud, saved]).toEqual([API, [API]]);
  });

  it('of a record of before is resolved with its next refresh', async () => {
    const saved: unknown[] = [];
    const saveRefreshToken = (_token: string, { audience }: { audience: string | null }) => saved.push(audience);
    await issueFor(refreshExchange({ audience: null }), { saveRefreshToken });
    expect(saved).toEqual([API]);
  });
});

describe('An audience that is none of apis', () => {
  it.each(['https://gone.example/', `${API}v1`, 'urn:api'])('is a fault in a code: %s', async (audience) => {
    expect(await refusalOf(codeExchange({ audience }))).toEqual(
      new TypeError(
        `The record of the code cannot be issued from: audience names '${audience}', which is none of apis. ` +
          'Write the identifier of an API, and refuse any other at the authorization endpoint',
      ),
    );
  });
});

describe('An issuer that is a function', () => {
  const issuer = ({ code, refreshToken }: ReturnType<typeof codeExchange>) => {
    const { tenant } = Object(code ?? refreshToken);
    return `${ISSUER}${tenant}`;
  };

  it.each([
    ['a code', codeExchange({ tenant: 'one' })],
    ['a refresh token', refreshExchange({ tenant: 'one' })],
  ])('names the issuer of a tenant, in both tokens, by the record of %s', async (_what, exchange) => {
    const tokens = await issueFor(exchange, { issuer });
    const issuers = [tokens.access_token, String(tokens.id_token)].map((token) => readToken(token).claims.iss);
    expect(issuers).toEqual([`${ISSUER}one`, `${ISSUER}one`]);
  });

  it('never sees the request, whose Host a client can choose', async () => {
    const seen = jest.fn(() => ISSUER);
    await issueFor(codeExchange(), { issuer: seen });
    expect(seen.mock.calls.map((given: unknown[]) => given.length)).toEqual([1, 1]);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    ['auth.example', "'auth.example'"],
    [`${ISSUER}?tenant=1`, `'${ISSUER}?tenant=1'`],
    ['', "''"],
    [Promise.resolve(ISSUER), 'a Promise'],
  ])('that returns %p is a fault before anything is spent', async (url, received) => {
    expect(await refusalOf(codeExchange(), { issuer: () => url as string })).toEqual(
      new TypeError(`issuer returned ${received}. Return an http(s) URL without a query and a fragment`),
    );
  });

  it('that throws is a fault before anything is spent', async () => {
    const thrown = new Error('no tenant');
    const refusal = await refusalOf(codeExchange(), {
      issuer() {
        throw thrown;
      },
    });
    expect(refusal).toBe(thrown);
  });
});
