import { codeStoreConformance } from '../../lib/testing';
import { createModelCodes, listBroken, type ModelParts, type Row, runSuite, turn } from './model-stores';

const broken = (breakPart?: (parts: ModelParts) => Partial<ModelParts>) =>
  listBroken((test) => codeStoreConformance(test, () => createModelCodes(breakPart)));

const ROWS: [string, (parts: ModelParts) => Partial<ModelParts>, string[]][] = [
  [
    'reads whether a code is spent and then writes it',
    ({ table }) => ({
      async spend(key) {
        const row = table.get(key);
        const wasSpent = row?.isSpent;
        await turn();
        if (!row || wasSpent) return false;
        row.isSpent = true;
        return true;
      },
    }),
    ['spends a code once for twenty callers at once', 'spends a code once for twenty callers that each found it'],
  ],
  [
    'says true whenever it has deleted nothing wrong',
    () => ({ spend: async () => true }),
    [
      'spends a code once',
      'spends a code once for twenty callers at once',
      'refuses to save a code again, or leaves it spent',
    ],
  ],
  [
    'answers with a count of rows',
    ({ spend }) => ({ spend: async (key) => Number(await spend(key)) as unknown as boolean }),
    ['spends a code once', 'spends a code once for twenty callers at once'],
  ],
  [
    'answers nothing when another was first',
    ({ spend }) => ({ spend: async (key) => ((await spend(key)) || undefined) as boolean }),
    ['spends a code once', 'spends a code once for twenty callers at once'],
  ],
  [
    'deletes a code that is spent',
    ({ table }) => ({ spend: async (key) => table.delete(key) }),
    ['spends a code once', 'still finds a spent code after it expired, with every field'],
  ],
  [
    'forgets a spent code at its end',
    ({ table }) => ({
      async select(key) {
        await turn();
        const row = table.get(key);
        return row && row.record.expiresAt.getTime() > Date.now() ? row.record : null;
      },
    }),
    ['still finds a spent code after it expired, with every field'],
  ],
  [
    'forgets a code a second before its end',
    ({ table }) => ({
      async select(key) {
        await turn();
        const row = table.get(key);
        return row && (row.isSpent || row.record.expiresAt.getTime() - 1000 > Date.now()) ? row.record : null;
      },
    }),
    ['finds a code until it expires'],
  ],
  [
    'spends a code by finding it',
    ({ table }) => ({
      async select(key) {
        await turn();
        const row = table.get(key);
        if (row) row.isSpent = true;
        return row?.record ?? null;
      },
    }),
    ['does not spend a code by finding it', 'spends a code once'],
  ],
  [
    'spends every code of the client',
    ({ table }) => ({
      async spend(key) {
        await turn();
        if (!table.has(key) || table.get(key)?.isSpent) return false;
        for (const row of table.values()) row.isSpent = true;
        return true;
      },
    }),
    ['spends one code and no other'],
  ],
  [
    'brings a spent code back to life when it is saved again',
    ({ table }) => ({
      async insert(key, record) {
        await turn();
        table.set(key, { record, isSpent: false, isRevoked: false });
      },
    }),
    ['refuses to save a code again, or leaves it spent'],
  ],
  ['files codes as they are', () => ({ keyOf: (code) => code }), ['stores no readable code']],
  [
    'files codes in base64',
    () => ({ keyOf: (code) => Buffer.from(code).toString('base64') }),
    ['stores no readable code'],
  ],
  [
    'folds letter cases',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.toLowerCase()) }),
    ['distinguishes codes that are almost the same'],
  ],
  [
    'trims codes',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.trim()) }),
    ['distinguishes codes that are almost the same'],
  ],
  ['hands its own record out', () => ({ copy: (value) => value }), ['returns copies of its records']],
  [
    'empties the scope of a record that it is given',
    () => ({
      touch(record) {
        record.scope = '';
      },
    }),
    ['does not change the records that it is given'],
  ],
  [
    'loses the challenge',
    ({ select }) => ({
      async select(key) {
        const { codeChallenge: _lost, ...rest } = (await select(key)) ?? ({} as Row['record']);
        return 'clientId' in rest ? ({ ...rest } as Row['record']) : null;
      },
    }),
    ['finds a code with every field as it was saved'],
  ],
  [
    'takes null for an empty string',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, redirectUri: record.redirectUri ?? '' };
      },
    }),
    ['keeps null, a missing field and an empty string apart'],
  ],
  [
    'takes an empty list of resources for none',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, resources: record.resources?.length ? record.resources : null };
      },
    }),
    ['keeps the resources that were granted, or none'],
  ],
  [
    'brings dates back as strings',
    ({ select }) => ({ select: async (key) => JSON.parse(JSON.stringify(await select(key))) }),
    ['finds a code with every field as it was saved', 'keeps expiresAt of a code to the millisecond'],
  ],
  [
    'keeps whole seconds',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, expiresAt: new Date(Math.floor(record.expiresAt.getTime() / 1000) * 1000) };
      },
    }),
    ['keeps expiresAt of a code to the millisecond'],
  ],
  [
    'cuts strings at a NUL',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, clientId: record.clientId.split('\0')[0] as string };
      },
    }),
    ['keeps every string unchanged'],
  ],
  [
    'cuts strings at 255 characters',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, clientId: record.clientId.slice(0, 255) };
      },
    }),
    ['keeps every string unchanged'],
  ],
  [
    'refuses a NUL after it has written the row',
    ({ insert }) => ({
      async insert(key, record) {
        await insert(key, record);
        if (record.clientId.includes('\0')) throw new Error('invalid byte sequence');
      },
    }),
    ['keeps every string unchanged'],
  ],
  [
    'replaces a lone surrogate',
    ({ select }) => ({
      async select(key) {
        const record = await select(key);
        return record && { ...record, clientId: Buffer.from(record.clientId).toString() };
      },
    }),
    ['keeps every string unchanged'],
  ],
  [
    'refuses what is longer than 255 characters',
    ({ insert }) => ({
      async insert(key, record) {
        if (record.clientId.length > 255) throw new Error('value too long');
        await insert(key, record);
      },
    }),
    ['keeps every string unchanged'],
  ],
  [
    'refuses what is beyond the basic plane',
    ({ insert }) => ({
      async insert(key, record) {
        if (/[\u{10000}-\u{10ffff}]/u.test(record.clientId)) throw new Error('incorrect string value');
        await insert(key, record);
      },
    }),
    ['keeps every string unchanged'],
  ],
  ['revokes nothing', () => ({ revoke: async () => undefined }), ['does not spend a code whose tokens were revoked']],
  [
    'revokes no grant whose code is spent',
    ({ table, revoke }) => ({
      async revoke(key) {
        if (!table.get(key)?.isSpent) await revoke(key);
      },
    }),
    ['revokes the grant of a spent code, for every connection'],
  ],
  [
    'takes a grant for revoked whose code is spent',
    ({ table }) => ({
      async selectRevoked(key) {
        await turn();
        return table.get(key)?.isSpent ?? true;
      },
    }),
    ['revokes the grant of a spent code, for every connection'],
  ],
  [
    'deletes what it revokes',
    ({ table }) => ({
      async revoke(key) {
        table.delete(key);
      },
    }),
    ['does not spend a code whose tokens were revoked', 'can revoke several times'],
  ],
  [
    'fails where it has revoked before',
    ({ table }) => ({
      async revoke(key) {
        const row = table.get(key);
        if (!row || row.isRevoked) throw new Error('revoked before');
        row.isRevoked = true;
      },
    }),
    ['can revoke several times'],
  ],
  [
    'forgets through a restart which codes are spent',
    ({ table }) => ({
      async restart() {
        for (const row of table.values()) row.isSpent = false;
      },
    }),
    ['keeps a spent code spent after a restart'],
  ],
  [
    'shows a code to the connection only that saved it',
    ({ table }) => {
      let calls = 0;
      return {
        async select(key) {
          await turn();
          calls += 1;
          return calls % 2 === 0 ? null : (table.get(key)?.record ?? null);
        },
      };
    },
    ['finds on every connection what another one has saved'],
  ],
];

