import { digestOfAddress } from '../../../lib';
import { type BrokenStore, isLike } from '../broken-stores';
import { type FoundCode, type ModelCodes, type ModelParts, type Row, turn } from '../model-stores';

export type BreakCodes = (parts: ModelParts) => Partial<ModelParts>;

/** A store whose functions are changed in one way. */
const wrapping =
  (change: (store: ModelCodes, index: number) => Partial<ModelCodes>): BreakCodes =>
  () => ({ wrap: (store, index) => ({ ...store, ...change(store, index) }) });

/** A store that brings back something else than it saved. */
const finding = (change: (found: FoundCode) => unknown): BreakCodes =>
  wrapping(({ findCode }) => ({
    async findCode(code) {
      const found = await findCode(code);
      return found && (change(found) as FoundCode);
    },
  }));

const changing = (change: (text: string) => unknown) =>
  finding((found) => ({ ...found, clientId: change(found.clientId) }));

const selecting =
  (change: (row: Row) => Row['record'] | null): BreakCodes =>
  ({ table }) => ({
    async select(key) {
      await turn();
      const row = table.get(key);
      return row ? change(row) : null;
    },
  });

/** A store that says when a code was spent, and by whom. */
export const tellingWho =
  (
    change: (spent: { spentAt: unknown; spentBy: unknown }, expiresAt: Date) => object = (spent) => spent,
    isWrittenOnce = true,
  ): BreakCodes =>
  () => {
    const spent = new Map<string, { spentAt: unknown; spentBy: unknown }>();
    return {
      wrap: (store) => ({
        ...store,
        async findCode(code) {
          const found = await store.findCode(code);
          const { spentAt = null, spentBy = null } = spent.get(String(found?.id)) ?? {};
          return found && Object.assign(found, change({ spentAt, spentBy }, found.expiresAt));
        },
        async consumeCode(code, req) {
          const isSpent = await store.consumeCode(code);
          if (isSpent || !isWrittenOnce)
            spent.set(code.id, { spentAt: new Date(), spentBy: req && digestOfAddress(req) });
          return isSpent;
        },
      }),
    };
  };

/** A store that finds a code by a text that is not the code. */
export const matching =
  (isMatch: (saved: string, text: string) => boolean): BreakCodes =>
  () => {
    const codes: string[] = [];
    return {
      wrap: (store) => ({
        ...store,
        async saveCode(code, record) {
          await store.saveCode(code, record);
          codes.push(code);
        },
        findCode: (text) =>
          store.findCode(codes.includes(text) ? text : (codes.find((code) => isMatch(code, text)) ?? text)),
      }),
    };
  };

export const refusingEmpty: BreakCodes = wrapping((store) => ({
  async findCode(code) {
    if (code === '') throw new TypeError('the code is empty');
    return store.findCode(code);
  },
}));

/** Revokes the rows that match besides the one of the code, or instead of it. */
export const revoking =
  (isMatch: (row: Row, given: Row) => boolean): BreakCodes =>
  ({ table }) => ({
    async revoke(key) {
      await turn();
      const given = table.get(key);
      for (const row of table.values()) if (given && isMatch(row, given)) row.isRevoked = true;
    },
  });

