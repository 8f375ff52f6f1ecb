import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthorizationCode } from '../../lib';
import {
  type CodeStore,
  type ConformanceOptions,
  codeStoreConformance,
  type Factory,
  jtiStoreConformance,
  type RefreshTokenStore,
  refreshTokenStoreConformance,
} from '../../lib/testing';
import { countResources } from '../support/resources';
import { type BreakCodes, revoking } from './faults/codes';
import { createModelCodes, createModelRefreshTokens, runRule, runSuite, type SuiteTest } from './model-stores';

type Parts = Parameters<NonNullable<Parameters<typeof createModelCodes>[0]>>[0];
type Body = () => Promise<void>;

const OWN = { userId: 'u1', clientId: 'registered', profile: { plan: 'gold', since: new Date(0) } };

/** A store whose tables have a user that must be there, and clients that must be registered. */
const withForeignKeys =
  (change: (found: Record<string, unknown>) => unknown = (found) => found): Factory<CodeStore> =>
  () =>
    createModelCodes(({ insert, select }: Parts) => ({
      async insert(key, record) {
        const { userId, clientId } = record as typeof record & { userId?: string };
        if (userId !== 'u1' || clientId !== 'registered') throw new Error('violates a foreign key');
        await insert(key, record);
      },
      async select(key) {
        const found = await select(key);
        return found && (change({ ...found }) as typeof found);
      },
    }));

const TOKEN_FOREIGN_KEYS: Factory<RefreshTokenStore> = () =>
  createModelRefreshTokens(({ insert }) => ({
    async insert(key, record, grantKey) {
      const { userId, clientId } = record as typeof record & { userId?: string };
      if (userId !== 'u1' || clientId !== 'registered') throw new Error('violates a foreign key');
      await insert(key, record, grantKey);
    },
  }));

describe('The option record', () => {
  test('fits the suites to a schema with columns that must be there', async () => {
    const codes = await runSuite((test) => codeStoreConformance(test, withForeignKeys(), { record: OWN }));
    const tokens = await runSuite((test) => refreshTokenStoreConformance(test, TOKEN_FOREIGN_KEYS, { record: OWN }));
    expect([[...codes.broken], [...tokens.broken]]).toEqual([[], []]);
    expect([codes.passed, tokens.passed]).toEqual([28, 34]);
  });

  test('is needed by such a schema', async () => {
    const { broken } = await runSuite((test) => codeStoreConformance(test, withForeignKeys()));
    expect(broken.get('spends a code once')?.message).toContain('violates a foreign key');
  });

  test.each<[string, (found: Record<string, unknown>) => unknown, string]>([
    ['loses one of these columns', ({ userId: _lost, ...found }) => found, "userId: saved 'u1', found undefined"],
    ['brings null for it', (found) => ({ ...found, userId: null }), "userId: saved 'u1', found null"],
    [
      'brings a date in it as text',
      (found) => ({ ...found, profile: { plan: 'gold', since: '1970' } }),
      'profile: saved',
    ],
  ])('fails a store that %s', async (_what, change, message) => {
    const { broken } = await runSuite((test) => codeStoreConformance(test, withForeignKeys(change), { record: OWN }));
    expect(broken.get('finds a code with every field as it was saved')?.message).toContain(message);
  });
});

