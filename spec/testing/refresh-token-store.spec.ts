import { OAuthError } from '../../lib';
import { refreshTokenStoreConformance } from '../../lib/testing';
import { createModelRefreshTokens, listBroken, type ModelRefreshTokenParts, runSuite, turn } from './model-stores';

const broken = (breakPart?: (parts: ModelRefreshTokenParts) => Partial<ModelRefreshTokenParts>) =>
  listBroken((test) => refreshTokenStoreConformance(test, () => createModelRefreshTokens(breakPart)));

type Select = ModelRefreshTokenParts['select'];

/** A store that brings back another record than it saved. */
const withoutSpentAt = ({ spentAt: _lost, ...record }: { spentAt?: unknown }) => record;
const selectWith = ({ select }: ModelRefreshTokenParts, change: (record: Awaited<ReturnType<Select>>) => unknown) => ({
  select: (async (key, grantKeyOf) => {
    const record = await select(key, grantKeyOf);
    return record && change(record);
  }) as Select,
});

const ROWS: [string, (parts: ModelRefreshTokenParts) => Partial<ModelRefreshTokenParts>, string[]][] = [
  [
    'reads whether a token is spent and then writes it',
    ({ table }) => ({
      async spend(key) {
        const row = table.get(key);
        const wasSpent = row?.generation.spentAt;
        await turn();
        if (!row || wasSpent) return false;
        row.generation.spentAt = new Date();
        return true;
      },
    }),
    ['spends a token once for twenty callers at once', 'spends a token once for twenty callers that each found it'],
  ],
  ['spends every time', () => ({ spend: async () => true }), ['spends a token once']],
  [
    'answers with a count of rows',
    ({ spend }) => ({ spend: async (key, grant) => Number(await spend(key, grant)) as unknown as boolean }),
    ['spends a token once', 'spends a token once for twenty callers at once'],
  ],
  [
    'deletes a token that is spent',
    ({ table }) => ({
      async spend(key) {
        await turn();
        return table.delete(key);
      },
    }),
    ['spends a token once', 'finds a token until it expires, spent or not'],
  ],
  [
    'spends a token by finding it',
    ({ table, select }) => ({
      async select(key, grantKeyOf) {
        const record = await select(key, grantKeyOf);
        const row = table.get(key);
        if (row) row.generation.spentAt ??= new Date();
        return record;
      },
    }),
    ['does not spend a token by finding it'],
  ],
  [
    'has one generation for all',
    ({ grantOf }) => ({ grantKeyOf: () => 'all', grantOf }),
    ['spends the tokens of one grant and of no other', 'neither finds nor spends a token of a revoked grant'],
  ],
  [
    'spends each token for itself',
    ({ insert, table }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        const row = table.get(key);
        if (row) row.generation = { spentAt: null };
      },
    }),
    [
      'spends all tokens of a generation together',
      'spends one token of a generation for twenty callers at once',
      'accepts no late token beside the live ones',
      'leaves at most one live generation, however tokens are saved and spent at once',
    ],
  ],
  [
    'lets a token join a generation that is spent',
    ({ grantOf, table }) => ({
      async spend(key, grantKey) {
        await turn();
        const row = table.get(key);
        if (!row || row.generation.spentAt || grantOf(grantKey).isRevoked) return false;
        row.generation.spentAt = new Date();
        return true;
      },
    }),
    ['accepts no late token beside the live ones'],
  ],
  [
    'does not tell when a token was spent',
    (parts) => selectWith(parts, (found) => found && withoutSpentAt(found)),
    ['finds a token with every field as it was saved', 'says when a token was spent, and does not change that'],
  ],
  [
    'tells that a token was spent, not when',
    (parts) => selectWith(parts, (record) => ({ ...record, spentAt: record?.spentAt ? new Date(0) : null })),
    ['says when a token was spent, and does not change that', 'spends all tokens of a generation together'],
  ],
  [
    'writes down each attempt as the instant of spending',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isSpent = await spend(key, grantKey);
        const row = table.get(key);
        if (row) row.generation.spentAt = new Date();
        return isSpent;
      },
    }),
    ['says when a token was spent, and does not change that'],
  ],
  [
    'has one instant of spending for a whole grant',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isSpent = await spend(key, grantKey);
        if (!isSpent) return false;
        for (const { generation, record } of table.values()) {
          if (record.grantId === grantKey && generation.spentAt) generation.spentAt = new Date();
        }
        return true;
      },
    }),
    ['does not change when a token was spent when the next one is spent'],
  ],
  [
    'forgets a token a second before its end',
    (parts) =>
      selectWith(parts, (record) => (record && record.expiresAt.getTime() - 1000 > Date.now() ? record : null)),
    ['finds a token until it expires, spent or not'],
  ],
  [
    'saves over what is there',
    ({ table, grantOf }) => ({
      async insert(key, record, grantKey) {
        await turn();
        table.set(key, { record, generation: grantOf(grantKey).live });
      },
    }),
    ['refuses to save a token again, or leaves it as it is'],
  ],
  ['files tokens under themselves', () => ({ keyOf: (token) => token }), ['stores no readable token']],
  [
    'folds letter cases of tokens',
    ({ keyOf }) => ({ keyOf: (token) => keyOf(token.toLowerCase()) }),
    ['distinguishes tokens that are almost the same'],
  ],
  [
    'folds letter cases of grants',
    () => ({ grantKeyOf: (grantId) => grantId.toLowerCase() }),
    ['accepts any string as a grantId, and distinguishes those that are almost the same'],
  ],
  [
    'cuts grants at a NUL',
    () => ({ grantKeyOf: (grantId) => String(grantId.split('\0')[0]) }),
    ['accepts any string as a grantId, and distinguishes those that are almost the same'],
  ],
  ['hands out the record that it keeps', () => ({ copy: (value) => value }), ['returns copies of its records']],
  [
    'writes into the record that it is given',
    () => ({
      touch(record) {
        Object.assign(record, { touched: true });
      },
    }),
    ['does not change the records that it is given'],
  ],
  [
    'loses what is null',
    (parts) => selectWith(parts, (record) => record && Object.fromEntries(Object.entries(record).filter(isThere))),
    ['keeps null, a missing field and an empty string apart'],
  ],
  [
    'brings dates as text',
    (parts) => selectWith(parts, (record) => JSON.parse(JSON.stringify(record))),
    ['finds a token with every field as it was saved', 'keeps expiresAt of a token to the millisecond'],
  ],
  [
    'says of every spent token that it may come again',
    (parts) => selectWith(parts, (record) => record && { ...record, isRepeatable: record.spentAt !== null }),
    ['accepts a spent token again until a successor is used, if the store decides that'],
  ],
  [
    'says of a live token that it may come again',
    (parts) => selectWith(parts, (record) => record && { ...record, isRepeatable: true }),
    ['accepts a spent token again until a successor is used, if the store decides that'],
  ],
  [
    'takes an empty list of resources for another one',
    (parts) => selectWith(parts, (record) => record && { ...record, resources: record.resources && ['urn:all'] }),
    ['keeps the resources that were granted, or none'],
  ],
  [
    'takes an empty list of resources for none',
    (parts) =>
      selectWith(
        parts,
        (record) => record && { ...record, resources: record.resources?.length ? record.resources : null },
      ),
    ['keeps the resources that were granted, or none'],
  ],
  [
    'takes no resources for an empty list',
    (parts) => selectWith(parts, (record) => record && { ...record, resources: record.resources ?? [] }),
    ['keeps the resources that were granted, or none'],
  ],
  [
    'cuts strings at 255 characters',
    (parts) => selectWith(parts, (record) => record && { ...record, clientId: record.clientId.slice(0, 255) }),
    ['keeps every string unchanged'],
  ],
  [
    'refuses a NUL after it has written the row',
    ({ insert }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        if (record.clientId.includes('\0') || record.grantId.includes('\0')) throw new Error('invalid byte sequence');
      },
    }),
    [
      'keeps every string unchanged',
      'accepts any string as a grantId, and distinguishes those that are almost the same',
    ],
  ],
  [
    'replaces a lone surrogate',
    (parts) =>
      selectWith(parts, (record) => record && { ...record, clientId: Buffer.from(record.clientId).toString() }),
    ['keeps every string unchanged'],
  ],
  [
    'refuses a grant with a blank at its end',
    ({ insert }) => ({
      async insert(key, record, grantKey) {
        if (record.grantId.endsWith(' ')) throw new Error('invalid id');
        await insert(key, record, grantKey);
      },
    }),
    ['accepts any string as a grantId, and distinguishes those that are almost the same'],
  ],
  [
    'revokes nothing',
    () => ({ revoke: async () => undefined }),
    ['neither finds nor spends a token of a revoked grant', 'can revoke several times'],
  ],
  [
    'finds the tokens of a revoked grant',
    ({ table }) => ({
      async select(key) {
        await turn();
        const row = table.get(key);
        return row ? { ...row.record, spentAt: row.generation.spentAt } : null;
      },
    }),
    ['neither finds nor spends a token of a revoked grant'],
  ],
  [
    'spends a token of a revoked grant, where it was found before',
    ({ table, grantOf }) => ({
      async spend(key, grantKey) {
        await turn();
        const row = table.get(key);
        if (!row || row.generation.spentAt) return false;
        row.generation.spentAt = new Date();
        grantOf(grantKey).live = { spentAt: null };
        return true;
      },
    }),
    ['neither finds nor spends a token of a revoked grant'],
  ],
  [
    'revokes the tokens that are there, and no later ones',
    ({ table }) => ({
      async revoke(grantKey) {
        await turn();
        for (const [key, { record }] of table) if (record.grantId === grantKey) table.delete(key);
      },
    }),
    [
      'accepts no token that is saved after its grant was revoked',
      'accepts no token that is saved while its grant is being revoked',
    ],
  ],
  [
    'revokes no grant that it does not know',
    ({ grants }) => ({
      async revoke(grantKey) {
        await turn();
        const grant = grants.get(grantKey);
        if (grant) grant.isRevoked = true;
      },
    }),
    ['accepts no token that is saved after its grant was revoked'],
  ],
  [
    'fails where it has revoked before',
    ({ grantOf, revoke }) => ({
      async revoke(grantKey) {
        if (grantOf(grantKey).isRevoked) throw new Error('revoked before');
        await revoke(grantKey);
      },
    }),
    ['can revoke several times'],
  ],
  [
    'forgets through a restart what is spent',
    ({ table }) => ({
      async restart() {
        for (const row of table.values()) row.generation = { spentAt: null };
      },
    }),
    ['keeps spent and revoked tokens so after a restart'],
  ],
  [
    'forgets through a restart what is revoked',
    ({ grants }) => ({ restart: async () => grants.clear() }),
    ['keeps spent and revoked tokens so after a restart'],
  ],
  [
    'shows a token to the connection only that saved it',
    ({ select }) => {
      let calls = 0;
      return {
        async select(key, grantKeyOf) {
          calls += 1;
          const isOwn = calls % 2 === 1;
          const record = await select(key, grantKeyOf);
          return isOwn ? record : null;
        },
      };
    },
    ['finds on every connection what another one has saved'],
  ],
];