export const BROKEN_CODES: readonly BrokenStore<BreakCodes>[] = [
  [
    'compares codes with LIKE',
    matching(isLike),
    { 'finds a code by the whole code and not by a pattern': 'findCode finds a code by a % alone' },
  ],
  [
    'takes the code that it has for the pattern',
    matching((saved, text) => isLike(text, saved)),
    {
      'finds a code by the whole code and not by a pattern': 'findCode finds a code by another character for its first',
    },
  ],
  [
    'takes a code for a regular expression',
    matching((saved, text) => /^[\w.*-]+$/.test(text) && !text.startsWith('*') && new RegExp(`^${text}$`).test(saved)),
    { 'finds a code by the whole code and not by a pattern': 'findCode finds a code by the pattern of any text' },
  ],
  [
    'finds a code by any beginning of it',
    matching((saved, text) => text !== '' && saved.startsWith(text)),
    {
      'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte',
      'finds a code by the whole code and not by a pattern': 'findCode finds a code by its first eight characters',
    },
  ],
  [
    'compares 32 characters of a code',
    matching((saved, text) => saved.slice(0, 32) === text.slice(0, 32)),
    {
      'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte',
      'finds a code by the whole code and not by a pattern': 'findCode finds a code by a % for its last character',
    },
  ],
  [
    'revokes everything',
    revoking(() => true),
    { 'revokes the grant of one code and of no other': 'revokeTokens revoked the grants of others, too' },
  ],
  [
    'revokes by the client',
    revoking((row, given) => row.record.clientId === given.record.clientId),
    { 'revokes the grant of one code and of no other': 'revokeTokens revoked another grant of the same client, too' },
  ],
  [
    'revokes all but the grant that it is given',
    revoking((row, given) => row !== given),
    {
      'revokes the grant of one code and of no other':
        'revokeTokens revoked another grant instead of the one of its code',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got true',
      'revokes the grant of a spent code, for every connection':
        'a grant that was revoked is dead: expected true, got false',
      'can revoke several times': 'call 1 of revokeTokens leaves the code dead: expected false, got true',
    },
  ],
  [
    'revokes and undoes that in turn',
    ({ table }) => ({
      async revoke(key) {
        await turn();
        const row = table.get(key);
        if (row) row.isRevoked = !row.isRevoked;
      },
    }),
    { 'can revoke several times': 'call 2 of revokeTokens leaves the code dead: expected false, got true' },
  ],
  [
    'throws for a code that is spent',
    ({ spend }) => ({
      async spend(key) {
        if (await spend(key)) return true;
        throw new Error('already spent');
      },
    }),
    {
      'spends a code once':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'spends a code once for twenty callers at once':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'spends a code once for twenty callers that each found it':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'still finds a spent code after it expired, with every field':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'says when a code was spent and by whom, or leaves both out':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'spends a code at most once if it expires after it was found':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'refuses to save a code again, or leaves it spent':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'does not spend a code whose tokens were revoked':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'can revoke several times':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
      'keeps a spent code spent after a restart':
        'consumeCode threw: already spent\nFor a code that is spent, return false. Throw only if the database fails.',
    },
  ],
  [
    'shows a dump without rows',
    () => ({ dump: () => '[[],[]]' }),
    { 'stores no readable code': "dump returned '[[],[]]' though a record was saved" },
  ],
  [
    'shows rows for a dump',
    () => ({ dump: () => ['a row'] as never }),
    { 'stores no readable code': "dump returned [ 'a row' ] though a record was saved" },
  ],
  [
    'finds nothing',
    finding(() => null),
    {
      'finds a code with every field as it was saved': 'a code is not found though saveCode has returned',
      'says when a code was spent and by whom, or leaves both out': 'a code is not found though saveCode has returned',
      'finds a code until it expires': 'a code is not found though saveCode has returned',
      'keeps every string unchanged': 'the record with a NUL is not found',
      'accepts any string as a code': 'the record is not found',
      'does not change the records that it is given': 'a code is not found though saveCode has returned',
    },
    'and others',
  ],
  [
    'loses the key of DPoP proofs',
    finding((found) => ({ ...found, dpopJkt: null })),
    {
      'finds a code with every field as it was saved':
        "the record does not come back as it was saved:\n  dpopJkt: saved 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', found null",
    },
  ],
  [
    'loses the challenge',
    finding((found) => ({ ...found, codeChallenge: null })),
    {
      'finds a code with every field as it was saved':
        'the record does not come back as it was saved:\n  codeChallenge: saved a random one, found null',
    },
    'and others',
  ],
  [
    'brings an empty string for null',
    finding(({ redirectUri, codeChallenge, codeChallengeMethod, ...found }) => ({
      ...found,
      redirectUri: redirectUri ?? '',
      codeChallenge: codeChallenge ?? '',
      codeChallengeMethod: codeChallengeMethod ?? '',
    })),
    {
      'keeps null, a missing field and an empty string apart':
        "the record does not come back as it was saved:\n  redirectUri: saved null, found ''\n  codeChallenge: saved null, found ''\n  codeChallengeMethod: saved null, found ''",
    },
  ],
  [
    'finds some code for every text that looks like one',
    ({ table }) => ({
      wrap: (store) => ({
        ...store,
        async findCode(code) {
          const found = await store.findCode(code);
          if (found || !/^(?=.*[a-z])[\w-]{43}$/.test(code)) return found;
          const [[id, { record }]] = [...table] as [[string, Row]];
          return { ...record, id, grantId: id };
        },
      }),
    }),
    {
      'does not find a code that was never saved': 'an unknown code is null or undefined',
      'finds a code by the whole code and not by a pattern': 'findCode finds a code by a _ for its last character',
    },
  ],
  [
    'reads fewer columns over the second connection',
    wrapping(({ findCode }, index) => ({
      async findCode(code) {
        const found = await findCode(code);
        return index === 0 ? found : found && ({ ...found, scope: null } as never);
      },
    })),
    {
      'finds on every connection what another one has saved':
        "the record does not come back as it was saved:\n  scope: saved 'openid profile', found null",
    },
  ],
  [
    'shows a code to the connection only that saved it',
    () => ({
      wrap: (store) => {
        const own = new Set<string>();
        return {
          ...store,
          saveCode: (code, record) => {
            own.add(code);
            return store.saveCode(code, record);
          },
          findCode: async (code) => (own.has(code) ? store.findCode(code) : null),
        };
      },
    }),
    {
      'finds on every connection what another one has saved': 'the record is not found',
      'spends a code once for twenty callers that each found it': 'a code is found while it is being spent',
      'says when a code was spent and by whom, or leaves both out':
        'a spent code is still found, so that a replay is seen',
      'keeps a spent code spent after a restart': 'the record is not found',
    },
  ],
  [
    'never says that it spent a code',
    wrapping(({ consumeCode }) => ({ consumeCode: async (code) => (await consumeCode(code)) && false })),
    {
      'spends a code once': 'the first call spends the code: expected true, got false',
      'spends a code once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends a code once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a code by finding it': 'a code that was looked up can still be spent: expected true, got false',
      'spends one code and no other': 'the first call spends the code: expected true, got false',
      'still finds a spent code after it expired, with every field':
        'the first call spends the code: expected true, got false',
      'says when a code was spent and by whom, or leaves both out':
        'the first call spends the code: expected true, got false',
    },
  ],
  [
    'spends a code as often as it is asked',
    () => ({ spend: async () => true }),
    {
      'spends a code once': 'the second call does not: expected false, got true',
      'spends a code once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20',
      'spends a code once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 20',
      'still finds a spent code after it expired, with every field': 'and it is still spent: expected false, got true',
      'spends a code at most once if it expires after it was found': 'at most one call spends it',
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got true',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got true',
      'can revoke several times': 'a spent code stays spent: expected false, got true',
      'keeps a spent code spent after a restart': 'a spent code does not come back to life: expected false, got true',
    },
  ],
  [
    'deletes a code that is spent',
    ({ table }) => ({
      spend: async (key) => {
        await turn();
        return table.delete(key);
      },
    }),
    {
      'spends a code once': 'a spent code is still found, so that a replay is seen',
      'still finds a spent code after it expired, with every field': 'the record is not found',
      'says when a code was spent and by whom, or leaves both out':
        'a spent code is still found, so that a replay is seen',
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got true',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got true',
      'revokes the grant of a spent code, for every connection':
        'the grant of a code that was spent once lives: expected false, got true',
      'can revoke several times': 'and is still found',
    },
  ],
  [
    'brings a code to life by finding it',
    selecting((row) => {
      row.isSpent = false;
      return row.record;
    }),
    {
      'spends a code once': 'nor does a call with the record found anew: expected false, got true',
      'still finds a spent code after it expired, with every field': 'and it is still spent: expected false, got true',
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got true',
      'keeps a spent code spent after a restart': 'a spent code does not come back to life: expected false, got true',
    },
  ],
  [
    'answers with a count of rows',
    ({ spend }) => ({ spend: async (key) => Number(await spend(key)) as never }),
    {
      'spends a code once': 'the first call spends the code: expected true, got 1',
      'spends a code once for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'spends a code once for twenty callers that each found it':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'does not spend a code by finding it': 'a code that was looked up can still be spent: expected true, got 1',
      'spends one code and no other': 'the first call spends the code: expected true, got 1',
      'still finds a spent code after it expired, with every field':
        'the first call spends the code: expected true, got 1',
      'says when a code was spent and by whom, or leaves both out':
        'the first call spends the code: expected true, got 1',
      'spends a code at most once if it expires after it was found':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got 0',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got 0',
      'can revoke several times': 'a spent code stays spent: expected false, got 0',
      'keeps a spent code spent after a restart': 'a spent code does not come back to life: expected false, got 0',
    },
  ],
  [
    'answers nothing when another was first',
    ({ spend }) => ({ spend: async (key) => ((await spend(key)) || undefined) as boolean }),
    {
      'spends a code once': 'the second call does not: expected false, got undefined',
      'spends a code once for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'undefined'",
      'spends a code once for twenty callers that each found it':
        "consuming answers true or false: expected 'boolean', got 'undefined'",
      'still finds a spent code after it expired, with every field':
        'and it is still spent: expected false, got undefined',
      'spends a code at most once if it expires after it was found':
        "consuming answers true or false: expected 'boolean', got 'undefined'",
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got undefined',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got undefined',
      'can revoke several times': 'a spent code stays spent: expected false, got undefined',
      'keeps a spent code spent after a restart':
        'a spent code does not come back to life: expected false, got undefined',
    },
  ],
  [
    'reads whether a code is spent and then writes it',
    ({ table }) => ({
      async spend(key) {
        const row = table.get(key);
        const wasSpent = row?.isSpent || row?.isRevoked;
        await turn();
        if (!row || wasSpent) return false;
        row.isSpent = true;
        return true;
      },
    }),
    {
      'spends a code once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20',
      'spends a code once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 20',
      'spends a code at most once if it expires after it was found': 'at most one call spends it',
    },
  ],
  [
    'loses a race now and then',
    ({ spend, table }) => {
      let calls = 0;
      return {
        async spend(key) {
          calls += 1;
          if (calls === 38 && table.has(key)) return true;
          return spend(key);
        },
      };
    },
    { 'spends a code once for twenty callers at once': 'the number of calls that were told true: expected 1, got 2' },
  ],
  [
    'does not find a code that is spent',
    selecting(({ isSpent, record }) => (isSpent ? null : record)),
    {
      'spends a code once': 'a spent code is still found, so that a replay is seen',
      'still finds a spent code after it expired, with every field': 'the record is not found',
      'says when a code was spent and by whom, or leaves both out':
        'a spent code is still found, so that a replay is seen',
      'refuses to save a code again, or leaves it spent': 'the code is still known',
      'can revoke several times': 'and is still found',
    },
  ],
  [
    'spends a code that was looked up ten times',
    ({ table, select }) => {
      let calls = 0;
      return {
        async select(key) {
          calls += 1;
          const row = table.get(key);
          if (row && calls === 21) row.isSpent = true;
          return select(key);
        },
      };
    },
    {
      'spends a code once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a code by finding it': 'a code that was looked up can still be spent: expected true, got false',
    },
  ],
  [
    'spends a code by finding it',
    selecting((row) => {
      row.isSpent = true;
      return row.record;
    }),
    {
      'spends a code once': 'the first call spends the code: expected true, got false',
      'spends a code once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends a code once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a code by finding it': 'a code that was looked up can still be spent: expected true, got false',
      'spends one code and no other': 'the first call spends the code: expected true, got false',
      'still finds a spent code after it expired, with every field':
        'the first call spends the code: expected true, got false',
      'says when a code was spent and by whom, or leaves both out':
        'the first call spends the code: expected true, got false',
    },
  ],
  [
    'spends every code of the client',
    ({ table }) => ({
      async spend(key) {
        await turn();
        if (!table.has(key) || table.get(key)?.isSpent || table.get(key)?.isRevoked) return false;
        for (const row of table.values()) row.isSpent = true;
        return true;
      },
    }),
    { 'spends one code and no other': 'spending one code leaves the other as it was: expected true, got false' },
  ],
  [
    'deletes the other codes of the client',
    ({ table, spend }) => ({
      async spend(key) {
        for (const other of table.keys()) if (other !== key) table.delete(other);
        return spend(key);
      },
    }),
    {
      'spends one code and no other': 'the record is not found',
      'keeps a spent code spent after a restart': 'the record is not found',
    },
  ],
  [
    'forgets a spent code at its end',
    selecting(({ isSpent, record }) => (!isSpent || record.expiresAt.getTime() > Date.now() ? record : null)),
    { 'still finds a spent code after it expired, with every field': 'the record is not found' },
    'and others',
  ],
  [
    'brings a spent code to life at its end',
    selecting((row) => {
      if (row.record.expiresAt.getTime() <= Date.now()) row.isSpent = false;
      return row.record;
    }),
    {
      'still finds a spent code after it expired, with every field': 'and it is still spent: expected false, got true',
    },
    'and others',
  ],
  [
    'forgets a code half a second before its end',
    selecting(({ isSpent, record }) => (isSpent || record.expiresAt.getTime() - 500 > Date.now() ? record : null)),
    { 'finds a code until it expires': 'the record is not found' },
    'and others',
  ],
  [
    'says of a live code that it was spent',
    tellingWho(({ spentAt, spentBy }) => ({ spentAt: spentAt ?? new Date(0), spentBy })),
    { 'says when a code was spent and by whom, or leaves both out': 'a live code was not spent' },
  ],
  [
    'says as text when a code was spent',
    tellingWho(({ spentAt, spentBy }) => ({ spentAt: spentAt && String(spentAt), spentBy })),
    { 'says when a code was spent and by whom, or leaves both out': 'spentAt is a Date' },
  ],
  [
    'says when a code was tried last, not when it was spent',
    tellingWho((spent) => spent, false),
    {
      'says when a code was spent and by whom, or leaves both out':
        'spentAt is the instant of the one spending, by the clock of this node',
    },
  ],
  [
    'says that a code was spent at its end',
    tellingWho(({ spentAt, spentBy }, expiresAt) => ({ spentAt: spentAt && expiresAt, spentBy })),
    {
      'says when a code was spent and by whom, or leaves both out':
        'spentAt is the instant of the one spending, by the clock of this node',
    },
  ],
  [
    'says that a code was spent long ago',
    tellingWho(({ spentAt, spentBy }) => ({ spentAt: spentAt && new Date(0), spentBy })),
    {
      'says when a code was spent and by whom, or leaves both out':
        'spentAt is the instant of the one spending, by the clock of this node',
    },
  ],
  [
    'says when a code was spent, and not by whom',
    tellingWho(({ spentAt }) => ({ spentAt })),
    {
      'says when a code was spent and by whom, or leaves both out':
        "spentBy is who spent it: digestOfAddress(req): expected '2GG36RAz68HB6OevOSkBAVizJBtUyofvc-ecMvJkAOw', got undefined",
    },
  ],
  [
    'says who tried a code last, not who spent it',
    () => {
      let last: unknown;
      return {
        wrap: (store, index) => {
          const telling = tellingWho((spent) => ({ ...spent, spentBy: spent.spentAt ? last : null }))(
            {} as never,
          ).wrap?.(store, index) as ModelCodes;
          return {
            ...telling,
            consumeCode(code, req) {
              last = req && digestOfAddress(req);
              return telling.consumeCode(code, req);
            },
          };
        },
      };
    },
    {
      'says when a code was spent and by whom, or leaves both out':
        "spentBy is who spent it: digestOfAddress(req): expected '2GG36RAz68HB6OevOSkBAVizJBtUyofvc-ecMvJkAOw', got '4YMiC2mcEKg8p740M9Io7Qhgpez5SA-D6WVfFrrViQg'",
    },
  ],
  [
    'takes an empty list of resources for none',
    finding((found) => ({ ...found, resources: found.resources?.length ? found.resources : null })),
    {
      'keeps the resources that were granted, or none':
        'a list of resources does not come back as it was saved:\n  resources: saved [], found null',
    },
  ],
  [
    'fails for a code that has expired',
    ({ table, spend }) => ({
      async spend(key) {
        if (Number(table.get(key)?.record.expiresAt) < Date.now()) throw new Error('no such code');
        return spend(key);
      },
    }),
    {
      'spends a code at most once if it expires after it was found':
        'consumeCode threw: no such code\nFor a code that is spent, return false. Throw only if the database fails.',
    },
    'and others',
  ],
  [
    'answers nothing for a code that has expired',
    ({ table, spend }) => ({
      async spend(key) {
        return Number(table.get(key)?.record.expiresAt) < Date.now() ? (undefined as never) : spend(key);
      },
    }),
    {
      'spends a code at most once if it expires after it was found':
        "consuming answers true or false: expected 'boolean', got 'undefined'",
    },
    'and others',
  ],
  [
    'spends a code that has expired as often as it is asked',
    ({ table, spend }) => ({
      async spend(key) {
        const row = table.get(key);
        return (Number(row?.record.expiresAt) < Date.now() && !row?.isSpent) || spend(key);
      },
    }),
    {
      'spends a code at most once if it expires after it was found': 'at most one call spends it',
    },
    'and others',
  ],
  [
    'keeps whole seconds',
    finding((found) => ({ ...found, expiresAt: new Date(Math.floor(found.expiresAt.getTime() / 1000) * 1000) })),
    {
      'keeps expiresAt of a code to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved soon.001Z, found soon.000Z',
    },
    'and others',
  ],
  [
    'rounds a second up',
    finding((found) => ({
      ...found,
      expiresAt: new Date(found.expiresAt.getTime() % 1000 === 999 ? found.expiresAt.getTime() + 1 : found.expiresAt),
    })),
    {
      'keeps expiresAt of a code to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved soon.999Z, found soon.000Z',
    },
    'and others',
  ],
  [
    'adds a millisecond to a whole second',
    finding((found) => ({
      ...found,
      expiresAt: new Date(found.expiresAt.getTime() % 1000 === 0 ? found.expiresAt.getTime() + 1 : found.expiresAt),
    })),
    {
      'keeps expiresAt of a code to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved soon.000Z, found soon.001Z',
    },
    'and others',
  ],
  [
    'keeps seconds until 2038',
    finding((found) => ({ ...found, expiresAt: new Date(Math.min(found.expiresAt.getTime(), (2 ** 31 - 1) * 1000)) })),
    {
      'keeps expiresAt of a code to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved the Date 2038-01-19T03:14:08.000Z, found the Date 2038-01-19T03:14:07.000Z',
    },
  ],
  [
    'keeps seconds until 2106',
    finding((found) => ({ ...found, expiresAt: new Date(Math.min(found.expiresAt.getTime(), (2 ** 32 - 1) * 1000)) })),
    {
      'keeps expiresAt of a code to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved the Date 2199-12-31T00:00:00.000Z, found the Date 2106-02-07T06:28:15.000Z',
    },
  ],
  [
    'brings a spent code back to life when it is saved again',
    ({ table }) => ({
      async insert(key, record) {
        await turn();
        table.set(key, { record, isSpent: false, isRevoked: false });
      },
    }),
    {
      'refuses to save a code again, or leaves it spent':
        'a spent code does not come back to life: expected false, got true',
    },
  ],
  [
    'deletes a code that is saved again',
    ({ table, insert }) => ({
      async insert(key, record) {
        if (table.delete(key)) throw new Error('saved before');
        await insert(key, record);
      },
    }),
    { 'refuses to save a code again, or leaves it spent': 'the code is still known' },
  ],
  [
    'finds something in the place of an unknown word',
    wrapping(({ findCode }) => ({
      findCode: async (code) => (await findCode(code)) ?? (code === 'null' ? ({} as never) : null),
    })),
    { 'accepts any string as a code': 'no string finds what was not saved' },
  ],
  [
    'finds one word in the place of another',
    wrapping(({ findCode }) => ({ findCode: (code) => findCode(code === 'constructor' ? '__proto__' : code) })),
    {
      'accepts any string as a code':
        "the record does not come back as it was saved:\n  scope: saved 'scope 9', found 'scope 8'",
    },
  ],
  [
    'keeps no code that is a word for nothing',
    ({ insert, keyOf }) => ({
      async insert(key, record) {
        if (key !== keyOf('null')) await insert(key, record);
      },
    }),
    { 'accepts any string as a code': 'the record is not found' },
  ],
  [
    'folds letter cases',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.toLowerCase()) }),
    { 'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte' },
  ],
  [
    'trims the ends of codes',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.replace(/ +$/, '')) }),
    { 'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte' },
  ],
  [
    'trims the beginnings of codes',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.replace(/^ +/, '')) }),
    { 'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte' },
  ],
  [
    'cuts codes at a NUL',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.split('\0')[0] as string) }),
    { 'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte' },
  ],
  [
    'strips what pads base64',
    ({ keyOf }) => ({ keyOf: (code) => keyOf(code.replace(/=+$/, '')) }),
    { 'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte' },
  ],
  [
    'finds a code by its beginning',
    () => {
      const codes: string[] = [];
      return {
        wrap: (store) => ({
          ...store,
          async saveCode(code, record) {
            codes.push(code);
            await store.saveCode(code, record);
          },
          findCode: (code) => store.findCode(codes.find((each) => code.length > 40 && each.startsWith(code)) ?? code),
        }),
      };
    },
    {
      'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte',
    },
  ],
  [
    'finds some code for an empty one',
    () => {
      const codes: string[] = [];
      return {
        wrap: (store) => ({
          ...store,
          async saveCode(code, record) {
            codes.push(code);
            await store.saveCode(code, record);
          },
          findCode: (code) => store.findCode(code === '' ? String(codes[0]) : code),
        }),
      };
    },
    {
      'distinguishes codes that are almost the same': 'a code is found by itself only, byte for byte',
      'finds a code by the whole code and not by a pattern': 'findCode finds a code by nothing at all',
    },
  ],
  [
    'hands its own record out',
    ({ table }) => ({
      wrap: (store) => ({
        ...store,
        async findCode(code) {
          const found = await store.findCode(code);
          return found && (Object.assign((table.get(found.id) as Row).record, found) as FoundCode);
        },
      }),
    }),
    {
      'returns copies of its records':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  codeChallenge: saved a random one, found null\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z",
    },
  ],
  [
    'keeps the record that it is given',
    ({ table, keyOf }) => ({
      wrap: (store) => ({
        ...store,
        async saveCode(code, record) {
          await store.saveCode(code, record);
          (table.get(keyOf(code)) as Row).record = record;
        },
      }),
    }),
    {
      'returns copies of its records':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  codeChallenge: saved a random one, found null\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z",
    },
  ],
  [
    'copies a record and not its dates',
    ({ table, keyOf }) => ({
      wrap: (store) => ({
        ...store,
        async saveCode(code, record) {
          await store.saveCode(code, record);
          (table.get(keyOf(code)) as Row).record = { ...record };
        },
      }),
    }),
    {
      'returns copies of its records':
        'the record does not come back as it was saved:\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z',
    },
  ],
  [
    'writes into the record that it is to spend',
    wrapping(({ consumeCode }) => ({
      async consumeCode(code, req) {
        const answer = await consumeCode(code, req);
        code.clientId = '';
        return answer;
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to consumeCode does not come back as it was saved:\n  clientId: saved 'spa', found ''",
    },
  ],
  [
    'adds a field to the record that it is to spend',
    wrapping(({ consumeCode }) => ({
      async consumeCode(code, req) {
        Object.assign(code, { isSpent: true });
        return consumeCode(code, req);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to consumeCode has other fields than before: expected [ 'clientId', 'redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope', 'id', 'grantId' ], got [ 'clientId', 'redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope', 'id', 'grantId', 'isSpent' ]",
    },
  ],
  [
    'revokes nothing',
    () => ({ revoke: async () => undefined }),
    {
      'revokes the grant of one code and of no other':
        'revokeTokens revoked nothing: the grant of its code is not revoked',
      'does not spend a code whose tokens were revoked':
        'nothing can be issued from a grant that is revoked: expected false, got true',
      'revokes the grant of a spent code, for every connection':
        'a grant that was revoked is dead: expected true, got false',
      'can revoke several times': 'call 1 of revokeTokens leaves the code dead: expected false, got true',
    },
  ],
  [
    'deletes what it revokes',
    ({ table }) => ({
      async revoke(key) {
        table.delete(key);
      },
    }),
    {
      'does not spend a code whose tokens were revoked': 'and the code is still found',
      'can revoke several times': 'and is still found',
    },
  ],
  [
    'revokes no grant whose code is spent',
    ({ table, revoke }) => ({
      async revoke(key) {
        if (!table.get(key)?.isSpent) await revoke(key);
      },
    }),
    {
      'revokes the grant of a spent code, for every connection':
        'a grant that was revoked is dead: expected true, got false',
    },
  ],
  [
    'takes a grant for revoked whose code is spent',
    ({ table }) => ({
      async selectRevoked(key) {
        await turn();
        return table.get(key)?.isSpent ?? true;
      },
    }),
    {
      'revokes the grant of one code and of no other':
        'isRevoked answers false though the code of the grant is dead after revokeTokens',
      'revokes the grant of a spent code, for every connection':
        'the grant of a code that was spent once lives: expected false, got true',
    },
  ],
  [
    'revokes for one connection',
    wrapping(({ isRevoked }, index) => ({ isRevoked: async (grantId) => index === 0 && (await isRevoked(grantId)) })),
    {
      'revokes the grant of a spent code, for every connection':
        'a grant that was revoked is dead: expected true, got false',
    },
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
    { 'can revoke several times': 'revokeTokens threw: revoked before' },
  ],
  [
    'files codes as they are',
    () => ({ keyOf: (code) => code }),
    { 'stores no readable code': 'what is at rest holds a secret that can be read' },
  ],
  [
    'files codes in capital hexadecimal digits',
    () => ({ keyOf: (code) => Buffer.from(code).toString('hex').toUpperCase() }),
    { 'stores no readable code': 'what is at rest holds a secret that can be read' },
  ],
  [
    'files codes in base64url',
    () => ({ keyOf: (code) => Buffer.from(code).toString('base64url') }),
    { 'stores no readable code': 'what is at rest holds a secret that can be read' },
  ],
  [
    'writes a code down when it is spent',
    () => {
      const codes = new Map<string, string>();
      const log: string[] = [];
      return {
        dump: () => JSON.stringify(['rows', ...log]),
        wrap: (store) => ({
          ...store,
          async findCode(code) {
            const found = await store.findCode(code);
            if (found) codes.set(found.id, code);
            return found;
          },
          consumeCode(code) {
            log.push(String(codes.get(code.id)));
            return store.consumeCode(code);
          },
        }),
      };
    },
    { 'stores no readable code': 'what is at rest holds a secret that can be read' },
  ],
  [
    'shows an empty dump',
    () => ({ dump: () => '' }),
    { 'stores no readable code': "dump returned '' though a record was saved" },
  ],
  [
    'forgets through a restart which codes are spent',
    ({ table }) => ({
      async restart() {
        for (const row of table.values()) row.isSpent = false;
      },
    }),
    { 'keeps a spent code spent after a restart': 'a spent code does not come back to life: expected false, got true' },
  ],
  [
    'forgets all codes through a restart',
    ({ table }) => ({ restart: async () => table.clear() }),
    { 'keeps a spent code spent after a restart': 'the record is not found' },
  ],
  [
    'finds no code while ten others look for it',
    ({ select }) => {
      let looking = 0;
      return {
        async select(key) {
          looking += 1;
          const isCrowded = looking > 10;
          const found = await select(key);
          looking -= 1;
          return isCrowded ? null : found;
        },
      };
    },
    { 'spends a code once for twenty callers that each found it': 'a code is found while it is being spent' },
  ],
  [
    'files codes in an object',
    ({ copy }) => {
      const rows: Record<string, FoundCode> = {};
      return {
        wrap: (store) => ({
          ...store,
          async saveCode(code, record) {
            rows[code] = { ...copy(record), id: code, grantId: code };
            await store.saveCode(code, record);
          },
          async findCode(code) {
            return rows[code] === undefined ? null : ((await store.findCode(code)) ?? copy(rows[code]));
          },
        }),
      };
    },
    { 'accepts any string as a code': 'no string finds what was not saved' },
  ],
  [
    'spends a code again that was revoked twice',
    ({ table }) => ({
      async revoke(key) {
        await turn();
        const row = table.get(key);
        if (row?.isRevoked) Object.assign(row, { isSpent: false, isRevoked: false });
        else if (row) row.isRevoked = true;
      },
    }),
    { 'can revoke several times': 'a spent code stays spent: expected false, got true' },
  ],
  [
    'deletes what it revokes twice',
    ({ table }) => ({
      async revoke(key) {
        await turn();
        const row = table.get(key);
        if (row?.isRevoked) table.delete(key);
        else if (row) row.isRevoked = true;
      },
    }),
    { 'can revoke several times': 'and is still found' },
  ],
  [
    'files codes in base64',
    () => ({ keyOf: (code) => Buffer.from(code).toString('base64') }),
    { 'stores no readable code': 'what is at rest holds a secret that can be read' },
  ],
  [
    'changes the record that it is to save',
    wrapping(({ saveCode }) => ({
      async saveCode(code, record) {
        record.clientId = record.clientId.toUpperCase();
        await saveCode(code, record);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to saveCode does not come back as it was saved:\n  clientId: saved 'spa', found 'SPA'",
    },
  ],
  [
    'adds a field to the record that it is to save',
    wrapping(({ saveCode }) => ({
      async saveCode(code, record) {
        Object.assign(record, { savedBy: 'me' });
        await saveCode(code, record);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to saveCode has other fields than before: expected [ 'clientId', 'redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope' ], got [ 'clientId', 'redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope', 'savedBy' ]",
    },
  ],
  [
    'loses the second of two resources',
    finding(({ resources, ...found }) => ({ ...found, resources: resources?.slice(0, 1) ?? null })),
    {
      'keeps the resources that were granted, or none':
        "a list of resources does not come back as it was saved:\n  resources: saved [ 'https://api.example/a', 'urn:host:b' ], found [ 'https://api.example/a' ]",
    },
  ],
  [
    'brings resources as a text',
    finding(({ resources, ...found }) => ({
      ...found,
      resources: resources?.length ? resources.join(' ') : (resources ?? null),
    })),
    {
      'keeps the resources that were granted, or none':
        "a list of resources does not come back as it was saved:\n  resources: saved [ 'https://api.example/a', 'urn:host:b' ], found 'https://api.example/a urn:host:b'",
    },
  ],
  [
    'brings resources as an object',
    finding(({ resources, ...found }) => ({ ...found, resources: resources ? { ...resources } : null })),
    {
      'keeps the resources that were granted, or none':
        "a list of resources does not come back as it was saved:\n  resources: saved [ 'https://api.example/a', 'urn:host:b' ], found { '0': 'https://api.example/a', '1': 'urn:host:b' }",
    },
  ],
  [
    'brings one resource as a text',
    finding(({ resources, ...found }) => ({
      ...found,
      resources: resources?.length === 1 ? resources[0] : (resources ?? null),
    })),
    {
      'keeps the resources that were granted, or none':
        "a list of resources does not come back as it was saved:\n  resources: saved [ 'https://api.example/' ], found 'https://api.example/'",
    },
  ],
  [
    'brings an empty list for no resources',
    finding(({ resources, ...found }) => ({ ...found, resources: resources ?? [] })),
    { 'keeps the resources that were granted, or none': 'null is no list: expected null, got []' },
  ],
  [
    'cuts strings at a NUL',
    changing((text) => text.split('\0')[0]),
    {
      'keeps every string unchanged':
        "the record with a NUL does not come back as it was saved:\n  clientId: saved 'before\\x00after', found 'before'",
    },
  ],
  [
    'takes backslashes out',
    changing((text) => text.replaceAll('\\', '')),
    {
      'keeps every string unchanged':
        "the record with quotes does not come back as it was saved:\n  clientId: saved '\\'; DROP TABLE oauth_codes; -- \" ` \\\\ \\\\\\' $1 %s', found '\\'; DROP TABLE oauth_codes; -- \" `  \\' $1 %s'",
    },
  ],
  [
    'cuts strings at 255 characters',
    changing((text) => text.slice(0, 255)),
    {
      'keeps every string unchanged':
        "the record with four kilobytes does not come back as it was saved:\n  clientId: saved 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'... 4036 more characters, found 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'... 195 more characters",
    },
  ],
  [
    'keeps the basic plane',
    changing((text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, '?')),
    {
      'keeps every string unchanged':
        "the record with unicode beyond the basic plane does not come back as it was saved:\n  clientId: saved 'ä 漢字 👩\u200d👩\u200d👧 𝄞', found 'ä 漢字 ?\u200d?\u200d? ?'",
    },
  ],
  [
    'composes letters',
    changing((text) => text.normalize('NFC')),
    {
      'keeps every string unchanged':
        "the record with a decomposed letter does not come back as it was saved:\n  clientId: saved 'é', found 'é'",
    },
  ],
  [
    'replaces half of a surrogate pair',
    changing((text) => Buffer.from(text).toString()),
    {
      'keeps every string unchanged':
        "the record with half of a surrogate pair does not come back as it was saved:\n  clientId: saved 'before \\ud83d after', found 'before � after'",
    },
  ],
  [
    'writes line breaks as one character',
    changing((text) => text.replaceAll('\r\n', '\n')),
    {
      'keeps every string unchanged':
        "the record with line breaks does not come back as it was saved:\n  clientId: saved 'one\\r\\ntwo\\nthree\u2028four', found 'one\\ntwo\\nthree\u2028four'",
    },
  ],
  [
    'trims strings',
    changing((text) => text.trim()),
    {
      'keeps every string unchanged':
        "the record with white space around does not come back as it was saved:\n  clientId: saved ' \\t around \\t ', found 'around'",
    },
  ],
  [
    'files clients in an object',
    changing((text) => {
      const names: Record<string, string> = {};
      names[text] = text;
      return names[text];
    }),
    {
      'keeps every string unchanged':
        "the record with __proto__ does not come back as it was saved:\n  clientId: saved '__proto__', found [Object: null prototype] {}",
    },
  ],
  [
    'looks clients up in an object',
    changing((text) => (({}) as Record<string, string>)[text] === (Object as never) ? Object : text),
    {
      'keeps every string unchanged':
        "the record with constructor does not come back as it was saved:\n  clientId: saved 'constructor', found [Function: Object]",
    },
  ],
  [
    'takes braces for a template',
    changing((text) => text.replace(/\{\w+\}/g, '')),
    {
      'keeps every string unchanged':
        "the record with braces does not come back as it was saved:\n  clientId: saved '{tag}:*?[a-z]', found ':*?[a-z]'",
    },
  ],
  [
    'reads JSON in a string',
    changing((text) => (/^\{".*\}$/.test(text) ? JSON.parse(text) : text)),
    {
      'keeps every string unchanged':
        'the record with a JSON text does not come back as it was saved:\n  clientId: saved \'{"clientId":"another"}\', found { clientId: \'another\' }',
    },
  ],
  [
    'revives what looks like a date',
    changing((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : text)),
    {
      'keeps every string unchanged':
        "the record with what a date looks like does not come back as it was saved:\n  clientId: saved '2026-01-02T03:04:05.678Z', found the Date 2026-01-02T03:04:05.678Z",
    },
  ],
  [
    'revives what it writes for a date',
    changing((text) => (text.startsWith('date:') ? new Date(text.slice(5)) : text)),
    {
      'keeps every string unchanged':
        "the record with what a store may write for a date does not come back as it was saved:\n  clientId: saved 'date:2026-01-02T03:04:05.678Z', found the Date 2026-01-02T03:04:05.678Z",
    },
  ],
  [
    'takes digits for a number',
    changing((text) => (/^\d+$/.test(text) ? Number(text) : text)),
    {
      'keeps every string unchanged':
        "the record with a number does not come back as it was saved:\n  clientId: saved '0123', found 123",
    },
  ],
  [
    'takes a word for nothing',
    changing((text) => (text === 'null' ? null : text)),
    {
      'keeps every string unchanged':
        "the record with a word for nothing does not come back as it was saved:\n  clientId: saved 'null', found null",
    },
  ],
  [
    'refuses a NUL after it has written the row',
    ({ insert }) => ({
      async insert(key, record) {
        await insert(key, record);
        if (record.clientId.includes('\0')) throw new Error('invalid byte sequence');
      },
    }),
    { 'keeps every string unchanged': 'what was refused is not there' },
  ],
  [
    'refuses half of a surrogate pair after it has written the row',
    ({ insert }) => ({
      async insert(key, record) {
        await insert(key, record);
        if (/\p{Surrogate}/u.test(record.clientId)) throw new Error('invalid byte sequence');
      },
    }),
    { 'keeps every string unchanged': 'what was refused is not there' },
  ],
  [
    'refuses what is longer than 255 characters',
    ({ insert }) => ({
      async insert(key, record) {
        if (record.clientId.length > 255) throw new Error('value too long');
        await insert(key, record);
      },
    }),
    { 'keeps every string unchanged': 'saveCode threw: value too long' },
  ],
  [
    'refuses what is beyond the basic plane',
    ({ insert }) => ({
      async insert(key, record) {
        if (/[\u{10000}-\u{10ffff}]/u.test(record.clientId)) throw new Error('incorrect string value');
        await insert(key, record);
      },
    }),
    { 'keeps every string unchanged': 'saveCode threw: incorrect string value' },
  ],
];
