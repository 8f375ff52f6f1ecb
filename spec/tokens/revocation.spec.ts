import {
  codeExchange,
  createIssuerEndpoint,
  goodOptions,
  type IssuerOptions,
  issueFor,
  refreshExchange,
  refusalOf,
} from '../support/issuer';

describe('isRevoked', () => {
  it('is asked before anything is saved, and last of all once more, with the exchange and the request', async () => {
    const seen: unknown[] = [];
    const isRevoked: IssuerOptions['isRevoked'] = (exchange, req) => {
      seen.push('isRevoked', exchange.code?.userId, req.method);
      return false;
    };
    const saveRefreshToken = async () => void seen.push('saveRefreshToken');
    await issueFor(codeExchange(), { isRevoked, saveRefreshToken });
    const asked = ['isRevoked', 'user 1', 'POST'];
    expect(seen).toEqual([...asked, 'saveRefreshToken', ...asked]);
  });

  it.each([
    ['a code', codeExchange()],
    ['a refresh token', refreshExchange()],
  ])('that is true refuses %s, and no token leaves', async (_what, exchange) => {
    expect(await refusalOf(exchange, { isRevoked: () => true })).toMatchObject({
      error: 'invalid_grant',
      error_description: 'The grant was revoked',
      reason: 'grant_revoked',
    });
  });

  it('that is true over HTTP: no token leaves', async () => {
    const endpoint = createIssuerEndpoint({ issuer: { isRevoked: () => true } });
    const { status, body } = await endpoint.post();
    expect([status, body, endpoint.outcomes.at(-1)?.reason]).toEqual([
      400,
      { error: 'invalid_grant', error_description: 'The grant was revoked' },
      'grant_revoked',
    ]);
  });

  it('that turns true while the tokens are made lets none leave', async () => {
    let isRevoked = false;
    const saveRefreshToken = () => {
      isRevoked = true;
    };
    await expect(issueFor(codeExchange(), { isRevoked: () => isRevoked, saveRefreshToken })).rejects.toMatchObject({
      reason: 'grant_revoked',
    });
  });

  it.each([
    ['a code', codeExchange({ grantId: 'an imported one' })],
    ['a refresh token', refreshExchange({ grantId: 'an imported one' })],
  ])("that is 'unknown' for %s is a fault with a reason of its own", async (_what, exchange) => {
    const refusal = await refusalOf(exchange, { isRevoked: () => 'unknown' });
    expect(refusal).toMatchObject({
      error: 'server_error',
      reason: 'grant_unknown',
      cause: {
        message:
          "isRevoked does not know the grant 'an imported one'. Save codes and refresh tokens in the store that " +
          'isRevoked asks, and keep grants for as long as their tokens live',
      },
    });
    expect(String(refusal)).not.toContain('imported');
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [0, '0'],
    ['false', "'false'"],
    [[], 'an empty array'],
  ])('that is %j is a fault', async (answer, received) => {
    expect(await refusalOf(codeExchange(), { isRevoked: () => answer as never })).toEqual(
      new TypeError(`isRevoked returned ${received}. Return true, false or 'unknown'`),
    );
  });

  it('is not needed', async () => {
    expect(goodOptions().isRevoked).toBe(undefined);
    expect(await issueFor(codeExchange())).toHaveProperty('access_token');
  });
});