const isThere = ([, value]: [string, unknown]) => value !== null;

describe('refreshTokenStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    await expect(broken()).resolves.toEqual([]);
  });

  describe('fails a store that', () => {
    let results: string[][];

    beforeAll(async () => {
      results = await Promise.all(ROWS.map(([, breakPart]) => broken(breakPart)));
    }, 120_000);

    test.each(ROWS.map(([name, , rules], index) => ({ name, rules, index })))('$name', ({ rules, index }) => {
      expect(results[index]).toEqual(expect.arrayContaining(rules));
    });
  });

  test('skips what the store has not: no dump, no restart', async () => {
    const { broken, skipped } = await runSuite((test) =>
      refreshTokenStoreConformance(test, () => ({ stores: createModelRefreshTokens().stores }), {
        without: ['dump', 'restart'],
      }),
    );
    expect([...broken.keys()]).toEqual([]);
    expect(skipped).toEqual(['stores no readable token', 'keeps spent and revoked tokens so after a restart']);
  });

  test('passes a store of text columns: it knows no resources, and refuses at save what a column cannot keep', async () => {
    const isKept = (text: string) => !text.includes('\0') && Buffer.from(text).toString() === text;
    const plain = ({ insert }: ModelRefreshTokenParts): Partial<ModelRefreshTokenParts> => ({
      async insert(key, { resources: _unknown, ...record }, grantKey) {
        if (![record.clientId, record.scope, record.grantId].map(String).every(isKept)) throw new Error('not UTF-8');
        await insert(key, record as Parameters<typeof insert>[1], grantKey);
      },
    });
    await expect(broken(plain)).resolves.toEqual([]);
  });
});

it('A store that refuses each token that comes after a spent one leaves no second generation', async () => {
  const refused = await broken(({ table, insert }) => ({
    async insert(key, record, grantKey) {
      const isLate = [...table.values()].some((row) => row.record.grantId === record.grantId && row.generation.spentAt);
      if (isLate) throw new OAuthError('invalid_grant', 'Unknown or invalid refresh token.');
      await insert(key, record, grantKey);
    },
  }));
  expect(refused).not.toContain('leaves at most one live generation, however tokens are saved and spent at once');
});
