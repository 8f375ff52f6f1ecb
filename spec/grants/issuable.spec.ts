import { OAuthError } from '../../lib';
import { createEndpoint, type Options } from '../support/endpoint';
import { createRefreshEndpoint, refreshForm } from '../support/refresh';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const TOKENS = { access_token: 'an access token', expires_in: 3600 };
const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token' };

/** `issueTokens` with a look of its own. */
const issuing = (check: Options['issueTokens']['check'], calls: string[] = []): Options['issueTokens'] =>
  Object.assign(
    async () => {
      calls.push('issueTokens');
      return TOKENS;
    },
    { check },
  );

describe('issueTokens.check', () => {
  it('is called once, after the verifier and before the proof, with the exchange but for the confirmation', async () => {
    const order: string[] = [];
    const seen: unknown[] = [];
    const endpoint = createEndpoint({
      ...DPOP,
      verifyDpop: async () => {
        order.push('verifyDpop');
        return { jkt: 'a key' };
      },
      issueTokens: issuing((exchange) => {
        order.push('check');
        seen.push(exchange);
      }, order),
    });
    expect((await endpoint.post().set('DPoP', 'a.proof.here')).status).toBe(200);
    expect(order).toEqual(['check', 'verifyDpop', 'issueTokens']);
    expect(seen).toEqual([
      {
        code: endpoint.code,
        client: { clientId: 'spa' },
        confirmation: undefined,
        resources: [],
        parameters: {},
        servesRefresh: false,
        actTimeout: 5000,
      },
    ]);
  });

  it('is not called for a request that fails before it', async () => {
    const check = jest.fn();
    const endpoint = createEndpoint({ issueTokens: issuing(check) });
    await endpoint.post({ code: 'x' });
    expect(check).not.toHaveBeenCalled();
  });

  it('is called in the refresh grant with the scope that was asked for', async () => {
    const check = jest.fn();
    const endpoint = createRefreshEndpoint({ issueTokens: issuing(check) as never });
    expect((await endpoint.post({ ...refreshForm(), scope: 'openid' })).status).toBe(200);
    expect(check.mock.calls[0][0]).toMatchObject({ scope: 'openid', isRotated: true, servesRefresh: true });
  });

  it.each<[string, unknown, { status?: number; error: string; reason: string }]>([
    [
      'an OAuthError is the answer',
      new OAuthError('invalid_scope', 'The API gave that scope up', { reason: 'scope_not_allowed' }),
      { error: 'invalid_scope', reason: 'scope_not_allowed' },
    ],
    [
      'anything else is a fault',
      new Error('database gone'),
      { status: 500, error: 'server_error', reason: 'issue_tokens_failed' },
    ],
  ])('refuses before anything is spent: %s', async (_what, thrown, refusal) => {
    let isRefusing = true;
    const verifyDpop = jest.fn(async () => ({ jkt: 'a key' }));
    const endpoint = createEndpoint({
      ...DPOP,
      verifyDpop,
      issueTokens: issuing(async () => {
        if (isRefusing) throw thrown;
      }),
    });
    expectRefusal(await endpoint.post().set('DPoP', 'a.proof.here'), endpoint, refusal);
    expect([endpoint.isSpent(), verifyDpop.mock.calls]).toEqual([false, []]);
    isRefusing = false;
    expect((await endpoint.post()).status).toBe(200);
  });

  it('that hangs is 503, and leaves the code redeemable', async () => {
    let isHanging = true;
    const calls: string[] = [];
    const endpoint = createEndpoint({
      adapterTimeout: 30,
      issueTokens: issuing(() => (isHanging ? new Promise<never>(() => {}) : undefined), calls),
    });
    expectRefusal(await endpoint.post(), endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'adapter_timeout',
    });
    expect(endpoint.outcomes[0]?.fault).toMatchObject({
      message: expect.stringMatching(/^issueTokens\.check did not/),
    });
    isHanging = false;
    expect([(await endpoint.post()).status, calls]).toEqual([200, ['issueTokens']]);
  });

  it('may be left out', async () => {
    await expectRedeemable(createEndpoint());
  });
});
