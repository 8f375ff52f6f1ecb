import { EventEmitter, once } from 'node:events';
import { OAuthError } from '../../../lib';
import { memoryRefreshTokens } from '../../../lib/stores/memory';
import { type BrokenStore, isLike } from '../broken-stores';
import {
  digest,
  type FoundToken,
  type ModelRefreshTokenParts,
  type ModelRefreshTokens,
  type TokenRow,
  turn,
} from '../model-stores';

export type BreakTokens = (parts: ModelRefreshTokenParts) => Partial<ModelRefreshTokenParts>;

const wrapping =
  (change: (store: ModelRefreshTokens, index: number) => Partial<ModelRefreshTokens>): BreakTokens =>
  () => ({ wrap: (store, index) => ({ ...store, ...change(store, index) }) });

export const finding = (change: (found: FoundToken) => unknown): BreakTokens =>
  wrapping(({ findRefreshToken }) => ({
    async findRefreshToken(token) {
      const found = await findRefreshToken(token);
      return found && (change(found) as FoundToken);
    },
  }));

const changing = (change: (text: string) => unknown) =>
  finding((found) => ({ ...found, clientId: change(found.clientId) }));

/** Moves the instant at which a token was spent when it is tried again, or when the next one is spent. */
const moving =
  (
    milliseconds: number,
    isMoved: (row: TokenRow, key: string, grantKey: string, isSpent: boolean) => boolean,
  ): BreakTokens =>
  ({ table, spend }) => ({
    async spend(key, grantKey) {
      const isSpent = await spend(key, grantKey);
      for (const row of table.values()) {
        const { generation } = row;
        if (isMoved(row, key, grantKey, isSpent))
          generation.spentAt = new Date(Number(generation.spentAt) + milliseconds);
      }
      return isSpent;
    },
  });
export const whenTriedAgain = (milliseconds: number) =>
  moving(milliseconds, ({ generation }, _key, _grantKey, isSpent) => !isSpent && generation.spentAt !== null);
export const whenTheNextIsSpent =
  (milliseconds: number): BreakTokens =>
  (parts) =>
    moving(
      milliseconds,
      ({ record, generation }, key, grantKey, isSpent) =>
        isSpent &&
        record.grantId === grantKey &&
        generation.spentAt !== null &&
        generation !== parts.table.get(key)?.generation,
    )(parts);

/** The memory store, which decides itself whether a spent token may come again. */
export const deciding =
  (change: (store: ModelRefreshTokens) => Partial<ModelRefreshTokens> = () => ({})): BreakTokens =>
  () => {
    const store = memoryRefreshTokens() as unknown as ModelRefreshTokens;
    return { wrap: () => ({ ...store, ...change(store) }), dump: () => 'rows' };
  };
const decidingFound = (change: (found: FoundToken) => object) =>
  deciding(({ findRefreshToken }) => ({
    async findRefreshToken(token) {
      const found = await findRefreshToken(token);
      return found && { ...found, ...change(found) };
    },
  }));

const isLate = ({ table }: ModelRefreshTokenParts, grantId: string) =>
  [...table.values()].some((row) => row.record.grantId === grantId && row.generation.spentAt);

export const refusingLate =
  (create: () => unknown): BreakTokens =>
  (parts) => ({
    async insert(key, record, grantKey) {
      await turn();
      if (isLate(parts, record.grantId)) throw create();
      await parts.insert(key, record, grantKey);
    },
  });
/** A store that is told for which token it saves refuses what replaces an older one. */
export const refusingOld =
  (create: () => unknown): BreakTokens =>
  (parts) => {
    const saves = new Map<string, number>();
    return {
      async insert(key, record, grantKey) {
        const count = (saves.get(grantKey) ?? 0) + 1;
        saves.set(grantKey, count);
        if (count === 4 && isLate(parts, record.grantId)) throw create();
        await parts.insert(key, record, grantKey);
      },
    };
  };

/** A store that is slow to save the last of twenty tokens: a successor is spent before it. */
export const savingTheLastLate: BreakTokens = ({ insert, spend }) => {
  const steps = new EventEmitter();
  let saves = 0;
  let spendings = 0;
  return {
    async insert(...given) {
      saves += 1;
      // The first one is the token that the twenty replace.
      if (saves === 21) await once(steps, 'a successor is spent');
      await insert(...given);
    },
    async spend(...given) {
      const isSpent = await spend(...given);
      if (isSpent) spendings += 1;
      if (spendings === 2) steps.emit('a successor is spent');
      return isSpent;
    },
  };
};

/** A store that names its rows in a way of its own, and refuses a field for which it has no column. */
export const withoutTokenId: BreakTokens = wrapping((store) => ({
  async saveRefreshToken(token, record) {
    if ('tokenId' in record) throw new TypeError('there is no column tokenId');
    await store.saveRefreshToken(token, record);
  },
  async findRefreshToken(token) {
    const { tokenId: row, ...found } = (await store.findRefreshToken(token)) ?? {};
    return row === undefined ? null : ({ ...found, row } as never);
  },
  consumeRefreshToken: async ({ row, ...found }: FoundToken & { row?: string }) =>
    store.consumeRefreshToken({ ...found, tokenId: String(row) }),
}));

/** A store that finds a token by a text that is not the token. */
export const matching =
  (isMatch: (saved: string, text: string) => boolean): BreakTokens =>
  () => {
    const tokens: string[] = [];
    return {
      wrap: (store) => ({
        ...store,
        async saveRefreshToken(token, record) {
          await store.saveRefreshToken(token, record);
          tokens.push(token);
        },
        findRefreshToken: (text) =>
          store.findRefreshToken(tokens.includes(text) ? text : (tokens.find((token) => isMatch(token, text)) ?? text)),
      }),
    };
  };

export const refusingEmpty: BreakTokens = wrapping((store) => ({
  async findRefreshToken(token) {
    if (token === '') throw new TypeError('the token is empty');
    return store.findRefreshToken(token);
  },
}));

const clientOf = ({ table }: ModelRefreshTokenParts, grantKey: string) =>
  [...table.values()].find(({ record }) => record.grantId === grantKey)?.record.clientId;

