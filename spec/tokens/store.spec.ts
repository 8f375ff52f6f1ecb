import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer, type GrantStore } from '../../lib/tokens';
import {
  bareRequest,
  codeExchange,
  goodApi,
  goodOptions,
  type HostCode,
  type IssuerOptions,
  readToken,
  refreshExchange,
} from '../support/issuer';

type Fake = { [Name in keyof GrantStore<HostCode>]: jest.Mock };

/** A store that knows every grant, and an issuer that has it. */
function createStored(store: Partial<Fake> = {}, issuer: Partial<IssuerOptions> = {}) {
  const fake: Fake = {
    saveCode: jest.fn(),
    saveRefreshToken: jest.fn(() => ({ isRevoked: false })),
    extendRefreshToken: jest.fn(),
    findGrant: jest.fn(() => ({ isRevoked: false })),
    keepGrantsFor: jest.fn(),
    ...store,
  };
  const { saveRefreshToken: _own, ...options } = goodOptions();
  const { issueTokens } = createTokenIssuer<HostCode>({ ...options, store: fake, ...issuer });
  /** Looks and issues, as the endpoint does. */
  const issue = async (exchange = codeExchange(), req = bareRequest()) => {
    await issueTokens.check(exchange, req);
    return issueTokens(exchange, req);
  };
  return { fake, issueTokens, issue };
}

describe('A store of the issuer', () => {
  it('is asked for the grant of the record, with the request, before the tokens are made', async () => {
    const { fake, issue } = createStored();
    const req = bareRequest();
    await issue(codeExchange({ grantId: 'its grant' }), req);
    expect(fake.findGrant.mock.calls).toEqual([['its grant', req]]);
  });

  it.each([
    ['a code', codeExchange()],
    ['a refresh token', refreshExchange()],
  ])('that has the grant of %s as revoked lets no tokens leave', async (_what, exchange) => {
    const { issueTokens } = createStored({ findGrant: jest.fn(() => ({ isRevoked: true })) });
    const refusal = { error: 'invalid_grant', reason: 'grant_revoked' };
    await expect(issueTokens.check(exchange, bareRequest())).rejects.toMatchObject(refusal);
  });

  it('that does not know the grant is not the one that the code came from: a fault', async () => {
    const { issueTokens } = createStored({ findGrant: jest.fn(() => null) });
    await expect(issueTokens.check(codeExchange(), bareRequest())).rejects.toMatchObject({ reason: 'grant_unknown' });
  });

  it('that answers with another word than true or false is a fault', async () => {
    const { issueTokens } = createStored({ findGrant: jest.fn(() => ({ isRevoked: 0 })) });
    await expect(issueTokens.check(codeExchange(), bareRequest())).rejects.toEqual(
      new TypeError("isRevoked returned 0. Return true, false or 'unknown'"),
    );
  });

  it('is not asked about a record without a grantId, also where no token is saved: a fault', async () => {
    const { fake, issueTokens } = createStored();
    const exchange = codeExchange({ grantId: undefined, scope: 'read:notes' });
    await expect(issueTokens.check(exchange, bareRequest())).rejects.toEqual(
      new TypeError(
        'The record of the exchange cannot be issued from: grantId is missing. ' +
          'Write a string: tokens that are saved are revoked by it',
      ),
    );
    expect(fake.findGrant).not.toHaveBeenCalled();
  });

  it('is told once how long grants must be kept: as long as its longest token, and a minute more', () => {
    const api = goodApi();
    const rows: [Partial<IssuerOptions>, number][] = [
      [{ apis: [{ ...api, lifetime: 600 }], idTokenLifetime: 3600 }, 3_660_000],
      [{ apis: [{ ...api, lifetime: 7200 }], idTokenLifetime: 3600 }, 7_260_000],
      [{ apis: [api, { ...api, identifier: 'urn:other', lifetime: 9000 }] }, 9_060_000],
    ];
    for (const [issuer, milliseconds] of rows) {
      expect(createStored({}, issuer).fake.keepGrantsFor.mock.calls).toEqual([[milliseconds]]);
    }
  });

  it('finds the grant of an access token by the end of its jti', async () => {
    const { issue } = createStored();
    const { access_token } = await issue(codeExchange({ grantId: 'its grant' }));
    expect(readToken(access_token).claims.jti).toMatch(/^[0-9a-f-]{36}\.its grant$/);
  });
});