describe('A column of the host', () => {
  const judge = async (column: unknown, change: (value: unknown) => unknown) => {
    const factory = () =>
      createModelCodes(({ select }) => ({
        async select(key) {
          const found = (await select(key)) as (AuthorizationCode & { column: unknown }) | null;
          return found && ({ ...found, column: change(found.column) } as AuthorizationCode);
        },
      }));
    const rule = 'finds a code with every field as it was saved';
    const problem = await runRule((each) => codeStoreConformance(each, factory, { record: { column } }), rule);
    return problem.replace('the record does not come back as it was saved:\n  column: ', '');
  };

  test.each<[string, unknown, (value: unknown) => unknown]>([
    ['bytes', new Uint8Array([1, 2]), (value) => value],
    ['a list of dates', [new Date(0), new Date(1)], (value) => structuredClone(value)],
    ['an object whose fields come in another order', { a: 1, b: [{ c: null }] }, () => ({ b: [{ c: null }], a: 1 })],
    ['nothing', null, (value) => value],
  ])('may hold %s', async (_what, column, change) => {
    expect(await judge(column, change)).toBe('passed');
  });

  test.each<[string, unknown, (value: unknown) => unknown, string]>([
    [
      'bytes that come as an object',
      new Uint8Array([1, 2]),
      (value) => JSON.parse(JSON.stringify(value)),
      "saved Uint8Array(2) [ 1, 2 ], found { '0': 1, '1': 2 }",
    ],
    [
      'another byte',
      new Uint8Array([1]),
      () => new Uint8Array([2]),
      'saved Uint8Array(1) [ 1 ], found Uint8Array(1) [ 2 ]',
    ],
    [
      'a date that is another one',
      [new Date(0)],
      () => [new Date(1)],
      'saved [ 1970-01-01T00:00:00.000Z ], found [ 1970-01-01T00:00:00.001Z ]',
    ],
    ['milliseconds for a date', new Date(0), () => 0, 'saved the Date 1970-01-01T00:00:00.000Z, found 0'],
    ['a list that comes as an object', ['a'], () => ({ 0: 'a' }), "saved [ 'a' ], found { '0': 'a' }"],
    ['a field too many', { a: 1 }, () => ({ a: 1, b: 2 }), 'saved { a: 1 }, found { a: 1, b: 2 }'],
    ['an empty object for nothing', null, () => ({}), 'saved null, found {}'],
    ['a number for a text', '1', () => 1, "saved '1', found 1"],
    [
      'a list of eight in another order',
      [1, 2, 3, 4, 5, 6, 7, 8],
      () => [8, 7, 6, 5, 4, 3, 2, 1],
      'saved [ 1, 2, 3, 4, 5, 6, 7, 8 ], found [ 8, 7, 6, 5, 4, 3, 2, 1 ]',
    ],
  ])('fails a store that brings %s', async (_what, column, change, problem) => {
    expect(await judge(column, change)).toBe(problem);
  });
});

describe('The options', () => {
  const register = (options: unknown) => () =>
    codeStoreConformance(() => undefined, withForeignKeys(), options as ConformanceOptions);

  const VARIED = [
    ...['redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope', 'resources'],
    ...['grantId', 'tokenId', 'spentAt', 'spentBy', 'isRepeatable', 'repeatedAs'],
  ];

  test.each<[unknown, string]>([
    [{ records: {} }, 'records is no option of the suite. Write { record, without }'],
    [{ without: ['dump', 'restarts'] }, "without: 'restarts' is none of dump, restart, revokeTokens, isRevoked"],
    ...VARIED.map((field): [unknown, string] => [
      { record: { userId: 'u1', [field]: undefined } },
      `record.${field}: leave it out, the rules give this field values of their own`,
    ]),
  ])('are refused: %j', (options, message) => {
    expect(register(options)).toThrow(TypeError);
    expect(register(options)).toThrow(new TypeError(message));
  });

  test.each(['dump', 'restart', 'revokeTokens', 'isRevoked'])('may leave out what the factory has not: %s', (need) => {
    expect(register({ without: [need] })).not.toThrow();
  });

  test('may be left out, or undefined', () => {
    for (const options of [undefined, {}, { record: undefined, without: undefined }]) {
      expect(register(options)).not.toThrow();
    }
  });
});

