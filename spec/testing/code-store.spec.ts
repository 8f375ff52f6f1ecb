import type { AuthorizationCode } from '../../lib';
import { codeStoreConformance } from '../../lib/testing';
import { patternsOf } from '../../lib/testing/fixtures';
import { describeBrokenStores, listAdvice, NOTHING_WORKS } from './broken-stores';
import { BROKEN_CODES, type BreakCodes, matching, refusingEmpty, revoking, tellingWho } from './faults/codes';
import { createModelCodes, listBroken, runRule, runSuite, type SuiteTest, turn } from './model-stores';

const suiteOf = (breakPart?: BreakCodes) => (test: SuiteTest) =>
  codeStoreConformance(test, () => createModelCodes(breakPart));

/** What each failure says: what to do, and where to read on. */
const ADVICE = {
  'finds a code with every field as it was saved': [
    'Keep every field of the record in a column, or the whole record as JSON. Return dates as Date objects.',
    'save-and-find',
  ],
  'keeps null, a missing field and an empty string apart': [
    "Let each of these columns be NULL, and return null for it: no default value, and no '' in its place.",
    'save-and-find',
  ],
  'does not find a code that was never saved': ['Return null if no row has the digest of this code.', 'save-and-find'],
  'finds on every connection what another one has saved': [
    'Return from saveCode once the row is committed, and read from the primary: a replica may be behind.',
    'save-and-find',
  ],
  'spends a code once': [
    'Spend with one UPDATE whose WHERE has "spent_at IS NULL", and return whether it changed a row: true or false, no count. Do not delete the row.',
    'spend',
  ],
  'spends a code once for twenty callers at once': [
    'Do not read and then write. Let one UPDATE whose WHERE has "spent_at IS NULL" decide, and return whether it changed a row.',
    'spend',
  ],
  'spends a code once for twenty callers that each found it': [
    'Do not read and then write. Let one UPDATE whose WHERE has "spent_at IS NULL" decide, and return whether it changed a row.',
    'spend',
  ],
  'does not spend a code by finding it': [
    'findCode reads and changes nothing. Mark the code in consumeCode only.',
    'save-and-find',
  ],
  'spends one code and no other': ['Let the WHERE of the UPDATE name this one code by its digest.', 'spend'],
  'still finds a spent code after it expired, with every field': [
    'Keep spent codes until the last token of the login has expired, and find them. The router compares expiresAt itself.',
    'save-and-find',
  ],
  'says when a code was spent and by whom, or leaves both out': [
    'Write the instant and digestOfAddress(req) in the same UPDATE that spends the code, and never again. Or return neither field.',
    'spend',
  ],
  'keeps the resources that were granted, or none': [
    'Keep the list as JSON or as an array: [] and null mean different things.',
    'save-and-find',
  ],
  'spends a code at most once if it expires after it was found': [
    'consumeCode returns true or false for a code that has expired, too: the router compares expiresAt after it.',
    'spend',
  ],
  'finds a code until it expires': [
    'Keep the row until after expiresAt: a time to live that is rounded down ends too early.',
    'save-and-find',
  ],
  'keeps expiresAt of a code to the millisecond': [
    'Choose a column that keeps milliseconds and years beyond 2038: DATETIME(3), timestamptz, or the milliseconds as a BIGINT.',
    'save-and-find',
  ],
  'refuses to save a code again, or leaves it spent': [
    'Make the digest the primary key and insert without an upsert, so that a second insert fails.',
    'save-and-find',
  ],
  'keeps every string unchanged': [
    'Choose columns that cut, trim and convert nothing, such as text in UTF-8. What they cannot hold (a NUL, a lone surrogate) refuse in saveCode, before anything is written.',
    'save-and-find',
  ],
  'accepts any string as a code': [
    'File codes under their SHA-256 in hexadecimal digits: then any string will do.',
    'save-and-find',
  ],
  'distinguishes codes that are almost the same': [
    'File codes under their SHA-256: collations that ignore case or trailing blanks then do not matter.',
    'save-and-find',
  ],
  'finds a code by the whole code and not by a pattern': [
    'Compare the whole code with =, not with LIKE or a regular expression. File codes under their SHA-256: then nothing in them is a pattern.',
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
  'revokes the grant of one code and of no other': [
    'Let revokeTokens mark the grant of the code that it is given, and no other: UPDATE … WHERE id = the grantId. Return once the row is committed.',
    'revoke',
  ],
  'does not spend a code whose tokens were revoked': [
    'Let consumeCode look for revoked_at in the same UPDATE, and let revokeTokens keep the row.',
    'revoke',
  ],
  'revokes the grant of a spent code, for every connection': [
    'Mark the grant, not its tokens, and let isRevoked read this mark. A spent code is not a revoked one.',
    'revoke',
  ],
  'can revoke several times': ['Write revokeTokens so that a second call changes nothing and does not fail.', 'revoke'],
  'stores no readable code': ['Keep the SHA-256 of a code, never the code.', 'save-and-find'],
  'keeps a spent code spent after a restart': ['Return from consumeCode once the change is on disk.', 'spend'],
};

test('Each rule of codeStoreConformance says what to do, and where to read on', async () => {
  expect(await listAdvice((each) => codeStoreConformance(each, () => NOTHING_WORKS))).toEqual(ADVICE);
});

describeBrokenStores(BROKEN_CODES, suiteOf);

test.each(Object.keys(patternsOf('')))('A store that finds a code by %s breaks the rule about that', async (name) => {
  const breakPart = matching((code, text) => patternsOf(code)[name] === text);
  const rule = 'finds a code by the whole code and not by a pattern';
  expect(await runRule(suiteOf(breakPart), rule)).toBe(`findCode finds a code by ${name}`);
});

test.each<[string, BreakCodes, string]>([
  [
    'nothing',
    () => ({ revoke: async () => undefined }),
    'revokeTokens revoked nothing: the grant of its code is not revoked',
  ],
  ['everything', revoking(() => true), 'revokeTokens revoked the grants of others, too'],
  [
    'by the client',
    revoking((row, { record }) => row.record.clientId === record.clientId),
    'revokeTokens revoked another grant of the same client, too',
  ],
  [
    'all others',
    revoking((row, given) => row !== given),
    'revokeTokens revoked another grant instead of the one of its code',
  ],
])('Without isRevoked a store that revokes %s breaks the rule about that', async (_what, breakPart, problem) => {
  const suite = (each: SuiteTest) =>
    codeStoreConformance(
      each,
      () => {
        const [{ isRevoked: _absent, ...store }] = createModelCodes(breakPart).stores;
        return { stores: [store] };
      },
      { without: ['dump', 'restart', 'isRevoked'] },
    );
  expect(await runRule(suite, 'revokes the grant of one code and of no other')).toBe(problem);
});

describe('A store keeps the rules also where it', () => {
  const isUnstorable = ({ clientId }: AuthorizationCode) => /[\0\p{Surrogate}]/u.test(clientId);

  test.each<[what: string, rule: string, breakPart: BreakCodes]>([
    [
      'brings undefined for a code that it does not know',
      'does not find a code that was never saved',
      ({ select }) => ({ select: async (key) => (await select(key)) ?? (undefined as never) }),
    ],
    [
      'brings undefined for any string that it does not know',
      'accepts any string as a code',
      ({ select }) => ({ select: async (key) => (await select(key)) ?? (undefined as never) }),
    ],
    [
      'brings undefined for what is almost a code',
      'distinguishes codes that are almost the same',
      ({ select }) => ({ select: async (key) => (await select(key)) ?? (undefined as never) }),
    ],
    ['refuses an empty text', 'distinguishes codes that are almost the same', refusingEmpty],
    ['refuses an empty text for a code', 'finds a code by the whole code and not by a pattern', refusingEmpty],
    [
      'says when a code was spent and by whom',
      'says when a code was spent and by whom, or leaves both out',
      tellingWho(),
    ],
    [
      'has columns for that, and leaves them empty',
      'says when a code was spent and by whom, or leaves both out',
      tellingWho(() => ({ spentAt: null, spentBy: null })),
    ],
    [
      'forgets a code at its end',
      'finds a code until it expires',
      ({ table, select }) => ({
        select: async (key) => (Number(table.get(key)?.record.expiresAt) > Date.now() ? select(key) : null),
      }),
    ],
    [
      'forgets a code at its end, and keeps others to the millisecond',
      'keeps expiresAt of a code to the millisecond',
      ({ table, select }) => ({
        select: async (key) => (Number(table.get(key)?.record.expiresAt) > Date.now() ? select(key) : null),
      }),
    ],
    [
      'spends no code that has expired',
      'spends a code at most once if it expires after it was found',
      ({ table, spend }) => ({
        spend: async (key) => Number(table.get(key)?.record.expiresAt) > Date.now() && spend(key),
      }),
    ],
    [
      'knows no resources',
      'keeps the resources that were granted, or none',
      ({ insert }) => ({
        insert: (key, { resources: _unknown, ...record }) => insert(key, record as AuthorizationCode),
      }),
    ],
    [
      'brings null for the resources that it does not keep',
      'keeps the resources that were granted, or none',
      ({ insert }) => ({ insert: (key, record) => insert(key, { ...record, resources: null }) }),
    ],
    [
      'refuses what a column cannot hold, and writes nothing',
      'keeps every string unchanged',
      ({ insert }) => ({
        async insert(key, record) {
          await turn();
          if (isUnstorable(record)) throw new Error('invalid byte sequence');
          await insert(key, record);
        },
      }),
    ],
    [
      'refuses a client whose id is empty',
      'revokes the grant of one code and of no other',
      ({ insert }) => ({
        async insert(key, record) {
          if (record.clientId === '') throw new TypeError('clientId is an empty string');
          await insert(key, record);
        },
      }),
    ],
    [
      'takes no notice of a code that is saved again',
      'refuses to save a code again, or leaves it spent',
      ({ table, insert }) => ({ insert: async (key, record) => (table.has(key) ? undefined : insert(key, record)) }),
    ],
    [
      'forgets through a restart the codes that are spent',
      'keeps a spent code spent after a restart',
      ({ table }) => ({
        async restart() {
          for (const [key, { isSpent }] of table) if (isSpent) table.delete(key);
        },
      }),
    ],
  ])('%s: %s', async (_what, rule, breakPart) => {
    expect(await runRule(suiteOf(breakPart), rule)).toBe('passed');
  });
});

describe('The instant at which a code was spent', () => {
  const rule = 'says when a code was spent and by whom, or leaves both out';
  const WRONG = 'spentAt is the instant of the one spending, by the clock of this node';

  afterEach(() => jest.restoreAllMocks());

  test.each([
    [-450, WRONG],
    [-449, 'passed'],
    [449, 'passed'],
    [450, WRONG],
  ])('may differ by less than 450 ms from that of the call: %i', async (milliseconds, outcome) => {
    const instant = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(instant);
    // Else the rule would see that Date stands still.
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const breakPart = tellingWho((spent) => ({ ...spent, spentAt: spent.spentAt && new Date(instant + milliseconds) }));
    expect(await runRule(suiteOf(breakPart), rule)).toBe(outcome);
  });
});

describe('Where Date stands still, the instant at which a code was spent', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    [-1050, 'spentAt is the instant of the one spending, by the clock of this node'],
    [-1049, 'passed'],
  ])('may be earlier by as much: %i', async (milliseconds, outcome) => {
    const instant = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(instant);
    jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(600);
    const breakPart = tellingWho((spent) => ({ ...spent, spentAt: spent.spentAt && new Date(instant + milliseconds) }));
    expect(await runRule(suiteOf(breakPart), 'says when a code was spent and by whom, or leaves both out')).toBe(
      outcome,
    );
  });
});

test('A store that refuses what only looks like a pattern says what it threw', async () => {
  const breakPart: BreakCodes = () => ({
    wrap: (store) => ({
      ...store,
      async findCode(code) {
        if (code === '%') throw new Error('invalid code');
        return store.findCode(code);
      },
    }),
  });
  const rule = 'finds a code by the whole code and not by a pattern';
  expect(await runRule(suiteOf(breakPart), rule)).toBe('findCode threw: invalid code');
});

describe('codeStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    expect(await listBroken(suiteOf())).toEqual([]);
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
      'revokes the grant of one code and of no other',
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
