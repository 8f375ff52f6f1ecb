import fc from 'fast-check';
import { createTokenRouter, OAuthError } from '../../lib';
import { codeChallengeOf } from '../../lib/grants/pkce';
import { memoryCodes } from '../../lib/stores/memory';
import type { AuthorizationCode } from '../../lib/types';
import { travel } from '../dpop/support/clock';
import { CODE, CODE_VERIFIER, createEndpoint, goodForm, REDIRECT_URI } from '../support/endpoint';
import { withServer } from '../support/raw';

interface DemoCode extends AuthorizationCode {
  userId: string;
  details: { roles: string[] };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const recordThat = (different: Partial<DemoCode> = {}): DemoCode => ({
  clientId: 'spa',
  redirectUri: REDIRECT_URI,
  codeChallenge: codeChallengeOf(CODE_VERIFIER),
  codeChallengeMethod: 'S256',
  expiresAt: new Date(Date.now() + MINUTE),
  dpopJkt: null,
  scope: 'openid',
  userId: 'user 1',
  details: { roles: ['reader'] },
  ...different,
});

/** The record of a code that is there. */
async function find({ findCode }: ReturnType<typeof memoryCodes<DemoCode>>, code = CODE) {
  const found = await findCode(code);
  if (!found) throw new Error('the code is not there');
  return found;
}

async function storeWith(record = recordThat(), options = {}) {
  const store = memoryCodes<DemoCode>(options);
  await store.saveCode(CODE, record);
  return store;
}

describe('A code in memory', () => {
  it('is found with every field as it was saved, and a grantId', async () => {
    const record = recordThat();
    const { grantId, spentAt, spentBy, ...found } = await find(await storeWith(record));
    expect(found).toStrictEqual(record);
    expect([spentAt, spentBy]).toEqual([null, null]);
    expect(grantId).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is null where nobody saved it', async () => {
    const { findCode } = await storeWith();
    expect(await findCode(`${CODE} `)).toBeNull();
  });

  it('is consumed once, found or not found anew', async () => {
    const store = await storeWith();
    const [one, another] = [await find(store), await find(store)];
    expect([
      await store.consumeCode(one),
      await store.consumeCode(another),
      await store.consumeCode(await find(store)),
    ]).toEqual([true, false, false]);
  });

  it('is consumed by itself, and leaves another as it was', async () => {
    const store = await storeWith();
    await store.saveCode('another', recordThat({ userId: 'user 2' }));
    expect(await store.consumeCode(await find(store))).toBe(true);
    expect((await find(store, 'another')).userId).toBe('user 2');
    expect(await store.consumeCode(await find(store, 'another'))).toBe(true);
  });

  it('is not consumed where the store does not know it', async () => {
    const { consumeCode } = memoryCodes();
    expect(await consumeCode({ grantId: 'never saved' })).toBe(false);
  });

  it('cannot be saved again, spent or not', async () => {
    const store = await storeWith();
    const again = () => store.saveCode(CODE, recordThat({ userId: 'a thief' }));
    await expect(again()).rejects.toThrow('this code was saved before');
    expect(await store.consumeCode(await find(store))).toBe(true);
    await expect(again()).rejects.toThrow('this code was saved before');
    expect((await find(store)).userId).toBe('user 1');
    expect(await store.consumeCode(await find(store))).toBe(false);
  });

  it('shares no record with those who saved or found it', async () => {
    const record = recordThat();
    const store = await storeWith(record);
    const before = structuredClone(record);
    for (const held of [record, await find(store)]) {
      held.codeChallenge = null;
      held.expiresAt.setTime(0);
      held.details.roles.push('admin');
    }
    expect(await find(store)).toMatchObject(before);
  });

  it('leaves the records that it is given as they are', async () => {
    const record = Object.freeze(recordThat());
    const store = await storeWith(record);
    const found = Object.freeze(await find(store));
    expect(await store.consumeCode(found)).toBe(true);
    await store.revokeTokens(found);
    expect(record).not.toHaveProperty('grantId');
  });

  it.each<[string, unknown]>([
    ['no date', 'tomorrow'],
    ['a number', Date.now()],
    ['undefined', undefined],
    ['an invalid date', new Date(Number.NaN)],
  ])('is refused where its expiresAt is %s', async (_name, expiresAt) => {
    const { saveCode, findCode } = memoryCodes();
    const saving = saveCode(CODE, recordThat({ expiresAt: expiresAt as Date }));
    await expect(saving).rejects.toThrow(/^saveCode: expiresAt is .*\. Write a valid Date\.$/);
    expect(await findCode(CODE)).toBeNull();
  });

  it('is refused where its record is no plain data', async () => {
    const { saveCode } = memoryCodes<AuthorizationCode & { load: () => void }>();
    await expect(saveCode(CODE, { ...recordThat(), load: () => undefined })).rejects.toThrow(
      /^load in the record is .+\. Write plain data, a Date or a bigint\.$/,
    );
  });

  it.each<[string, string]>([
    ['a NUL', 'before\0after'],
    ['quotes', `'; DROP TABLE codes; -- " \` \\`],
    ['four kilobytes', 'x'.repeat(4096)],
    ['unicode', 'ä 漢字 👩‍👩‍👧 \u{1d11e}'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('may be any string, and so may what its record holds: %s', async (_name, text) => {
    const store = memoryCodes<DemoCode>();
    expect(await store.findCode(text)).toBeNull();
    await store.saveCode(text, recordThat({ clientId: text, redirectUri: text, scope: text, userId: text }));
    expect(await find(store, text)).toMatchObject({ clientId: text, redirectUri: text, scope: text, userId: text });
    expect([
      await store.consumeCode(await find(store, text)),
      await store.consumeCode(await find(store, text)),
    ]).toEqual([true, false]);
    expect(await store.findCode(`${text}.`)).toBeNull();
  });
});

describe('The memory that codes take', () => {
  let maps: Set<Map<unknown, unknown>>;

  beforeEach(() => {
    jest.useFakeTimers();
    maps = new Set();
    const { set } = Map.prototype;
    jest.spyOn(Map.prototype, 'set').mockImplementation(function (this: Map<unknown, unknown>, key, value) {
      maps.add(this);
      return set.call(this, key, value);
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const held = () => [...maps].reduce((sum, { size }) => sum + size, 0);

  it('holds no code that could be read', async () => {
    const store = await storeWith();
    await store.consumeCode(await find(store));
    expect(JSON.stringify([...maps].map((map) => [...map]))).not.toContain(CODE);
  });

  it('is given back by codes that nobody redeems, a minute after their end', async () => {
    const store = await storeWith(recordThat({ expiresAt: new Date(Date.now() + 5000) }));
    jest.advanceTimersByTime(5000 + MINUTE - 1);
    expect((await find(store)).userId).toBe('user 1');
    jest.advanceTimersByTime(1);
    expect(await store.findCode(CODE)).toBeNull();
    jest.advanceTimersByTime(1000);
    await store.findCode('anything');
    expect(held()).toBe(0);
  });

  it('is taken by spent codes for a day, so that a replay is seen after the end', async () => {
    const store = await storeWith(recordThat({ expiresAt: new Date(Date.now() + 5000) }));
    await store.consumeCode(await find(store));
    jest.advanceTimersByTime(DAY - 1);
    expect(await store.consumeCode(await find(store))).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await store.findCode(CODE)).toBeNull();
    jest.advanceTimersByTime(1000);
    await store.findCode('anything');
    expect(held()).toBe(0);
  });

  it('is taken by spent codes for as long as asked, and never for less than they live', async () => {
    const store = await storeWith(recordThat({ expiresAt: new Date(Date.now() + 5000) }), {
      spentLifetime: 3 * MINUTE,
    });
    await store.consumeCode(await find(store));
    jest.advanceTimersByTime(3 * MINUTE - 1);
    expect(await store.consumeCode(await find(store))).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await store.findCode(CODE)).toBeNull();

    const short = await storeWith(recordThat(), { spentLifetime: 1 });
    await short.consumeCode(await find(short));
    jest.advanceTimersByTime(MINUTE);
    expect(await short.consumeCode(await find(short))).toBe(false);
  });

  it('is taken by what is alive only, however many codes come and go', async () => {
    const store = memoryCodes<DemoCode>({ spentLifetime: 10_000 });
    let most = 0;
    for (let nth = 0; nth < 3000; nth += 1) {
      await store.saveCode(`code ${nth}`, recordThat({ expiresAt: new Date(Date.now() + 5000) }));
      if (nth % 2 === 0) await store.consumeCode(await find(store, `code ${nth}`));
      jest.advanceTimersByTime(100);
      most = Math.max(most, held());
    }
    // Ten codes a second, kept for 65 s at most, one user, and one batch a second.
    expect(most).toBeLessThanOrEqual(10 * 66 + 4 * 66);
    jest.advanceTimersByTime(2 * MINUTE);
    await store.findCode('anything');
    expect(held()).toBe(0);
  });

  it('keeps no timer', async () => {
    const store = await storeWith();
    await store.consumeCode(await find(store));
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('A grant in memory', () => {
  it('is revoked by revokeTokens, as often as it is called, and not by anything else', async () => {
    const store = await storeWith();
    const { grantId } = await find(store);
    await store.consumeCode({ grantId });
    expect(await store.isRevoked(grantId)).toBe(false);
    await store.revokeTokens({ grantId });
    await store.revokeTokens({ grantId });
    expect(await store.isRevoked(grantId)).toBe(true);
  });

  it('that was revoked before its code was spent lets nobody spend it', async () => {
    const store = await storeWith();
    await store.revokeTokens(await find(store));
    expect(await store.consumeCode(await find(store))).toBe(false);
  });

  it('that the store does not know is as good as revoked', async () => {
    const { isRevoked, revokeTokens } = memoryCodes();
    await revokeTokens({ grantId: 'never saved' });
    expect(await isRevoked('never saved')).toBe(true);
  });

  it('stays revoked forever, also after its entry was removed', async () => {
    jest.useFakeTimers();
    try {
      const store = await storeWith(recordThat(), { spentLifetime: 10 * MINUTE });
      const { grantId } = await find(store);
      await store.consumeCode({ grantId });
      jest.advanceTimersByTime(9 * MINUTE);
      await store.revokeTokens({ grantId });
      jest.advanceTimersByTime(9 * MINUTE);
      expect([(await find(store)).grantId, await store.isRevoked(grantId)]).toEqual([grantId, true]);
      jest.advanceTimersByTime(MINUTE);
      expect([await store.findCode(CODE), await store.isRevoked(grantId)]).toEqual([null, true]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('POST /oauth/token on codes in memory', () => {
  it('serves a code once; the replay is seen after the end and revokes the grant', async () => {
    const expiresAt = new Date(Date.now() + 10 * MINUTE);
    const store = await storeWith(recordThat({ expiresAt }), { strictReplay: true });
    const { findCode, consumeCode, revokeTokens, isRevoked } = store;
    const endpoint = createEndpoint({ ...({ findCode, consumeCode, revokeTokens } as object) });
    const { grantId } = await find(store);
    await endpoint.post().expect(200);
    expect(await isRevoked(grantId)).toBe(false);
    travel(11 * MINUTE);
    await endpoint.post().expect(400);
    jest.restoreAllMocks();
    expect(endpoint.reasons()).toEqual(['code_redeemed', 'code_replayed']);
    expect(await isRevoked(grantId)).toBe(true);
  });

  it('says code_expired of a code that came too late', async () => {
    const { findCode, consumeCode } = await storeWith(recordThat({ expiresAt: new Date(Date.now() - 1) }));
    const endpoint = createEndpoint({ ...({ findCode, consumeCode } as object) });
    await endpoint.post().expect(400, { error: 'invalid_grant', error_description: 'Invalid authorization code' });
    expect(endpoint.reasons()).toEqual(['code_expired']);
  });

  it('leaves no living token behind once a replay was seen, whatever order the steps come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), async (scheduler, requests) => {
        const store = await storeWith(recordThat(), { strictReplay: true });
        const later = (step: string) => scheduler.schedule(Promise.resolve(), step);
        const tokens: { grantId: string }[] = [];
        const router = createTokenRouter({
          rateLimit: false,
          async findCode(code: string) {
            await later('find');
            return await store.findCode(code);
          },
          async consumeCode(code) {
            await later('before it is spent');
            const isConsumed = await store.consumeCode(code);
            await later('the answer is on its way');
            return isConsumed;
          },
          async issueTokens({ code }) {
            await later('before the token is saved');
            tokens.push({ grantId: code.grantId });
            await later('the token is saved');
            if (await store.isRevoked(code.grantId))
              throw new OAuthError('invalid_grant', 'Invalid authorization code');
            return { access_token: 'a', expires_in: 1 };
          },
          async revokeTokens(code) {
            await later('before the grant is revoked');
            await store.revokeTokens(code);
          },
          // Taken, so that it is not written to console.error.
          onOutcome: ({ fault }) => void fault,
        });
        const { app } = createEndpoint();
        await withServer(app.use('/raced', router), async (port) => {
          const post = () =>
            fetch(`http://127.0.0.1:${port}/raced/oauth/token`, {
              method: 'POST',
              body: new URLSearchParams(goodForm()),
            });
          const answers = await scheduler.waitFor(Promise.all(Array.from({ length: requests }, post)));
          const statuses = answers.map(({ status }) => status);
          expect(statuses.filter((status) => status !== 200 && status !== 400)).toEqual([]);
          expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
        });
        expect(tokens).toHaveLength(1);
        // All tokens are of one grant.
        expect(await store.isRevoked(String(tokens[0]?.grantId))).toBe(requests > 1);
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});

describe('memoryCodes refuses', () => {
  it.each<[string, unknown]>([
    ['a lifetime of 0', { spentLifetime: 0 }],
    ['a negative lifetime', { spentLifetime: -1 }],
    ['a fraction of a millisecond', { spentLifetime: 1.5 }],
    ['a lifetime in a string', { spentLifetime: '1000' }],
    ['no end', { spentLifetime: Number.POSITIVE_INFINITY }],
    ['null for a lifetime', { spentLifetime: null }],
    ['an unknown name', { spentLifeTime: 1000 }],
    ['null', null],
    ['a number', 1000],
  ])('%s', (_name, options) => {
    expect(() => memoryCodes(options as object)).toThrow(
      /^memoryCodes: (?:spentLifetime is .+\. Write milliseconds, a whole number from 1 to 100000000000000\.|spentLifeTime does not exist\. Did you mean spentLifetime\?|options is (?:null|1000)\. Pass an object\.)$/,
    );
  });

  it('nothing that is left out', () => {
    expect(() => [memoryCodes(), memoryCodes({}), memoryCodes({ spentLifetime: undefined })]).not.toThrow();
  });
});