describe('A rule that needs what the factory does not bring', () => {
  const bodiesOf = () => {
    const bodies = new Map<string, (context?: unknown) => Promise<void>>();
    const close = jest.fn();
    const factory = () => ({ stores: createModelCodes().stores, close });
    codeStoreConformance((name: string, body: Body) => bodies.set(name, body), factory);
    return { close, restart: bodies.get('keeps a spent code spent after a restart') as Body };
  };

  test('is skipped where the runner lets a test skip itself, by its argument', async () => {
    const { restart, close } = bodiesOf();
    const skip = jest.fn();
    await (restart as (context: unknown) => Promise<void>)({ skip });
    expect(skip.mock.calls).toEqual([['the factory brings no restart']]);
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('is skipped where the runner lets a test skip itself, by this', async () => {
    const { restart, close } = bodiesOf();
    const pending = new Error('the runner throws to end the test');
    const skip = jest.fn(() => {
      throw pending;
    });
    await expect(restart.call({ skip })).rejects.toBe(pending);
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('fails elsewhere, and says what to write', async () => {
    const { restart, close } = bodiesOf();
    await expect(restart()).rejects.toThrow(
      "This rule needs restart, and your factory brings none. Bring it, or pass { without: ['restart'] } as the last argument of the suite: the rule is then shown as skipped.\nSee docs/guides/adapters.md#run-the-suites",
    );
    expect(close).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['dump', 'stores no readable code'],
    ['restart', 'keeps a spent code spent after a restart'],
    ['revokeTokens', 'can revoke several times'],
    ['revokeTokens', 'revokes the grant of a spent code, for every connection'],
    ['isRevoked', 'revokes the grant of a spent code, for every connection'],
  ])('fails for want of %s, and says what to write: %s', async (need, rule) => {
    const factory = () => {
      const { stores, ...bench } = createModelCodes();
      return { stores: [{ ...stores[0], [need]: undefined }], ...bench, [need]: undefined } as never;
    };
    const { broken } = await runSuite((each) => codeStoreConformance(each, factory));
    expect(broken.get(rule)?.message).toBe(
      `This rule needs ${need}, and your factory brings none. Bring it, or pass { without: ['${need}'] } as the last argument of the suite: the rule is then shown as skipped.\nSee docs/guides/adapters.md#run-the-suites`,
    );
  });

  test('fails where what the runner passes cannot skip', async () => {
    const { restart } = bodiesOf();
    await expect((restart as (context: unknown) => Promise<void>)({ skip: 'no' })).rejects.toThrow('needs restart');
  });

  test('has no parameter, by which runners would change what they pass', () => {
    const lengths = new Set<number>();
    codeStoreConformance((_name: string, body: Body) => lengths.add(body.length), withForeignKeys());
    expect([...lengths]).toEqual([0]);
  });

  test('is not registered where the runner has no test.skip', () => {
    const names: string[] = [];
    codeStoreConformance((name: string) => names.push(name), withForeignKeys(), { without: ['dump', 'restart'] });
    expect(names).toHaveLength(26);
    expect(names).not.toContain('keeps a spent code spent after a restart');
  });
});

describe('A failure', () => {
  const breakSelect = (change: (record: Record<string, unknown>) => unknown) =>
    runSuite((test) =>
      codeStoreConformance(test, () =>
        createModelCodes(({ select }) => ({
          async select(key) {
            const record = await select(key);
            return record && (change({ ...record }) as typeof record);
          },
        })),
      ),
    );

  test('names each field that differs, and dates as dates', async () => {
    const { broken } = await breakSelect((record) => ({ ...record, redirectUri: undefined, expiresAt: new Date(0) }));
    expect(broken.get('finds a code with every field as it was saved')?.message).toMatch(
      /^the record does not come back as it was saved:\n {2}redirectUri: saved 'https:\/\/app\.example\/callback', found undefined\n {2}expiresAt: saved the Date 2\d{3}-\d\d-\d\dT[\d:.]+Z, found the Date 1970-01-01T00:00:00\.000Z\n\nWhat to do: /,
    );
  });

  test.each<[string, unknown, string]>([
    ['a text', '2026-11-27', "found '2026-11-27'"],
    ['an invalid date', new Date(Number.NaN), 'found an invalid Date'],
    ['milliseconds', 1764200000000, 'found 1764200000000'],
  ])('shows what came instead of a date: %s', async (_what, expiresAt, message) => {
    const { broken } = await breakSelect((record) => ({ ...record, expiresAt }));
    expect(broken.get('finds a code with every field as it was saved')?.message).toContain(message);
  });

  test('shows the answer that was wrong, says what to do, and keeps what was thrown', async () => {
    const { broken } = await runSuite((test) =>
      codeStoreConformance(test, () =>
        createModelCodes(({ spend }) => ({ spend: async (key) => Number(await spend(key)) as unknown as boolean })),
      ),
    );
    const failure = broken.get('spends a code once');
    expect(failure?.message).toBe(
      'the first call spends the code: expected true, got 1\n\nWhat to do: Spend with one UPDATE whose WHERE has "spent_at IS NULL", and return whether it changed a row: true or false, no count. Do not delete the row.\nSee docs/guides/adapters.md#spend',
    );
    expect(failure?.cause).toMatchObject({ code: 'ERR_ASSERTION', actual: 1, expected: true });
  });

  const thrownBy = (run: () => unknown) => {
    try {
      return run();
    } catch (thrown) {
      return thrown;
    }
  };

  test.each([
    [new Error('the server is gone'), 'the server is gone'],
    [new AggregateError([new Error('refused')]), 'AggregateError'],
    ['no error at all', "'no error at all'"],
    [thrownBy(() => assert.equal(1, 2)), 'Expected values to be strictly equal: expected 2, got 1'],
    [
      thrownBy(() => assert.deepEqual([1], [2])),
      'Expected values to be strictly deep-equal: expected [ 2 ], got [ 1 ]',
    ],
    [thrownBy(() => assert.equal(1, 2, 'one row')), 'one row: expected 2, got 1'],
    [
      thrownBy(() => assert.equal(new Date(0), null, 'no date')),
      'no date: expected null, got the Date 1970-01-01T00:00:00.000Z',
    ],
    [thrownBy(() => assert.notEqual(1, 1, 'another row')), 'another row'],
  ])('of the store itself is shown with the function that threw: %p', async (thrown, message) => {
    const { broken } = await runSuite((test) =>
      codeStoreConformance(test, () =>
        createModelCodes(() => ({
          insert: async () => {
            throw thrown;
          },
        })),
      ),
    );
    expect(broken.get('spends a code once')?.message.split('\n\nWhat to do:')[0]).toBe(`saveCode threw: ${message}`);
    expect(broken.get('spends a code once')?.cause).toBe(thrown);
  });

  test.each(['dump', 'restart'])('of the bench is shown with the function that threw: %s', async (name) => {
    const broken = () => {
      throw new Error('no such table');
    };
    const rule = name === 'dump' ? 'stores no readable code' : 'keeps a spent code spent after a restart';
    const factory = () => ({ ...createModelCodes(), [name]: broken });
    expect(await runRule((each) => codeStoreConformance(each, factory), rule)).toBe(`${name} threw: no such table`);
  });

  test('for a dump without rows says what a dump has to return', async () => {
    const factory = () => ({ ...createModelCodes(), dump: () => '' });
    const { broken } = await runSuite((each) => codeStoreConformance(each, factory));
    expect(broken.get('stores no readable code')?.message).toBe(
      "dump returned '' though a record was saved\n\nWhat to do: Let dump return all rows as one text, with keys and values: JSON.stringify(await readAllRows()).\nSee docs/guides/adapters.md#run-the-suites",
    );
  });

  test.each([
    ['of another client', revoking((row, given) => row.record.clientId !== given.record.clientId)],
    ['of the same client', revoking((row, given) => row !== given && row.record.clientId === given.record.clientId)],
  ])('says that the wrong grant was revoked, where it is one %s', async (_which, breakPart) => {
    const suite = (each: SuiteTest) => codeStoreConformance(each, () => createModelCodes(breakPart));
    expect(await runRule(suite, 'revokes the grant of one code and of no other')).toBe(
      'revokeTokens revoked another grant instead of the one of its code',
    );
  });

  test('ends with a section of the guide that there is, whichever rule is broken', async () => {
    const guide = readFileSync(join(__dirname, '../../docs/guides/adapters.md'), 'utf8');
    const anchors = Array.from(guide.matchAll(/^## (.+)$/gm), ([, title]) =>
      `#${title}`
        .toLowerCase()
        .replace(/[^#a-z\d -]/g, '')
        .replaceAll(' ', '-'),
    );
    const broken = () => {
      throw new Error('broken');
    };
    const store = Object.fromEntries(
      ['saveCode', 'findCode', 'consumeCode', 'revokeTokens', 'isRevoked', 'consumeJti']
        .concat(['saveRefreshToken', 'findRefreshToken', 'consumeRefreshToken'])
        .map((name) => [name, broken]),
    );
    const factory = () => ({ stores: [store] as const, dump: broken, restart: broken }) as never;
    const suites = [codeStoreConformance, refreshTokenStoreConformance, jtiStoreConformance];
    const runs = await Promise.all(suites.map((suite) => runSuite((test) => suite(test, factory))));
    expect(runs.map(({ passed, broken: { size } }) => [passed, size])).toEqual([
      [0, 28],
      [0, 34],
      [0, 12],
    ]);
    const messages = runs.flatMap((run) => [...run.broken.values()]).map(({ message }) => message);
    const named = messages.map(
      (message) => /\nWhat to do: [^\n]+\.\nSee docs\/guides\/adapters\.md(#[a-z-]+)$/.exec(message)?.[1],
    );
    expect(new Set(named)).toEqual(new Set(['#save-and-find', '#spend', '#revoke', '#refresh-tokens', '#dpop-proofs']));
    expect(anchors).toEqual(expect.arrayContaining([...new Set(named), '#run-the-suites']));
  });
});

test.each<[string, BreakCodes, string]>([
  ['holds', () => ({}), 'passed'],
  ['is broken', () => ({ select: async () => null }), 'a code is not found though saveCode has returned'],
])('A rule that %s leaves no timer behind', async (_how, breakPart, outcome) => {
  const before = countResources('Timeout');
  const suite = (each: SuiteTest) => codeStoreConformance(each, () => createModelCodes(breakPart));
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => runRule(suite, 'spends a code once')));
  expect(new Set(outcomes)).toEqual(new Set([outcome]));
  // What is not of these rules may come and go.
  expect(countResources('Timeout')).toBeLessThan(before + 10);
});

describe('A factory that brings no store', () => {
  const WRITE = 'Return a bench: { stores: [store] }';
  const SEE = 'See docs/guides/adapters.md#run-the-suites';
  const store = createModelCodes().stores[0];
  const FUNCTIONS = 'each store has the functions saveCode, findCode, consumeCode.';

  test.each<[string, unknown, string]>([
    ['undefined', undefined, `stores is undefined. ${WRITE}, with at least one.`],
    ['a store', store, `stores is undefined. ${WRITE}, with at least one.`],
    ['no list', { stores: store.saveCode }, `stores is [AsyncFunction: saveCode]. ${WRITE}, with at least one.`],
    ['an empty list', { stores: [] }, `stores is []. ${WRITE}, with at least one.`],
  ])('fails each rule, and says what to write: %s', async (_what, bench, message) => {
    const { broken, passed } = await runSuite((each) => codeStoreConformance(each, () => bench as never));
    expect(passed).toBe(0);
    for (const failure of broken.values()) {
      expect(failure).toEqual(new TypeError(`Your factory brings no store: ${message}\n${SEE}`));
    }
  });

  test.each<[string, unknown[], string]>([
    ['nothing', [null], 'stores[0].saveCode is undefined'],
    ['another function', [store, { ...store, findCode: undefined }], 'stores[1].findCode is undefined'],
    ['no function', [{ ...store, consumeCode: true }], 'stores[0].consumeCode is true'],
  ])('fails each rule, and names what is missing: %s', async (_what, stores, message) => {
    const { broken, passed } = await runSuite((each) => codeStoreConformance(each, () => ({ stores }) as never));
    expect(passed).toBe(0);
    for (const failure of broken.values()) {
      expect(failure).toEqual(new TypeError(`${message}. ${WRITE}, where ${FUNCTIONS}\n${SEE}`));
    }
  });

  test.each<[unknown, string]>([
    [undefined, 'restart brings no store: stores is undefined'],
    [[], 'restart brings no store: stores is []'],
    [[{}], 'stores[0].saveCode is undefined'],
  ])('fails the rule of a restart that returns %j', async (stores, message) => {
    const factory = () => ({ ...createModelCodes(), restart: () => stores }) as never;
    const rule = 'keeps a spent code spent after a restart';
    const problem = await runRule((each) => codeStoreConformance(each, factory), rule);
    expect(problem).toContain(`${message}. Return the new connections: [store], w`);
  });

  test('closes the bench all the same', async () => {
    const close = jest.fn();
    const { broken } = await runSuite((each) => codeStoreConformance(each, () => ({ stores: [], close }) as never));
    expect(close).toHaveBeenCalledTimes(broken.size);
  });
});
