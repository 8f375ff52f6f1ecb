import { OAuthError } from '../../lib';
import { refreshTokenStoreConformance } from '../../lib/testing';
import { patternsOf } from '../../lib/testing/fixtures';
import { describeBrokenStores, listAdvice, NOTHING_WORKS } from './broken-stores';
import {
  BROKEN_TOKENS,
  type BreakTokens,
  deciding,
  finding,
  matching,
  refusingEmpty,
  refusingLate,
  refusingOld,
  savingTheLastLate,
  whenTheNextIsSpent,
  whenTriedAgain,
  withoutTokenId,
} from './faults/refresh-tokens';
import {
  createModelRefreshTokens,
  listBroken,
  type ModelRefreshTokenParts,
  runRule,
  runSuite,
  type SuiteTest,
} from './model-stores';

const suiteOf = (breakPart?: BreakTokens) => (test: SuiteTest) =>
  refreshTokenStoreConformance(test, () => createModelRefreshTokens(breakPart));
const broken = (breakPart?: BreakTokens) => listBroken(suiteOf(breakPart));

/** What each failure says: what to do, and where to read on. */
const ADVICE = {
  'finds a token with every field as it was saved': [
    'Keep every field of the record in a column, or the whole record as JSON. Return dates as Date objects, and spentAt: null for a live token.',
    'save-and-find',
  ],
  'keeps null, a missing field and an empty string apart': [
    "Let each of these columns be NULL, and return null for it: no default value, and no '' in its place.",
    'save-and-find',
  ],
  'keeps the resources that were granted, or none': [
    'Keep the list as JSON or as an array: [] and null mean different things.',
    'save-and-find',
  ],
  'does not find a token that was never saved': [
    'Return null if no row has the digest of this token.',
    'save-and-find',
  ],
  'finds on every connection what another one has saved': [
    'Return from saveRefreshToken once the row is committed, and read from the primary: a replica may be behind.',
    'save-and-find',
  ],
  'spends a token once': [
    'Spend with one UPDATE, and return whether it changed a row: true or false, no count. Do not delete the row.',
    'refresh-tokens',
  ],
  'spends a token once for twenty callers at once': [
    'Do not read and then write. Let one UPDATE whose WHERE has the generation of the token decide, and return whether it changed a row.',
    'refresh-tokens',
  ],
  'spends a token once for twenty callers that each found it': [
    'Do not read and then write. Let one UPDATE whose WHERE has the generation of the token decide, and return whether it changed a row.',
    'refresh-tokens',
  ],
  'does not spend a token by finding it': [
    'findRefreshToken reads and changes nothing. Mark the token in consumeRefreshToken only.',
    'refresh-tokens',
  ],
  'spends the tokens of one grant and of no other': [
    'Let the WHERE of the UPDATE name the grant of this token.',
    'refresh-tokens',
  ],
  'says when a token was spent, and does not change that': [
    'Write the instant in the same UPDATE that spends the token, and never again. Return it as spentAt, a Date.',
    'refresh-tokens',
  ],
  'does not change when a token was spent when the next one is spent': [
    'A later rotation must not move spentAt of an older token. If you keep one instant for a grant, return new Date(0) for the tokens of older generations.',
    'refresh-tokens',
  ],
  'spends all tokens of a generation together': [
    'Let all tokens that were issued for the same one share a generation: whichever is used first spends them all.',
    'refresh-tokens',
  ],
  'spends one token of a generation for twenty callers at once': [
    'Let all tokens that were issued for the same one share a generation, and let one UPDATE of one row end it.',
    'refresh-tokens',
  ],
  'accepts no late token beside the live ones': [
    'A token that is saved joins the generation that lives at that moment, in the same statement. Or saveRefreshToken throws an OAuthError with invalid_grant.',
    'refresh-tokens',
  ],
  'leaves at most one live generation, however tokens are saved and spent at once': [
    'A token that is saved joins the generation that lives at that moment, in the same statement; spending one ends that generation.',
    'refresh-tokens',
  ],
  'accepts a spent token again until a successor is used, if the store decides that': [
    'Leave isRepeatable out, and set refresh.leeway of the router instead; or follow the rules of docs/guides/refresh.md exactly.',
    'refresh-tokens',
  ],
  'finds a token until it expires, spent or not': [
    'Keep the row until after expiresAt, also when the token is spent: a time to live that is rounded down ends too early.',
    'refresh-tokens',
  ],
  'keeps expiresAt of a token to the millisecond': [
    'Choose a column that keeps milliseconds and years beyond 2038: DATETIME(3), timestamptz, or the milliseconds as a BIGINT.',
    'save-and-find',
  ],
  'refuses to save a token again, or leaves it as it is': [
    'Make the digest the primary key and insert without an upsert, so that a second insert fails.',
    'save-and-find',
  ],
  'keeps every string unchanged': [
    'Choose columns that cut, trim and convert nothing, such as text in UTF-8. What they cannot hold (a NUL, a lone surrogate) refuse in saveRefreshToken, before anything is written.',
    'save-and-find',
  ],
  'accepts any string as a token': [
    'File tokens under their SHA-256 in hexadecimal digits: then any string will do.',
    'save-and-find',
  ],
  'distinguishes tokens that are almost the same': [
    'File tokens under their SHA-256: collations that ignore case or trailing blanks then do not matter.',
    'save-and-find',
  ],
  'finds a token by the whole token and not by a pattern': [
    'Compare the whole token with =, not with LIKE or a regular expression. File tokens under their SHA-256: then nothing in them is a pattern.',
    'save-and-find',
  ],
  'revokes the grant of one token and no other': [
    'Let revokeTokens mark the grant of the token that it is given, and no other: UPDATE … WHERE id = the grantId. Let findRefreshToken look for this mark. Return once the row is committed.',
    'revoke',
  ],
  'accepts any string as a grantId, and distinguishes those that are almost the same': [
    'Compare grantId byte for byte: give the column a binary collation without padding, or file grants under the SHA-256 of their id.',
    'save-and-find',
  ],
  'returns copies of its records': [
    'Return a new object for each call, and keep a copy of what you are given.',
    'save-and-find',
  ],
  'does not change the records that it is given': [
    'Copy the record before you change it: { ...record }.',
    'save-and-find',
  ],
  'neither finds nor spends a token of a revoked grant': [
    'Let findRefreshToken and the UPDATE of consumeRefreshToken both look for revoked_at of the grant.',
    'revoke',
  ],
  'accepts no token that is saved after its grant was revoked': [
    'Mark the grant, and make a row for it if there is none. Deleting its tokens is not enough: one may be saved a moment later.',
    'revoke',
  ],
  'accepts no token that is saved while its grant is being revoked': [
    'Mark the grant, and look for this mark in findRefreshToken. Deleting its tokens is not enough.',
    'revoke',
  ],
  'can revoke several times': ['Write revokeTokens so that a second call changes nothing and does not fail.', 'revoke'],
  'stores no readable token': ['Keep the SHA-256 of a token, never the token.', 'save-and-find'],
  'keeps spent and revoked tokens so after a restart': [
    'Return from consumeRefreshToken and revokeTokens once the change is on disk.',
    'refresh-tokens',
  ],
};