describe('codeStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    await expect(broken()).resolves.toEqual([]);
  });

  describe('fails a store that', () => {
    let results: string[][];

    beforeAll(async () => {
      results = await Promise.all(ROWS.map(([, breakPart]) => broken(breakPart)));
    });

    test.each(ROWS.map(([name, , rules], index) => ({ name, rules, index })))('$name', ({ rules, index }) => {
      expect(results[index]).toEqual(expect.arrayContaining(rules));
    });
  });

  test('closes each bench, also where a rule is broken', async () => {
    const close = jest.fn();
    const names = await listBroken((test) =>
      codeStoreConformance(test, () => ({ ...createModelCodes(() => ({ spend: async () => true })), close })),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(close.mock.calls.length).toBeGreaterThan(names.length);
  });

  test('skips what the store has not: no dump, no restart, no revokeTokens', async () => {
    const { broken, skipped } = await runSuite((test) =>
      codeStoreConformance(
        test,
        () => {
          const [{ saveCode, findCode, consumeCode }] = createModelCodes().stores;
          return { stores: [{ saveCode, findCode, consumeCode }] };
        },
        { without: ['dump', 'restart', 'revokeTokens', 'isRevoked'] },
      ),
    );
    expect([...broken.keys()]).toEqual([]);
    expect(skipped).toEqual([
      'does not spend a code whose tokens were revoked',
      'revokes the grant of a spent code, for every connection',
      'can revoke several times',
      'stores no readable code',
      'keeps a spent code spent after a restart',
    ]);
  });

  test('runs the rules of revocation where isRevoked alone is missing', async () => {
    const { broken, skipped } = await runSuite((test) =>
      codeStoreConformance(test, () => createModelCodes(), { without: ['isRevoked'] }),
    );
    expect([[...broken.keys()], skipped]).toEqual([[], ['revokes the grant of a spent code, for every connection']]);
  });
});
