import type { RefreshExchange } from '../../lib';
import { createIssuerEndpoint } from '../support/issuer';
import { createRefreshEndpoint, type LiveToken } from '../support/refresh';
import { expectRefusal } from '../support/refusals';

type Options = NonNullable<Parameters<typeof createRefreshEndpoint>[0]>;
type Refresh = NonNullable<Options['refresh']>;

const KEPT = ['findRefreshToken', 'issueTokens'];
const ROTATED = ['findRefreshToken', 'consumeRefreshToken', 'issueTokens'];

/** An endpoint, and the exchanges that issueTokens got to see. */
function createRotatingEndpoint(refresh: Refresh, token: Partial<LiveToken> = {}, options: Options = {}) {
  const exchanges: RefreshExchange<LiveToken>[] = [];
  const endpoint = createRefreshEndpoint({
    ...options,
    token,
    refresh,
    async issueTokens(exchange) {
      exchanges.push(exchange as RefreshExchange<LiveToken>);
      endpoint.calls.push('issueTokens');
      return { access_token: 'an access token', expires_in: 60 };
    },
  });
  return { ...endpoint, exchanges };
}
type Endpoint = ReturnType<typeof createRotatingEndpoint>;

const refusals = (answer: Parameters<typeof expectRefusal>[0], endpoint: Endpoint, error: string, reason: string) =>
  expectRefusal(answer, endpoint as never, { status: error === 'server_error' ? 500 : 400, error, reason });

describe('A refresh token that rotates says is kept', () => {
  it('brings tokens as often as it comes, is never spent, and issueTokens is told', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => false });
    for (const _ of [1, 2, 3]) {
      const answer = await endpoint.post();
      expect([answer.status, Object.keys(answer.body)]).toEqual([200, ['access_token', 'token_type', 'expires_in']]);
    }
    expect(endpoint.calls).toEqual([...KEPT, ...KEPT, ...KEPT]);
    expect(endpoint.reasons()).toEqual(Array(3).fill('refresh_token_kept'));
    expect(endpoint.exchanges.map(({ isRotated }) => isRotated)).toEqual([false, false, false]);
  });

  it('is chosen by its record and by its client', async () => {
    const seen: unknown[] = [];
    const endpoint = createRotatingEndpoint({
      async rotates(refreshToken, client) {
        seen.push(refreshToken, client);
        return false;
      },
    });
    await endpoint.post();
    expect(seen).toEqual([endpoint.live, { clientId: 'spa' }]);
  });

  it('is refused once its end has come', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => false }, { expiresAt: new Date(0) });
    refusals(await endpoint.post(), endpoint, 'invalid_grant', 'refresh_token_expired');
    expect(endpoint.calls).toEqual(['findRefreshToken']);
  });

  it('is refused to another client', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => false }, { clientId: 'other' });
    refusals(await endpoint.post(), endpoint, 'invalid_grant', 'refresh_token_of_another_client');
  });

  it('is refused without the key that it is bound to', async () => {
    const endpoint = createRotatingEndpoint(
      { rotates: () => false },
      { dpopJkt: 'key' },
      { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async ({ proof }) => ({ jkt: proof }) },
    );
    refusals(await endpoint.post(), endpoint, 'invalid_dpop_proof', 'dpop_proof_missing');
    refusals(await endpoint.post().set('DPoP', 'another'), endpoint, 'invalid_grant', 'dpop_key_mismatch');
    expect((await endpoint.post().set('DPoP', 'key')).body.token_type).toBe('DPoP');
  });

  it('ends its family all the same where it was spent before', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => false }, { spentAt: new Date(0) });
    refusals(await endpoint.post(), endpoint, 'invalid_grant', 'refresh_token_reused');
    expect(endpoint.calls).toEqual(['findRefreshToken', 'consumeRefreshToken', 'revokeTokens']);
  });

  it('is a fault where its record does not tell whether it was spent', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => false }, { spentAt: undefined as never });
    refusals(await endpoint.post(), endpoint, 'server_error', 'refresh_token_malformed');
  });
});

describe('A refresh token rotates', () => {
  it.each<[string, Refresh['rotates']]>([
    ['where there is no rotates', undefined],
    ['where rotates says true', () => true],
    ...[undefined, null, 0, ''].map((said): [string, Refresh['rotates']] => [
      `where rotates says ${JSON.stringify(said)}, which is no false`,
      () => said as never,
    ]),
  ])('%s', async (_where, rotates) => {
    const endpoint = createRotatingEndpoint({ rotates });
    expect((await endpoint.post()).status).toBe(200);
    expect([endpoint.calls, endpoint.reasons()]).toEqual([ROTATED, ['refresh_token_redeemed']]);
    expect(endpoint.exchanges).toMatchObject([{ isRotated: true }]);
  });
});

describe('Where rotates fails', () => {
  it('the token is as it was, and the fault is reported', async () => {
    let calls = 0;
    const endpoint = createRotatingEndpoint({
      async rotates() {
        calls += 1;
        if (calls === 1) throw new Error('database gone');
        return true;
      },
    });
    refusals(await endpoint.post(), endpoint, 'server_error', 'rotates_failed');
    expect(endpoint.outcomes.at(-1)?.fault).toEqual(new Error('database gone'));
    expect((await endpoint.post()).status).toBe(200);
  });

  it('to answer in time the client may come again', async () => {
    const endpoint = createRotatingEndpoint({ rotates: () => new Promise(() => {}) }, {}, { adapterTimeout: 30 });
    const answer = await endpoint.post();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect([endpoint.reasons(), endpoint.calls]).toEqual([['adapter_timeout'], ['findRefreshToken']]);
  });
});

describe('The issuer', () => {
  it('issues no refresh token for one that is kept', async () => {
    const endpoint = createIssuerEndpoint({ rotates: () => false });
    const { refresh_token } = (await endpoint.post()).body;
    for (const _ of [1, 2]) {
      const { status, body } = await endpoint.refresh(refresh_token);
      expect([status, body.scope, Object.hasOwn(body, 'refresh_token')]).toEqual([
        200,
        'openid read:notes offline_access',
        false,
      ]);
    }
    expect(endpoint.saved).toHaveLength(1);
  });

  it('issues one where a host that makes the exchange itself leaves out whether the token is kept', async () => {
    const endpoint = createIssuerEndpoint();
    const { refresh_token } = (await endpoint.post()).body;
    const refreshToken = await endpoint.refreshTokens.findRefreshToken(refresh_token);
    if (refreshToken) await endpoint.refreshTokens.consumeRefreshToken(refreshToken);
    const exchange = { refreshToken, scope: refreshToken?.scope, client: { clientId: 'spa' }, confirmation: undefined };
    const tokens = await endpoint.issueTokens(exchange as never, {} as never);
    expect(tokens.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(endpoint.saved).toHaveLength(2);
  });
});