test('Each rule of refreshTokenStoreConformance says what to do, and where to read on', async () => {
  expect(await listAdvice((each) => refreshTokenStoreConformance(each, () => NOTHING_WORKS))).toEqual(ADVICE);
});

describeBrokenStores(BROKEN_TOKENS, suiteOf);

test('Of a store that revokes nothing, the rule about the strings of a grantId says what the rule of revoking says', async () => {
  const advice = await listAdvice(suiteOf(() => ({ revoke: async () => undefined })));
  expect(advice['accepts any string as a grantId, and distinguishes those that are almost the same']).toEqual(
    ADVICE['revokes the grant of one token and no other'],
  );
});

test.each(Object.keys(patternsOf('')))('A store that finds a token by %s breaks the rule about that', async (name) => {
  const breakPart = matching((token, text) => patternsOf(token)[name] === text);
  const rule = 'finds a token by the whole token and not by a pattern';
  expect(await runRule(suiteOf(breakPart), rule)).toBe(`findRefreshToken finds a token by ${name}`);
});

const refuse = () => new OAuthError('invalid_grant', 'Unknown or invalid refresh token.');
const forgettingAtTheEnd = finding((found) => (found.expiresAt.getTime() > Date.now() ? found : null));
const ONE_GENERATION = 'leaves at most one live generation, however tokens are saved and spent at once';
const AGAIN = 'accepts a spent token again until a successor is used, if the store decides that';
const OLDER = 'does not change when a token was spent when the next one is spent';
const WHEN = 'says when a token was spent, and does not change that';