describe('A refresh token that a store saves', () => {
  it('is looked at before anything is spent, by the check of the store', async () => {
    const thrown = new TypeError('a column is missing');
    const check = jest.fn(() => {
      throw thrown;
    });
    const { fake, issueTokens } = createStored({ saveRefreshToken: Object.assign(jest.fn(), { check }) });
    await expect(issueTokens.check(codeExchange(), bareRequest())).rejects.toBe(thrown);
    expect(check.mock.calls).toEqual([[expect.objectContaining({ grantId: 'grant 1', spentAt: null })]]);
    await expect(issueTokens.check(codeExchange({ scope: 'read:notes' }), bareRequest())).resolves.toBe(undefined);
    expect([check.mock.calls.length, fake.saveRefreshToken.mock.calls.length]).toEqual([1, 0]);
  });

  it('does not leave where its grant was revoked in that moment', async () => {
    const { issue } = createStored({ saveRefreshToken: jest.fn(() => ({ isRevoked: true })) });
    await expect(issue()).rejects.toMatchObject({ error: 'invalid_grant', reason: 'grant_revoked' });
  });

  it.each([[undefined], [null], [{}], [{ isRevoked: 0 }], [{ isRevoked: 'false' }], [false]])(
    'does not leave before the grant was looked at again, where saving returns %j',
    async (saved) => {
      const answers = [{ isRevoked: false }, { isRevoked: true }];
      const { issue } = createStored({
        saveRefreshToken: jest.fn(() => saved),
        findGrant: jest.fn(() => answers.shift()),
      });
      await expect(issue()).rejects.toMatchObject({ reason: 'grant_revoked' });
      expect(answers).toEqual([]);
    },
  );

  it('of a host that has no store does not leave unseen, whatever saving returns', async () => {
    const answers = [false, true];
    const { issueTokens } = createTokenIssuer({
      ...goodOptions(),
      saveRefreshToken: () => ({ isRevoked: false }),
      isRevoked: () => answers.shift() as boolean,
    });
    const [exchange, req] = [codeExchange(), bareRequest()];
    await issueTokens.check(exchange, req);
    await expect(issueTokens(exchange, req)).rejects.toMatchObject({ reason: 'grant_revoked' });
  });

  it('is one for a code, also where a host says with it that nothing is rotated', async () => {
    const { fake, issue } = createStored();
    expect((await issue(codeExchange({}, { isRotated: false }))).refresh_token).toMatch(/^[\w-]{43}$/);
    expect(fake.extendRefreshToken).not.toHaveBeenCalled();
  });

  it('names the one that it replaces, so that the store counts generations', async () => {
    const { fake, issue } = createStored();
    await issue(refreshExchange({ tokenId: 'the old one' }));
    await issue(refreshExchange());
    await issue(codeExchange({ tokenId: 'of the host' }));
    const saved = fake.saveRefreshToken.mock.calls.map(([, record]) => record);
    expect(saved).toMatchObject([{ tokenId: 'the old one' }, {}, {}]);
    for (const record of saved.slice(1)) expect(record).not.toHaveProperty('tokenId');
  });

  it.each(['spentAt', 'spentBy', 'isRepeatable', 'repeatedAs'])(
    'has nothing of what the store found of the one before: %s',
    async (field) => {
      const { fake, issue } = createStored();
      await issue(refreshExchange({ [field]: 'found' }));
      const [[, record] = []] = fake.saveRefreshToken.mock.calls;
      expect(record[field]).toBe(field === 'spentAt' ? null : undefined);
      expect(Object.keys(record).includes(field)).toBe(field === 'spentAt');
    },
  );
});

describe('A refresh token that is kept', () => {
  const NOW = 1_800_000_000_000;
  const kept = (record: object = {}) =>
    refreshExchange(
      { tokenId: 'the kept one', grantExpiresAt: new Date(NOW + 60_000), ...record },
      { isRotated: false },
    );

  beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOW));
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['its idle lifetime from now', { refreshTokenIdleLifetime: 30 }, 30_000],
    ['the end of its grant where that is earlier', { refreshTokenIdleLifetime: 90 }, 60_000],
  ])('lives on for %s, and no other is saved or sent', async (_what, issuer, milliseconds) => {
    const { fake, issue } = createStored({}, issuer);
    const req = bareRequest();
    const { refresh_token, scope } = await issue(kept(), req);
    expect([refresh_token, scope]).toEqual([undefined, 'openid read:notes offline_access']);
    expect(fake.extendRefreshToken.mock.calls).toEqual([
      [expect.objectContaining({ tokenId: 'the kept one' }), new Date(NOW + milliseconds), req],
    ]);
    expect(fake.saveRefreshToken).not.toHaveBeenCalled();
  });

  it('is no reason to look at a record that is not saved', async () => {
    const check = jest.fn();
    const { issue } = createStored({ saveRefreshToken: Object.assign(jest.fn(), { check }) });
    await issue(kept());
    expect(check).not.toHaveBeenCalled();
  });

  it('brings no tokens where its grant was revoked while they were made', async () => {
    const answers = [{ isRevoked: false }, { isRevoked: true }];
    const { issue } = createStored({ findGrant: jest.fn(() => answers.shift()) });
    await expect(issue(kept())).rejects.toMatchObject({ reason: 'grant_revoked' });
  });

  it('is not extended where the host has no store: its own adapters do that', async () => {
    const saveRefreshToken = jest.fn();
    const { issueTokens } = createTokenIssuer({ ...goodOptions(), saveRefreshToken });
    expect(await issueTokens(kept(), bareRequest())).toMatchObject({ refresh_token: undefined });
    expect(saveRefreshToken).not.toHaveBeenCalled();
  });

  it('is replaced where the host does not say that it is kept', async () => {
    const { fake, issue } = createStored();
    const exchange = refreshExchange({ grantExpiresAt: new Date(NOW + 60_000) }, { isRotated: undefined });
    expect((await issue(exchange)).refresh_token).toMatch(/^[\w-]{43}$/);
    expect(fake.extendRefreshToken).not.toHaveBeenCalled();
  });
});

it('A ready store has all that the issuer needs', () => {
  const { saveRefreshToken: _own, ...options } = goodOptions();
  expect(createTokenIssuer<HostCode>({ ...options, store: memoryStore<HostCode>() })).toHaveProperty('issueTokens');
});
