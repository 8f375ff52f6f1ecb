import { codeRecordOf } from '../../lib/authorize';
import { memoryCodes } from '../../lib/stores/memory';
import { CALLBACK, CODE_CHALLENGE, JKT, parseGood } from './support';

const authTime = new Date('2026-01-02T03:04:05.678Z');

describe('codeRecordOf', () => {
  it('has every field of the request, and the fields that the host adds', async () => {
    const request = await parseGood({
      nonce: 'a nonce',
      dpop_jkt: JKT,
      resource: 'https://api.example/',
      audience: 'https://api.example/',
    });
    const before = Date.now();
    const { expiresAt, ...record } = codeRecordOf(request, {
      userId: 'ann',
      authTime,
      acr: 'gold',
      amr: ['pwd'],
      tenant: 7,
    });
    expect(record).toEqual({
      clientId: 'spa',
      redirectUri: CALLBACK,
      codeChallenge: CODE_CHALLENGE,
      codeChallengeMethod: 'S256',
      dpopJkt: JKT,
      nonce: 'a nonce',
      scope: 'openid profile',
      audience: 'https://api.example/',
      resources: ['https://api.example/'],
      userId: 'ann',
      authTime,
      acr: 'gold',
      amr: ['pwd'],
      tenant: 7,
    });
    expect(expiresAt.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('has null, or an empty list, for absent values: no field is missing', async () => {
    const request = await parseGood(
      { scope: undefined, redirect_uri: undefined },
      { client: { clientId: 'spa', redirectUris: [CALLBACK] } },
    );
    const { expiresAt: _, ...record } = codeRecordOf(request, { userId: 'ann' });
    expect(record).toEqual({
      clientId: 'spa',
      redirectUri: null,
      codeChallenge: CODE_CHALLENGE,
      codeChallengeMethod: 'S256',
      dpopJkt: null,
      nonce: null,
      scope: null,
      audience: null,
      resources: [],
      userId: 'ann',
      authTime: null,
      acr: null,
      amr: null,
    });
  });

  it('lets the host grant other values, null included; undefined means the requested value', async () => {
    const request = await parseGood({ resource: 'urn:a', audience: 'b' });
    const granted = { userId: 'ann', scope: 'openid', audience: null, resources: null };
    expect(codeRecordOf(request, granted)).toMatchObject(granted);
    expect(
      codeRecordOf(request, { userId: 'ann', scope: undefined, audience: undefined, resources: undefined }),
    ).toMatchObject({
      scope: 'openid profile',
      audience: 'b',
      resources: ['urn:a'],
    });
  });

  it('is saved by a store as it is, also from a request that was kept as JSON', async () => {
    const request = JSON.parse(JSON.stringify(await parseGood({ nonce: 'a nonce' })));
    const record = codeRecordOf(request, { userId: 'ann', authTime });
    const { saveCode, findCode } = memoryCodes<typeof record>();
    await saveCode('a code', record);
    expect(await findCode('a code')).toEqual({ ...record, grantId: expect.any(String), spentAt: null, spentBy: null });
  });

  it.each([1, 600])('expires after %d seconds if you set lifetime', async (lifetime) => {
    const { expiresAt } = codeRecordOf(await parseGood(), { userId: 'ann' }, { lifetime });
    expect(Math.abs(expiresAt.getTime() - Date.now() - lifetime * 1000)).toBeLessThan(800);
  });

  it.each<[object, object, string]>([
    [{}, {}, 'codeRecordOf: userId is undefined. Write the id of the user, a string'],
    [{ userId: 7 }, {}, 'userId is 7'],
    [{ userId: '' }, {}, "userId is ''"],
    [{ userId: 'ann', authTime: '2026-01-02' }, {}, "authTime is '2026-01-02'. Write a Date"],
    [{ userId: 'ann', authTime: new Date(Number.NaN) }, {}, 'authTime is Invalid Date'],
    [{ userId: 'ann', acr: 1 }, {}, 'acr is 1. Write a string'],
    [{ userId: 'ann', amr: 'pwd' }, {}, "amr is 'pwd'. Write an array such as ['pwd']"],
    [{ userId: 'ann', scope: ['openid'] }, {}, "scope is [ 'openid' ]. Write scopes with one space between them"],
    [{ userId: 'ann', scope: '' }, {}, "scope is ''"],
    [{ userId: 'ann', audience: '' }, {}, "audience is ''"],
    [{ userId: 'ann', resources: 'urn:a' }, {}, "resources is 'urn:a'. Write an array of URIs"],
    [{ userId: 'ann', clientId: 'other' }, {}, 'codeRecordOf: clientId comes from the request. Leave it out'],
    [{ userId: 'ann', redirectUri: null }, {}, 'redirectUri comes from the request'],
    [{ userId: 'ann', codeChallenge: 'x' }, {}, 'codeChallenge comes from the request'],
    [{ userId: 'ann', codeChallengeMethod: 'plain' }, {}, 'codeChallengeMethod comes from the request'],
    [{ userId: 'ann', dpopJkt: null }, {}, 'dpopJkt comes from the request'],
    [{ userId: 'ann', nonce: null }, {}, 'nonce comes from the request'],
    [{ userId: 'ann', expiresAt: new Date() }, {}, 'expiresAt comes from the request'],
    [{ userId: 'ann' }, { lifetime: 0 }, 'codeRecordOf: lifetime is 0. Write a whole number of seconds from 1 to 600'],
    [{ userId: 'ann' }, { lifetime: 601 }, 'lifetime is 601'],
    [{ userId: 'ann' }, { lifetime: 1.5 }, 'lifetime is 1.5'],
    [{ userId: 'ann' }, { lifetime: '60' }, "lifetime is '60'"],
    [{ userId: 'ann' }, { lifeTime: 60 }, 'codeRecordOf: there is no option lifeTime. Write lifetime'],
    [{ userId: 'ann' }, { ttl: 60 }, 'there is no option ttl. The options are lifetime'],
    [
      { userId: 7, acr: 1 },
      {},
      'userId is 7. Write the id of the user, a string: it becomes the sub of the tokens; acr is 1',
    ],
  ])('throws a TypeError that names the mistake: %j, %j', async (granted, options, message) => {
    const request = await parseGood();
    const call = () => codeRecordOf(request, granted as never, options);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it.each([
    ['userId', 'Write the id of the user, a string: it becomes the sub of the tokens'],
    ['authTime', 'Write a Date, as new Date(req.session.signedInAt) makes it of what a session keeps'],
    ['acr', 'Write a string, or leave it out'],
    ['amr', "Write an array such as ['pwd'], or leave it out"],
    ['scope', 'Write scopes with one space between them, null for none'],
    ['audience', 'Write the identifier of the API, or null'],
    ['resources', 'Write an array of URIs, or null'],
  ])('says what to write for a %s of another type', async (name, hint) => {
    const request = await parseGood();
    const call = () => codeRecordOf(request, { userId: 'ann', [name]: 7 });
    expect(call).toThrow(new TypeError(`codeRecordOf: ${name} is 7. ${hint}`));
  });

  it('requires authTime if the request has a max_age', async () => {
    const request = await parseGood({ max_age: '0' });
    expect(() => codeRecordOf(request, { userId: 'ann' })).toThrow(
      'codeRecordOf: authTime is missing, but the request has a max_age. Write when the user signed in',
    );
    expect(() => codeRecordOf(request, { userId: 'ann', authTime: null })).toThrow(TypeError);
    expect(codeRecordOf(request, { userId: 'ann', authTime })).toMatchObject({ authTime });
  });

  it('refuses a request with a lost field, which could switch off a check', async () => {
    const request = await parseGood();
    for (const name of [
      'clientId',
      'redirectUri',
      'codeChallenge',
      'codeChallengeMethod',
      'dpopJkt',
      'nonce',
      'scope',
      'audience',
      'resources',
    ]) {
      const call = () => codeRecordOf({ ...request, [name]: undefined }, { userId: 'ann' });
      expect(call).toThrow(
        `codeRecordOf: the request: ${name} is undefined. Pass the request of a result of the kind request`,
      );
    }
    expect(() => codeRecordOf({ ...request, codeChallengeMethod: 'plain' } as never, { userId: 'ann' })).toThrow(
      TypeError,
    );
    expect(() => codeRecordOf(undefined as never, { userId: 'ann' })).toThrow(TypeError);
  });
});