describe('A store keeps the rules also where it', () => {
  test.each<[what: string, rule: string, breakPart: BreakTokens]>([
    [
      'brings undefined for a token that it does not know',
      'does not find a token that was never saved',
      ({ select }) => ({ select: async (...given) => (await select(...given)) ?? (undefined as never) }),
    ],
    ['refuses an empty text', 'distinguishes tokens that are almost the same', refusingEmpty],
    ['refuses an empty text for a token', 'finds a token by the whole token and not by a pattern', refusingEmpty],
    ['refuses what replaces an older token', 'accepts no late token beside the live ones', refusingOld(refuse)],
    ['refuses what replaces an older token, in a race', ONE_GENERATION, refusingOld(refuse)],
    ['refuses each token that comes after a spent one', ONE_GENERATION, refusingLate(refuse)],
    ['saves the last of the tokens once another one was spent', ONE_GENERATION, savingTheLastLate],
    ['has no tokenId, and no column for it', 'accepts no late token beside the live ones', withoutTokenId],
    [
      'refuses a client whose id is empty',
      'revokes the grant of one token and no other',
      ({ insert }) => ({
        async insert(key, record, grantKey) {
          if (record.clientId === '') throw new TypeError('clientId is an empty string');
          await insert(key, record, grantKey);
        },
      }),
    ],
    ['decides itself whether a token comes again', AGAIN, deciding()],
    ['has no answer to that', AGAIN, finding((found) => ({ ...found, isRepeatable: null }))],
    [
      'brings the year 1970 for tokens of older generations',
      OLDER,
      ({ grantOf, select, table }) => ({
        async select(key, grantKeyOf) {
          const found = await select(key, grantKeyOf);
          const rows = [...table.values()].filter(({ record }) => record.grantId === found?.grantId);
          const isOld = rows.some(({ generation }) => generation.spentAt && generation !== table.get(key)?.generation);
          return found && { ...found, spentAt: found.spentAt && isOld ? new Date(0) : (found.spentAt ?? null) };
        },
        grantOf,
      }),
    ],
    ['moves the instant by 449 ms when the next token is spent', OLDER, whenTheNextIsSpent(449)],
    ['moves the instant by 449 ms when a token is tried again', WHEN, whenTriedAgain(449)],
    ['moves the instant back by 449 ms when a token is tried again', WHEN, whenTriedAgain(-449)],
    [
      'refuses a grant whose id is empty',
      'accepts any string as a grantId, and distinguishes those that are almost the same',
      ({ insert }) => ({
        async insert(key, record, grantKey) {
          if (record.grantId === '') throw new TypeError('grantId is an empty string');
          await insert(key, record, grantKey);
        },
      }),
    ],
    ['forgets a token at its end', 'finds a token until it expires, spent or not', forgettingAtTheEnd],
    ['forgets tokens at their end', 'keeps expiresAt of a token to the millisecond', forgettingAtTheEnd],
    [
      'forgets through a restart the tokens that are spent',
      'keeps spent and revoked tokens so after a restart',
      ({ table }) => ({
        async restart() {
          for (const [key, { generation }] of table) if (generation.spentAt) table.delete(key);
        },
      }),
    ],
  ])('%s: %s', async (_what, rule, breakPart) => {
    expect(await runRule(suiteOf(breakPart), rule)).toBe('passed');
  });
});

describe('The instant at which a token was spent', () => {
  const WRONG = 'spentAt is the instant at which it was spent';

  afterEach(() => jest.restoreAllMocks());

  test.each([
    [-5000, WRONG],
    [-4999, 'passed'],
    [4999, 'passed'],
    [5000, WRONG],
  ])('may differ by less than 5 s from that of the call: %i', async (milliseconds, outcome) => {
    const instant = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(instant);
    const breakPart = finding((found) => ({ ...found, spentAt: found.spentAt && new Date(instant + milliseconds) }));
    expect(await runRule(suiteOf(breakPart), WHEN)).toBe(outcome);
  });
});

describe('refreshTokenStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    expect(await broken()).toEqual([]);
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