export const BROKEN_TOKENS: readonly BrokenStore<BreakTokens>[] = [
  [
    'compares tokens with LIKE',
    matching(isLike),
    { 'finds a token by the whole token and not by a pattern': 'findRefreshToken finds a token by a % alone' },
  ],
  [
    'takes the token that it has for the pattern',
    matching((saved, text) => isLike(text, saved)),
    {
      'finds a token by the whole token and not by a pattern':
        'findRefreshToken finds a token by another character for its first',
    },
  ],
  [
    'compares 32 characters of a token',
    matching((saved, text) => saved.slice(0, 32) === text.slice(0, 32)),
    {
      'distinguishes tokens that are almost the same': 'a token is found by itself only, byte for byte',
      'finds a token by the whole token and not by a pattern':
        'findRefreshToken finds a token by a % for its last character',
    },
  ],
  [
    'revokes by the client',
    (parts) => ({
      async revoke(grantKey) {
        await parts.revoke(grantKey);
        for (const [key, grant] of parts.grants) {
          if (clientOf(parts, key) === clientOf(parts, grantKey)) grant.isRevoked = true;
        }
      },
    }),
    {
      'revokes the grant of one token and no other': 'revokeTokens revoked another grant of the same client, too',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID"',
      'neither finds nor spends a token of a revoked grant':
        'a token is not found though saveRefreshToken has returned',
      'keeps spent and revoked tokens so after a restart': 'the record is not found',
    },
  ],
  [
    'revokes all but the grant that it is given',
    ({ grants }) => ({
      async revoke(grantKey) {
        await turn();
        for (const [key, grant] of grants) if (key !== grantKey) grant.isRevoked = true;
      },
    }),
    {
      'revokes the grant of one token and no other':
        'revokeTokens revoked another grant instead of the one of its token',
      'can revoke several times': 'a token is found after call 1 of revokeTokens',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'the token of a grant is found after revokeTokens',
      'neither finds nor spends a token of a revoked grant': 'a spent token of it is null',
      'accepts no token that is saved after its grant was revoked': 'also where the grant was not known',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
      'keeps spent and revoked tokens so after a restart': 'a revoked one stays revoked',
    },
  ],
  [
    'revokes and undoes that in turn',
    ({ grantOf }) => ({
      async revoke(grantKey) {
        await turn();
        const grant = grantOf(grantKey);
        grant.isRevoked = !grant.isRevoked;
      },
    }),
    {
      'can revoke several times': 'a token is found after call 2 of revokeTokens',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
    },
  ],
  [
    'undoes a revocation that comes for the twentieth time',
    ({ grantOf, revoke }) => {
      let calls = 0;
      return {
        async revoke(grantKey) {
          await revoke(grantKey);
          calls += 1;
          if (calls === 23) grantOf(grantKey).isRevoked = false;
        },
      };
    },
    { 'can revoke several times': 'what is revoked stays revoked' },
    'and others',
  ],
  [
    'throws for a token that is spent',
    ({ spend }) => ({
      async spend(key, grantKey) {
        if (await spend(key, grantKey)) return true;
        throw new Error('already spent');
      },
    }),
    {
      'spends a token once':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'spends a token once for twenty callers at once':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'spends a token once for twenty callers that each found it':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'says when a token was spent, and does not change that':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'spends all tokens of a generation together':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'spends one token of a generation for twenty callers at once':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'accepts no late token beside the live ones':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'finds a token until it expires, spent or not':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'refuses to save a token again, or leaves it as it is':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'neither finds nor spends a token of a revoked grant':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
      'keeps spent and revoked tokens so after a restart':
        'consumeRefreshToken threw: already spent\nFor a token that is spent, return false. Throw only if the database fails.',
    },
  ],
  [
    'shows an empty dump',
    () => ({ dump: () => '' }),
    { 'stores no readable token': "dump returned '' though a record was saved" },
  ],
  [
    'finds nothing',
    finding(() => null),
    {
      'finds a token with every field as it was saved': 'a token is not found though saveRefreshToken has returned',
      'says when a token was spent, and does not change that':
        'a token is not found though saveRefreshToken has returned',
      'finds a token until it expires, spent or not': 'a token is not found though saveRefreshToken has returned',
      'keeps every string unchanged': 'the record with a NUL is not found',
      'accepts any string as a token': 'the record is not found',
      'does not change the records that it is given': 'a token is not found though saveRefreshToken has returned',
    },
    'and others',
  ],
  [
    'loses the key of DPoP proofs',
    finding((found) => ({ ...found, dpopJkt: null })),
    {
      'finds a token with every field as it was saved':
        "the record does not come back as it was saved:\n  dpopJkt: saved 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', found null",
    },
  ],
  [
    'does not say that a token is live',
    finding(({ spentAt, ...found }) => ({ ...found, ...(spentAt && { spentAt }) })),
    {
      'finds a token with every field as it was saved': 'spentAt of a live token is null: expected null, got undefined',
      'spends the tokens of one grant and of no other':
        'the record does not come back as it was saved:\n  spentAt: saved null, found undefined',
    },
  ],
  [
    'brings an empty string for no scope',
    finding((found) => ({ ...found, scope: found.scope ?? '' })),
    {
      'keeps null, a missing field and an empty string apart':
        "the record does not come back as it was saved:\n  scope: saved null, found ''",
    },
  ],
  [
    'finds some token for every text that looks like one',
    ({ table }) => ({
      wrap: (store) => ({
        ...store,
        async findRefreshToken(token) {
          const found = await store.findRefreshToken(token);
          if (found || !/^(?=.*[a-z])[\w-]{43}$/.test(token)) return found;
          const [[tokenId, { record, generation }]] = [...table] as [[string, TokenRow]];
          return { ...record, ...generation, tokenId };
        },
      }),
    }),
    {
      'does not find a token that was never saved': 'an unknown token is null or undefined',
      'finds a token by the whole token and not by a pattern':
        'findRefreshToken finds a token by a _ for its last character',
      'revokes the grant of one token and no other': 'findRefreshToken finds a token of a grant that is revoked',
      'can revoke several times': 'a token is found after call 1 of revokeTokens',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'the token of a grant is found after revokeTokens',
      'neither finds nor spends a token of a revoked grant': 'a spent token of it is null',
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
      'keeps spent and revoked tokens so after a restart': 'a revoked one stays revoked',
    },
  ],
  [
    'reads fewer columns over the second connection',
    wrapping(({ findRefreshToken }, index) => ({
      async findRefreshToken(token) {
        const found = await findRefreshToken(token);
        return index === 0 ? found : found && ({ ...found, clientId: null } as never);
      },
    })),
    {
      'finds on every connection what another one has saved':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found null",
      'says when a token was spent, and does not change that':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found null",
    },
  ],
  [
    'shows a token to the connection only that saved it',
    () => ({
      wrap: (store) => {
        const own = new Set<string>();
        return {
          ...store,
          saveRefreshToken: (token, record) => {
            own.add(token);
            return store.saveRefreshToken(token, record);
          },
          findRefreshToken: async (token) => (own.has(token) ? store.findRefreshToken(token) : null),
        };
      },
    }),
    {
      'finds on every connection what another one has saved': 'the record is not found',
      'spends a token once for twenty callers that each found it':
        'a token is not found though saveRefreshToken has returned',
      'says when a token was spent, and does not change that':
        'a token is not found though saveRefreshToken has returned',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'a token is not found though saveRefreshToken has returned',
      'keeps spent and revoked tokens so after a restart': 'the record is not found',
    },
  ],
  [
    'never says that it spent a token',
    wrapping(({ consumeRefreshToken }) => ({
      consumeRefreshToken: async (found) => (await consumeRefreshToken(found)) && false,
    })),
    {
      'spends a token once': 'the first call spends the token: expected true, got false',
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends a token once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a token by finding it': 'a token that was looked up can still be spent: expected true, got false',
      'spends the tokens of one grant and of no other': 'the first call spends the token: expected true, got false',
      'does not change when a token was spent when the next one is spent':
        'the next one can be spent: expected true, got false',
      'spends all tokens of a generation together': 'either of the two can go on: expected true, got false',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 0',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 0',
      'neither finds nor spends a token of a revoked grant': 'another grant lives on: expected true, got false',
    },
  ],
  [
    'spends a token as often as it is asked',
    () => ({ spend: async () => true }),
    {
      'spends a token once': 'the second call does not: expected false, got true',
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20',
      'spends a token once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 20',
      'says when a token was spent, and does not change that': 'a spent token has the instant at which it was spent',
      'does not change when a token was spent when the next one is spent': 'what is spent stays spent',
      'spends all tokens of a generation together': 'a spent token has the instant at which it was spent',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 20',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 2',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'what is spent stays spent: expected false, got true',
      'finds a token until it expires, spent or not': 'and it is still spent: expected false, got true',
      'refuses to save a token again, or leaves it as it is':
        'a spent token does not come back to life: expected false, got true',
      'neither finds nor spends a token of a revoked grant':
        'and cannot be spent by who found it before: expected false, got true',
      'keeps spent and revoked tokens so after a restart': 'a spent token stays spent: expected false, got true',
    },
  ],
  [
    'deletes a token that is spent',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isSpent = await spend(key, grantKey);
        if (isSpent) table.delete(key);
        return isSpent;
      },
    }),
    {
      'spends a token once': 'a token is not found though saveRefreshToken has returned',
      'says when a token was spent, and does not change that':
        'a token is not found though saveRefreshToken has returned',
      'does not change when a token was spent when the next one is spent':
        'a token is not found though saveRefreshToken has returned',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'a token is not found though saveRefreshToken has returned',
      'accepts a spent token again until a successor is used, if the store decides that':
        'a token is not found though saveRefreshToken has returned',
      'finds a token until it expires, spent or not': 'a token is not found though saveRefreshToken has returned',
      'refuses to save a token again, or leaves it as it is':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  expiresAt: saved soon, found soon\n  grantId: saved 'ID', found 'ID'",
    },
  ],
  [
    'brings a token to life by finding it',
    ({ table, select }) => ({
      async select(key, grantKeyOf) {
        const row = table.get(key);
        if (row) row.generation = { spentAt: null };
        return select(key, grantKeyOf);
      },
    }),
    {
      'spends a token once': 'nor does a call with the record found anew: expected false, got true',
      'says when a token was spent, and does not change that': 'a spent token has the instant at which it was spent',
      'does not change when a token was spent when the next one is spent': 'what is spent stays spent',
      'spends all tokens of a generation together': 'a spent token has the instant at which it was spent',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 4',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 2',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'what is spent stays spent: expected false, got true',
      'finds a token until it expires, spent or not': 'and it is still spent: expected false, got true',
      'refuses to save a token again, or leaves it as it is':
        'a spent token does not come back to life: expected false, got true',
      'keeps spent and revoked tokens so after a restart': 'a spent token stays spent: expected false, got true',
    },
  ],
  [
    'answers with a count of rows',
    ({ spend }) => ({ spend: async (key, grant) => Number(await spend(key, grant)) as never }),
    {
      'spends a token once': 'the first call spends the token: expected true, got 1',
      'spends a token once for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'spends a token once for twenty callers that each found it':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'does not spend a token by finding it': 'a token that was looked up can still be spent: expected true, got 1',
      'spends the tokens of one grant and of no other': 'the first call spends the token: expected true, got 1',
      'does not change when a token was spent when the next one is spent':
        'the next one can be spent: expected true, got 1',
      'spends all tokens of a generation together': 'either of the two can go on: expected true, got 1',
      'spends one token of a generation for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'number'",
      'accepts no late token beside the live ones': "consuming answers true or false: expected 'boolean', got 'number'",
      'leaves at most one live generation, however tokens are saved and spent at once':
        'what is spent stays spent: expected false, got 0',
      'finds a token until it expires, spent or not': 'and it is still spent: expected false, got 0',
      'refuses to save a token again, or leaves it as it is':
        'a spent token does not come back to life: expected false, got 0',
      'neither finds nor spends a token of a revoked grant':
        'and cannot be spent by who found it before: expected false, got 0',
      'keeps spent and revoked tokens so after a restart': 'a spent token stays spent: expected false, got 0',
    },
  ],
  [
    'reads whether a token is spent and then writes it',
    ({ table, grantOf }) => ({
      async spend(key, grantKey) {
        const row = table.get(key);
        const wasSpent = row?.generation.spentAt || grantOf(grantKey).isRevoked;
        await turn();
        if (!row || wasSpent) return false;
        row.generation.spentAt ??= new Date();
        grantOf(grantKey).live = { spentAt: null };
        return true;
      },
    }),
    {
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20',
      'spends a token once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 20',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 20',
    },
  ],
  [
    'loses a race now and then',
    ({ spend }) => {
      let calls = 0;
      return {
        async spend(key, grantKey) {
          calls += 1;
          if (calls === 38) return true;
          return spend(key, grantKey);
        },
      };
    },
    {
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 2',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 2',
    },
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
    {
      'spends a token once': 'the first call spends the token: expected true, got false',
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends a token once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a token by finding it': 'a token that was looked up can still be spent: expected true, got false',
      'spends the tokens of one grant and of no other': 'the first call spends the token: expected true, got false',
      'does not change when a token was spent when the next one is spent':
        'the next one can be spent: expected true, got false',
      'spends all tokens of a generation together': 'either of the two can go on: expected true, got false',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 0',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 0',
      'neither finds nor spends a token of a revoked grant': 'another grant lives on: expected true, got false',
    },
  ],
  [
    'spends a token that was looked up ten times',
    ({ table, select }) => {
      let calls = 0;
      return {
        async select(key, grantKeyOf) {
          calls += 1;
          const row = table.get(key);
          if (row && calls === 21) row.generation.spentAt = new Date();
          return select(key, grantKeyOf);
        },
      };
    },
    {
      'spends a token once for twenty callers that each found it':
        'the number of calls that were told true: expected 1, got 0',
      'does not spend a token by finding it': 'a token that was looked up can still be spent: expected true, got false',
    },
  ],
  [
    'finds no token while ten others look for it',
    ({ select }) => {
      let looking = 0;
      return {
        async select(key, grantKeyOf) {
          looking += 1;
          const isCrowded = looking > 10;
          const found = await select(key, grantKeyOf);
          looking -= 1;
          return isCrowded ? null : found;
        },
      };
    },
    {
      'spends a token once for twenty callers that each found it':
        'a token is not found though saveRefreshToken has returned',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'a token is not found though saveRefreshToken has returned',
    },
  ],
  [
    'spends every token of the client',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isSpent = await spend(key, grantKey);
        if (isSpent) for (const { generation } of table.values()) generation.spentAt ??= new Date();
        return isSpent;
      },
    }),
    {
      'spends the tokens of one grant and of no other':
        'the record does not come back as it was saved:\n  spentAt: saved null, found soon',
    },
  ],
  [
    'deletes the tokens of other grants',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        for (const [other, { record }] of table) if (record.grantId !== grantKey) table.delete(other);
        return spend(key, grantKey);
      },
    }),
    {
      'spends the tokens of one grant and of no other': 'the record is not found',
      'finds a token until it expires, spent or not': 'the record is not found',
      'neither finds nor spends a token of a revoked grant':
        'a token is not found though saveRefreshToken has returned',
      'keeps spent and revoked tokens so after a restart': 'the record is not found',
    },
  ],
  [
    'spends nothing of a client that has spent a token',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isBusy = [...table.values()].some(
          ({ record, generation }) => generation.spentAt && record.grantId !== grantKey,
        );
        return !isBusy && spend(key, grantKey);
      },
    }),
    {
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends the tokens of one grant and of no other':
        'spending one grant leaves the other as it was: expected true, got false',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 0',
      'neither finds nor spends a token of a revoked grant': 'another grant lives on: expected true, got false',
    },
  ],
  [
    'does not tell when a token was spent',
    finding(({ spentAt, ...found }) => ({ ...found, spentAt: spentAt ? true : null })),
    {
      'says when a token was spent, and does not change that': 'a spent token has the instant at which it was spent',
      'spends all tokens of a generation together': 'a spent token has the instant at which it was spent',
    },
  ],
  [
    'tells that a token was spent, not when',
    finding((found) => ({ ...found, spentAt: found.spentAt && new Date(0) })),
    {
      'says when a token was spent, and does not change that': 'spentAt is the instant at which it was spent',
      'spends all tokens of a generation together': 'spentAt is the instant at which it was spent',
    },
  ],
  [
    'takes the end of a token for the instant of spending',
    finding((found) => ({ ...found, spentAt: found.spentAt && found.expiresAt })),
    {
      'says when a token was spent, and does not change that': 'spentAt is the instant at which it was spent',
      'spends all tokens of a generation together': 'spentAt is the instant at which it was spent',
    },
  ],
  [
    'loses the scope of a token that is spent',
    finding((found) => ({ ...found, scope: found.spentAt ? null : found.scope })),
    {
      'says when a token was spent, and does not change that':
        "the record does not come back as it was saved:\n  scope: saved 'openid offline_access', found null",
      'refuses to save a token again, or leaves it as it is':
        "the record does not come back as it was saved:\n  scope: saved 'openid offline_access', found null",
    },
  ],
  [
    'moves the instant of spending when a token is tried again',
    whenTriedAgain(450),
    { 'says when a token was spent, and does not change that': 'spentAt stays what it was, whoever tries again' },
  ],
  [
    'moves the instant of spending back when a token is tried again',
    whenTriedAgain(-450),
    { 'says when a token was spent, and does not change that': 'spentAt stays what it was, whoever tries again' },
  ],
  [
    'moves the instant of spending when the next token is spent',
    whenTheNextIsSpent(450),
    {
      'does not change when a token was spent when the next one is spent':
        'spentAt of an older token does not move when the next one is spent',
    },
  ],
  [
    'brings the older token to life when the next one is spent',
    ({ table, spend }) => ({
      async spend(key, grantKey) {
        const isSpent = await spend(key, grantKey);
        for (const [other, row] of table)
          if (
            isSpent &&
            other !== key &&
            row.record.grantId === grantKey &&
            row.generation !== table.get(key)?.generation
          )
            row.generation.spentAt = null;
        return isSpent;
      },
    }),
    {
      'does not change when a token was spent when the next one is spent': 'what is spent stays spent',
      'leaves at most one live generation, however tokens are saved and spent at once':
        'what is spent stays spent: expected false, got true',
    },
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
    {
      'spends all tokens of a generation together': 'a spent token has the instant at which it was spent',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 4',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 2',
      'leaves at most one live generation, however tokens are saved and spent at once': 'one generation lives',
    },
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
    {
      'does not change when a token was spent when the next one is spent':
        'the next one can be spent: expected true, got false',
      'spends all tokens of a generation together': 'either of the two can go on: expected true, got false',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 0',
    },
  ],
  [
    'does not tell that a sibling was spent',
    ({ table, select }) => {
      const own = new Set<string>();
      return {
        wrap: (store) => ({
          ...store,
          consumeRefreshToken: (found) => {
            own.add(found.tokenId);
            return store.consumeRefreshToken(found);
          },
        }),
        async select(key, grantKeyOf) {
          const found = await select(key, grantKeyOf);
          return found && own.has(key) ? found : found && { ...found, spentAt: null };
        },
        table,
      };
    },
    { 'spends all tokens of a generation together': 'a spent token has the instant at which it was spent' },
  ],
  [
    'spends a sibling once more',
    ({ table, spend, grantOf }) => {
      const tried = new Set<string>();
      return {
        async spend(key, grantKey) {
          const first = !tried.has(key);
          tried.add(key);
          const isSpent = await spend(key, grantKey);
          const siblings = [...table.values()].filter(({ generation }) => generation === table.get(key)?.generation);
          return isSpent || (first && siblings.length === 2 && !grantOf(grantKey).isRevoked);
        },
      };
    },
    {
      'spends all tokens of a generation together': 'and with it the other is spent: expected false, got true',
      'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 2',
    },
  ],
  [
    'starts a generation with each token that comes late',
    ({ insert, table, grantOf }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        const row = table.get(key) as TokenRow;
        const others = [...table.values()].filter(
          (each) => each.record.grantId === grantKey && each.generation.spentAt,
        );
        if (others.length > 1) row.generation = grantOf(grantKey).live = { spentAt: null };
      },
    }),
    { 'accepts no late token beside the live ones': 'the number of calls that were told true: expected 1, got 2' },
  ],
  [
    'refuses a late token with an error of its own',
    refusingOld(() => new Error('late')),
    {
      'accepts no late token beside the live ones':
        "it throws an OAuthError: Error: late: expected 'invalid_grant', got undefined",
      'leaves at most one live generation, however tokens are saved and spent at once':
        "it throws an OAuthError: Error: late: expected 'invalid_grant', got undefined",
    },
  ],
  [
    'refuses a late token with another code',
    refusingOld(() => new OAuthError('invalid_request', 'late')),
    {
      'accepts no late token beside the live ones':
        "it throws an OAuthError: OAuthError: late: expected 'invalid_grant', got 'invalid_request'",
      'leaves at most one live generation, however tokens are saved and spent at once':
        "it throws an OAuthError: OAuthError: late: expected 'invalid_grant', got 'invalid_request'",
    },
  ],
  [
    'refuses each token that comes after a spent one',
    refusingLate(() => new Error('late')),
    {
      'does not change when a token was spent when the next one is spent': 'saveRefreshToken threw: late',
      'spends all tokens of a generation together': 'saveRefreshToken threw: late',
      'accepts no late token beside the live ones': 'saveRefreshToken threw: late',
      'leaves at most one live generation, however tokens are saved and spent at once':
        "it throws an OAuthError: Error: late: expected 'invalid_grant', got undefined",
      'neither finds nor spends a token of a revoked grant': 'saveRefreshToken threw: late',
    },
  ],
  [
    'brings a token to life by saving its successor',
    ({ insert, table }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        const [first] = [...table.values()].filter((row) => row.record.grantId === grantKey);
        if (first) first.generation = (table.get(key) as TokenRow).generation;
      },
    }),
    {
      'does not change when a token was spent when the next one is spent':
        'spentAt of an older token does not move when the next one is spent',
    },
  ],
  [
    'says of every spent token that it may come again',
    finding((found) => ({ ...found, isRepeatable: found.spentAt !== null })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        'a successor was used: this one is reused: expected false, got true',
    },
  ],
  [
    'says of a live token that it may come again',
    finding((found) => ({ ...found, isRepeatable: true })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        'a live token is no repeated one',
    },
  ],
  [
    'says of no spent token that it may come again',
    finding((found) => ({ ...found, isRepeatable: false })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        'no successor was used yet: expected true, got false',
    },
  ],
  [
    'decides, and says of a live token that it may come again',
    decidingFound((found) => ({ isRepeatable: found.isRepeatable || found.spentAt === null })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        'a live token is no repeated one',
    },
  ],
  [
    'decides, and refuses the sibling of a token that was used',
    decidingFound((found) => ({
      isRepeatable: Reflect.get(found, 'repeatedAs') === 'sibling' ? false : found.isRepeatable,
    })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        "tabs may race: expected [ true, 'sibling' ], got [ false, 'sibling' ]",
    },
  ],
  [
    'decides, and does not name a sibling',
    decidingFound(() => ({ repeatedAs: undefined })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        "tabs may race: expected [ true, 'sibling' ], got [ true, undefined ]",
    },
  ],
  [
    'decides, and lets a token come again for ever',
    decidingFound((found) => ({ isRepeatable: found.spentAt !== null })),
    {
      'accepts a spent token again until a successor is used, if the store decides that':
        'a successor was used: this one is reused: expected false, got true',
    },
  ],
  [
    'decides, and spends no successor',
    deciding(({ consumeRefreshToken }) => {
      let calls = 0;
      return {
        async consumeRefreshToken(found) {
          calls += 1;
          return calls < 2 && (await consumeRefreshToken(found));
        },
      };
    }),
    {
      'spends a token once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'spends the tokens of one grant and of no other':
        'spending one grant leaves the other as it was: expected true, got false',
      'does not change when a token was spent when the next one is spent':
        'the next one can be spent: expected true, got false',
      'spends all tokens of a generation together': 'either of the two can go on: expected true, got false',
      'spends one token of a generation for twenty callers at once':
        'the number of calls that were told true: expected 1, got 0',
      'accepts no late token beside the live ones':
        'saveRefreshToken threw: saveRefreshToken: the token that it is issued for is not spent; call consumeRefreshToken first',
      'accepts a spent token again until a successor is used, if the store decides that':
        'a successor can be spent: expected true, got false',
      'neither finds nor spends a token of a revoked grant': 'another grant lives on: expected true, got false',
    },
  ],
  [
    'decides, and issues for a token that was used',
    deciding(({ saveRefreshToken }) => ({
      saveRefreshToken: async (token, record) => {
        await Promise.resolve(saveRefreshToken(token, record)).catch(() => undefined);
      },
    })),
    {
      'accepts no late token beside the live ones': 'a token is not found though saveRefreshToken has returned',
      'accepts a spent token again until a successor is used, if the store decides that':
        'nothing is issued for it any more',
    },
  ],
  [
    'decides, and refuses with an error of its own',
    deciding(({ saveRefreshToken }) => ({
      saveRefreshToken: async (token, record) => {
        try {
          await saveRefreshToken(token, record);
        } catch {
          throw new Error('late');
        }
      },
    })),
    {
      'accepts no late token beside the live ones':
        "it throws an OAuthError: Error: late: expected 'invalid_grant', got undefined",
      'accepts a spent token again until a successor is used, if the store decides that':
        "it throws an OAuthError: Error: late: expected 'invalid_grant', got undefined",
    },
  ],
  [
    'forgets a token half a second before its end',
    finding((found) => (found.expiresAt.getTime() - 500 > Date.now() ? found : null)),
    { 'finds a token until it expires, spent or not': 'the record is not found' },
    'and others',
  ],
  [
    'brings a spent token to life half a second before its end',
    ({ select, table }) => ({
      async select(key, grantKeyOf) {
        const row = table.get(key);
        if (row && row.record.expiresAt.getTime() - 500 < Date.now()) row.generation = { spentAt: null };
        return select(key, grantKeyOf);
      },
    }),
    { 'finds a token until it expires, spent or not': 'and it is still spent: expected false, got true' },
    'and others',
  ],
  [
    'keeps whole seconds',
    finding((found) => ({ ...found, expiresAt: new Date(Math.floor(found.expiresAt.getTime() / 1000) * 1000) })),
    {
      'keeps expiresAt of a token to the millisecond':
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
      'keeps expiresAt of a token to the millisecond':
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
      'keeps expiresAt of a token to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved soon.000Z, found soon.001Z',
    },
    'and others',
  ],
  [
    'keeps seconds until 2038',
    finding((found) => ({ ...found, expiresAt: new Date(Math.min(found.expiresAt.getTime(), (2 ** 31 - 1) * 1000)) })),
    {
      'keeps expiresAt of a token to the millisecond':
        'the record does not come back as it was saved:\n  expiresAt: saved the Date 2038-01-19T03:14:08.000Z, found the Date 2038-01-19T03:14:07.000Z',
    },
  ],
  [
    'saves over what is there',
    ({ table, grantOf }) => ({
      async insert(key, record, grantKey) {
        await turn();
        table.set(key, { record, generation: grantOf(grantKey).live });
      },
    }),
    {
      'refuses to save a token again, or leaves it as it is':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  expiresAt: saved soon, found soon\n  grantId: saved 'ID', found 'ID'",
    },
  ],
  [
    'brings a spent token to life that is saved again',
    ({ table, insert }) => ({
      async insert(key, record, grantKey) {
        const row = table.get(key);
        if (row) row.generation = { spentAt: null };
        else await insert(key, record, grantKey);
      },
    }),
    {
      'refuses to save a token again, or leaves it as it is':
        'a spent token does not come back to life: expected false, got true',
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
    'brings an empty list for no resources',
    finding((found) => ({ ...found, resources: found.resources ?? [] })),
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
    'cuts strings at 255 characters',
    changing((text) => text.slice(0, 255)),
    {
      'keeps every string unchanged':
        "the record with four kilobytes does not come back as it was saved:\n  clientId: saved 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'... 4036 more characters, found 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'... 195 more characters",
    },
  ],
  [
    'refuses a NUL after it has written the row',
    ({ insert }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        if (record.clientId.includes('\0')) throw new Error('invalid byte sequence');
      },
    }),
    { 'keeps every string unchanged': 'what was refused is not there' },
  ],
  [
    'refuses a NUL in a grant after it has written the row',
    ({ insert }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        if (record.grantId.includes('\0')) throw new Error('invalid byte sequence');
      },
    }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'what was refused is not there',
    },
  ],
  [
    'refuses what is longer than 255 characters',
    ({ insert }) => ({
      async insert(key, record, grantKey) {
        if (record.clientId.length > 255) throw new Error('value too long');
        await insert(key, record, grantKey);
      },
    }),
    { 'keeps every string unchanged': 'saveRefreshToken threw: value too long' },
  ],
  [
    'finds something in the place of an unknown word',
    wrapping(({ findRefreshToken }) => ({
      findRefreshToken: async (token) => (await findRefreshToken(token)) ?? (token === 'null' ? ({} as never) : null),
    })),
    { 'accepts any string as a token': 'no string finds what was not saved' },
  ],
  [
    'finds one word in the place of another',
    wrapping(({ findRefreshToken }) => ({
      findRefreshToken: (token) => findRefreshToken(token === 'constructor' ? '__proto__' : token),
    })),
    {
      'accepts any string as a token':
        "the record does not come back as it was saved:\n  scope: saved 'scope 9', found 'scope 8'",
    },
  ],
  [
    'keeps no token that is a word for nothing',
    ({ insert, keyOf }) => ({
      async insert(key, record, grantKey) {
        if (key !== keyOf('null')) await insert(key, record, grantKey);
      },
    }),
    { 'accepts any string as a token': 'the record is not found' },
  ],
  [
    'folds letter cases of tokens',
    ({ keyOf }) => ({ keyOf: (token) => keyOf(token.toLowerCase()) }),
    { 'distinguishes tokens that are almost the same': 'a token is found by itself only, byte for byte' },
  ],
  [
    'cuts grants at a NUL',
    finding((found) => ({ ...found, grantId: found.grantId.split('\0')[0] })),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        "grantId comes back as it was saved: expected 'ID\\x00', got 'ID'",
    },
  ],
  [
    'folds letter cases of grants',
    () => ({ grantKeyOf: (grantId) => grantId.toLowerCase() }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID"',
    },
  ],
  [
    'trims the ends of grants',
    () => ({ grantKeyOf: (grantId) => grantId.replace(/ +$/, '') }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID "',
    },
  ],
  [
    'trims the beginnings of grants',
    () => ({ grantKeyOf: (grantId) => grantId.replace(/^ +/, '') }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: " ID"',
    },
  ],
  [
    'takes grants for the same up to a NUL',
    () => ({ grantKeyOf: (grantId) => String(grantId.split('\0')[0]) }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID\\u0000"',
    },
  ],
  [
    'drops the padding of base64 from grants',
    () => ({ grantKeyOf: (grantId) => grantId.replace(/=+$/, '') }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID="',
    },
  ],
  [
    'has 31 characters for a grant',
    () => ({ grantKeyOf: (grantId) => (grantId.length === 32 ? grantId.slice(0, 31) : grantId) }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID"',
    },
  ],
  [
    'revokes no grant whose id is long',
    ({ revoke }) => ({
      async revoke(grantKey) {
        if (grantKey.length < 255) await revoke(grantKey);
      },
    }),
    {
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revokeTokens does not revoke the grant "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"',
    },
  ],
  [
    'hands its own record out',
    ({ table }) => ({
      wrap: (store) => ({
        ...store,
        async findRefreshToken(token) {
          const found = await store.findRefreshToken(token);
          return found && (Object.assign((table.get(found.tokenId) as TokenRow).record, found) as FoundToken);
        },
      }),
    }),
    {
      'returns copies of its records':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  scope: saved 'openid offline_access', found null\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z",
    },
  ],
  [
    'keeps the record that it is given',
    ({ table, keyOf }) => ({
      wrap: (store) => ({
        ...store,
        async saveRefreshToken(token, record) {
          await store.saveRefreshToken(token, record);
          (table.get(keyOf(token)) as TokenRow).record = record;
        },
      }),
    }),
    {
      'returns copies of its records':
        "the record does not come back as it was saved:\n  clientId: saved 'spa', found 'another'\n  scope: saved 'openid offline_access', found null\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z",
    },
  ],
  [
    'copies a record and not its dates',
    ({ table, keyOf }) => ({
      wrap: (store) => ({
        ...store,
        async saveRefreshToken(token, record) {
          await store.saveRefreshToken(token, record);
          (table.get(keyOf(token)) as TokenRow).record = { ...record };
        },
      }),
    }),
    {
      'returns copies of its records':
        'the record does not come back as it was saved:\n  expiresAt: saved soon, found the Date 1970-01-01T00:00:00.000Z',
    },
  ],
  [
    'changes the record that it is to save',
    wrapping(({ saveRefreshToken }) => ({
      async saveRefreshToken(token, record) {
        record.clientId = record.clientId.toUpperCase();
        await saveRefreshToken(token, record);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to saveRefreshToken does not come back as it was saved:\n  clientId: saved 'spa', found 'SPA'",
    },
  ],
  [
    'adds a field to the record that it is to save',
    wrapping(({ saveRefreshToken }) => ({
      async saveRefreshToken(token, record) {
        Object.assign(record, { savedBy: 'me' });
        await saveRefreshToken(token, record);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to saveRefreshToken has other fields than before: expected [ 'clientId', 'scope', 'expiresAt', 'dpopJkt', 'grantId' ], got [ 'clientId', 'scope', 'expiresAt', 'dpopJkt', 'grantId', 'savedBy' ]",
    },
  ],
  [
    'writes into the record that it is to spend',
    wrapping(({ consumeRefreshToken }) => ({
      async consumeRefreshToken(found) {
        const answer = await consumeRefreshToken(found);
        found.clientId = '';
        return answer;
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to consumeRefreshToken does not come back as it was saved:\n  clientId: saved 'spa', found ''",
    },
  ],
  [
    'adds a field to the record that it is to spend',
    wrapping(({ consumeRefreshToken }) => ({
      async consumeRefreshToken(found) {
        Object.assign(found, { isSpent: true });
        return consumeRefreshToken(found);
      },
    })),
    {
      'does not change the records that it is given':
        "the record given to consumeRefreshToken has other fields than before: expected [ 'clientId', 'scope', 'expiresAt', 'dpopJkt', 'grantId', 'spentAt', 'tokenId' ], got [ 'clientId', 'scope', 'expiresAt', 'dpopJkt', 'grantId', 'spentAt', 'tokenId', 'isSpent' ]",
    },
  ],
  [
    'revokes nothing',
    () => ({ revoke: async () => undefined }),
    {
      'revokes the grant of one token and no other':
        'revokeTokens revoked nothing: the token of its grant can still be used',
      'can revoke several times': 'a token is found after call 1 of revokeTokens',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'the token of a grant is found after revokeTokens',
      'neither finds nor spends a token of a revoked grant': 'a spent token of it is null',
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
      'keeps spent and revoked tokens so after a restart': 'a revoked one stays revoked',
    },
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
    {
      'revokes the grant of one token and no other': 'findRefreshToken finds a token of a grant that is revoked',
      'can revoke several times': 'a token is found after call 1 of revokeTokens',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'the token of a grant is found after revokeTokens',
      'neither finds nor spends a token of a revoked grant': 'a spent token of it is null',
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
      'keeps spent and revoked tokens so after a restart': 'a revoked one stays revoked',
    },
  ],
  [
    'finds the spent tokens of a revoked grant',
    ({ table, select }) => ({
      async select(key, grantKeyOf) {
        const row = table.get(key);
        return row?.generation.spentAt ? { ...row.record, spentAt: row.generation.spentAt } : select(key, grantKeyOf);
      },
    }),
    { 'neither finds nor spends a token of a revoked grant': 'a spent token of it is null' },
  ],
  [
    'finds the live tokens of a revoked grant that was used',
    ({ table, select }) => ({
      async select(key, grantKeyOf) {
        const row = table.get(key);
        const isUsed = [...table.values()].some(
          ({ record, generation }) => record.grantId === row?.record.grantId && generation.spentAt,
        );
        return row && isUsed && !row.generation.spentAt ? { ...row.record, spentAt: null } : select(key, grantKeyOf);
      },
    }),
    { 'neither finds nor spends a token of a revoked grant': 'a live one, too' },
  ],
  [
    'finds the tokens of a revoked grant over the second connection',
    ({ table }) => ({
      wrap: (store, index) => ({
        ...store,
        async findRefreshToken(token) {
          const found = await store.findRefreshToken(token);
          if (found || index === 0) return found;
          const row = table.get(digest(token));
          return row ? { ...row.record, ...row.generation, tokenId: 'x' } : null;
        },
      }),
    }),
    {
      'neither finds nor spends a token of a revoked grant': 'a spent token of it is null',
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
    },
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
    {
      'neither finds nor spends a token of a revoked grant':
        'and cannot be spent by who found it before: expected false, got true',
    },
  ],
  [
    'revokes all grants of the client',
    ({ grants, revoke }) => ({
      async revoke(grantKey) {
        await revoke(grantKey);
        for (const grant of grants.values()) grant.isRevoked = true;
      },
    }),
    {
      'revokes the grant of one token and no other': 'revokeTokens revoked the grants of others, too',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID"',
      'neither finds nor spends a token of a revoked grant':
        'a token is not found though saveRefreshToken has returned',
      'keeps spent and revoked tokens so after a restart': 'the record is not found',
    },
  ],
  [
    'has one grant for all',
    () => ({ grantKeyOf: () => 'all' }),
    {
      'spends the tokens of one grant and of no other':
        'the record does not come back as it was saved:\n  spentAt: saved null, found soon',
      'revokes the grant of one token and no other': 'revokeTokens revoked the grants of others, too',
      'accepts any string as a grantId, and distinguishes those that are almost the same':
        'revoking one grant revoked another, too: "ID"',
      'neither finds nor spends a token of a revoked grant':
        'a token is not found though saveRefreshToken has returned',
      'accepts no token that is saved while its grant is being revoked':
        'a token is not found though saveRefreshToken has returned',
      'keeps spent and revoked tokens so after a restart': 'the record is not found',
    },
  ],
  [
    'revokes the tokens that are there, and no later ones',
    ({ table }) => ({
      async revoke(grantKey) {
        await turn();
        for (const [key, { record }] of table) if (record.grantId === grantKey) table.delete(key);
      },
    }),
    {
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
    },
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
    { 'accepts no token that is saved after its grant was revoked': 'also where the grant was not known' },
  ],
  [
    'brings a grant to life that is saved into',
    ({ grantOf, insert, table }) => ({
      async insert(key, record, grantKey) {
        await insert(key, record, grantKey);
        if (table.size < 20) grantOf(grantKey).isRevoked = false;
      },
    }),
    {
      'accepts no token that is saved after its grant was revoked': 'it is dead on arrival',
      'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first',
    },
  ],
  [
    'lets a token live that is saved while its grant is revoked',
    ({ revoke, insert, grantOf, grants, select, table }) => {
      const saving = new Set<string>();
      return {
        grants,
        async insert(key, record, grantKey) {
          saving.add(grantKey);
          await insert(key, record, grantKey);
          saving.delete(grantKey);
        },
        async revoke(grantKey) {
          await revoke(grantKey);
          if (
            saving.has(grantKey) ||
            [...table.values()].filter(({ record }) => record.grantId === grantKey).length > 3
          )
            grantOf(grantKey).isRevoked = false;
        },
        select,
      };
    },
    { 'accepts no token that is saved while its grant is being revoked': 'whichever of the two came first' },
  ],
  [
    'fails where it has revoked before',
    ({ grantOf, revoke }) => ({
      async revoke(grantKey) {
        if (grantOf(grantKey).isRevoked) throw new Error('revoked before');
        await revoke(grantKey);
      },
    }),
    { 'can revoke several times': 'revokeTokens threw: revoked before' },
  ],
  [
    'brings a grant to life that is revoked twice',
    ({ grantOf, revoke }) => ({
      async revoke(grantKey) {
        const { isRevoked } = grantOf(grantKey);
        await revoke(grantKey);
        if (isRevoked) grantOf(grantKey).isRevoked = false;
      },
    }),
    { 'can revoke several times': 'a token is found after call 2 of revokeTokens' },
  ],
  [
    'files tokens under themselves',
    () => ({ keyOf: (token) => token }),
    { 'stores no readable token': 'what is at rest holds a secret that can be read' },
  ],
  [
    'writes a token down when it is spent',
    () => {
      const tokens = new Map<string, string>();
      const log: string[] = [];
      return {
        dump: () => JSON.stringify(['rows', ...log]),
        wrap: (store) => ({
          ...store,
          async findRefreshToken(token) {
            const found = await store.findRefreshToken(token);
            if (found) tokens.set(found.tokenId, token);
            return found;
          },
          consumeRefreshToken(found) {
            log.push(String(tokens.get(found.tokenId)));
            return store.consumeRefreshToken(found);
          },
        }),
      };
    },
    { 'stores no readable token': 'what is at rest holds a secret that can be read' },
  ],
  [
    'forgets through a restart what is spent',
    ({ table }) => ({
      async restart() {
        for (const row of table.values()) row.generation = { spentAt: null };
      },
    }),
    { 'keeps spent and revoked tokens so after a restart': 'a spent token stays spent: expected false, got true' },
  ],
  [
    'forgets through a restart what is revoked',
    ({ grants }) => ({ restart: async () => grants.clear() }),
    { 'keeps spent and revoked tokens so after a restart': 'a revoked one stays revoked' },
  ],
  [
    'forgets all tokens through a restart',
    ({ table }) => ({ restart: async () => table.clear() }),
    { 'keeps spent and revoked tokens so after a restart': 'the record is not found' },
  ],
];
