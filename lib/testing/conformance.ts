import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers';
import { inspect, isDeepStrictEqual, types } from 'node:util';
import type { Awaitable } from '../types';
import { Failure, settle, type Watch, watchCalls } from './calls';

// Captured, because tests of the host may fake timers.
const startTimer = setTimeout;

/** `test` of jest, vitest or node:test, `it` of mocha, or the same of any other test runner. */
export type Test = (name: string, body: () => Promise<void>) => unknown;

/** What a suite tests. Your factory makes a new one, with an empty store, for each test. */
export interface Bench<Store> {
  /** The same store over several connections, as several nodes use one database. One is enough to begin with. */
  stores: readonly [Store, ...Store[]];
  /**
   * Returns everything that is stored, as text: keys, values, rows. Without it, the rules about stored secrets are
   * skipped.
   */
  dump?: (() => Awaitable<string>) | undefined;
  /**
   * Stops the store, starts it again on the same data, and returns the new connections. Only for stores that keep their
   * data.
   */
  restart?: (() => Awaitable<readonly [Store, ...Store[]]>) | undefined;
  close?: (() => Awaitable<void>) | undefined;
}

/** Makes an empty store for each test of a suite. */
export type Factory<Store> = () => Awaitable<Bench<Store>>;

/** What some rules need, and some stores do not have. */
export type Need = 'dump' | 'restart' | 'revokeTokens' | 'isRevoked';

/** The options of a suite. */
export interface ConformanceOptions {
  /**
   * Fields that every record must have in your schema, such as `{ userId: 'u1' }` for a column that is NOT NULL or a
   * foreign key. The store must return them. `clientId` may be one of them. @default {}
   */
  record?: Readonly<Record<string, unknown>> | undefined;
  /** What your factory does not have. The rules that need it are shown as skipped. @default [] */
  without?: readonly Need[] | undefined;
}

/** A bench with everything that the rule needs. */
export interface ReadyBench<Store> extends Bench<Store> {
  dump: () => Awaitable<string>;
  restart: () => Awaitable<readonly [Store, ...Store[]]>;
  /** Columns of the host's for every record. */
  record: Readonly<Record<string, unknown>>;
}

export interface Rule<Store> {
  holds: (bench: ReadyBench<Store>) => Promise<void>;
  /** What to do if the rule fails. */
  advice: string;
  /** The anchor in docs/guides/adapters.md. */
  anchor: string;
  needs?: readonly Need[];
}

const GUIDE = 'docs/guides/adapters.md';
const NEEDS: readonly string[] = ['dump', 'restart', 'revokeTokens', 'isRevoked'] satisfies Need[];
/** The fields that the rules set themselves. */
const VARIED = [
  ['redirectUri', 'codeChallenge', 'codeChallengeMethod', 'expiresAt', 'dpopJkt', 'scope', 'resources'],
  ['grantId', 'tokenId', 'spentAt', 'spentBy', 'isRepeatable', 'repeatedAs'],
].flat();

/** A suite: its rules, and the functions that each store must have, or may have. */
export interface Suite<Store> {
  rules: Readonly<Record<string, Rule<Store>>>;
  required: readonly (string & keyof Store)[];
  optional?: readonly (string & keyof Store)[];
}

/** Registers one test per rule, each with a new bench. */
export function register<Store extends object>(
  test: Test,
  factory: Factory<Store>,
  suite: Suite<Store>,
  options: ConformanceOptions = {},
): void {
  checkOptions(options);
  const { record = {}, without } = options;
  const { rules } = suite;
  for (const [name, rule] of Object.entries(rules)) {
    const absent = rule.needs?.find((need) => without?.includes(need));
    const body = createTest(factory, rule, suite, record);
    if (absent === undefined) test(name, body);
    // Without test.skip, register nothing: a test that passes would be wrong.
    else (test as { skip?: Test }).skip?.(name, body);
  }
}

function checkOptions({ record, without, ...unknown }: ConformanceOptions): void {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new TypeError(`${name} is no option of the suite. Write { record, without }`);
  const varied = VARIED.find((field) => record && field in record);
  if (varied) throw new TypeError(`record.${varied}: leave it out, the rules give this field values of their own`);
  const need = without?.find((each) => !NEEDS.includes(each));
  if (need !== undefined) throw new TypeError(`without: '${need}' is none of ${NEEDS.join(', ')}`);
}

/** The context that some runners pass to a test, so that it can skip itself. */
interface Context {
  skip: (why: string) => unknown;
}

const canSkip = (context: unknown): context is Context => typeof Object(context).skip === 'function';

function createTest<Store extends object>(
  factory: Factory<Store>,
  rule: Rule<Store>,
  suite: Suite<Store>,
  record: ReadyBench<Store>['record'],
) {
  // No parameters: jest would wait for a callback, and vitest would look for fixtures.
  return async function body(this: unknown): Promise<void> {
    // biome-ignore lint/complexity/noArguments: a rest parameter is one that vitest reads
    const context = [...arguments, this].find(canSkip);
    const bench = await factory();
    const watch = watchCalls();
    try {
      checkStores(Object(bench).stores, suite, 'Your factory');
      const absent = rule.needs?.find((need) => !isThere(bench, need));
      if (absent === undefined) await check(rule, makeReady(bench, suite, record, watch), watch);
      else skip(absent, context);
    } catch (thrown) {
      // This is what counts, whatever close says. Where a call hangs, close may hang too.
      await Promise.race([mayThrow(() => bench?.close?.()), watch.silence.catch(() => undefined)]);
      throw thrown;
    } finally {
      watch.end();
    }
    await bench.close?.();
  };
}

/** Checks what the host made, before a rule fails over it with a message about something else. */
function checkStores<Store>(stores: unknown, { required }: Suite<Store>, origin: string): void {
  const what = origin === 'restart' ? 'the new connections: [store]' : 'a bench: { stores: [store] }';
  if (!Array.isArray(stores) || stores.length === 0) {
    throw new TypeError(
      `${origin} brings no store: stores is ${show(stores)}. Return ${what}, with at least one.\nSee ${GUIDE}#run-the-suites`,
    );
  }
  for (const [index, store] of stores.entries()) {
    const missing = required.find((name) => typeof Object(store)[name] !== 'function');
    if (missing === undefined) continue;
    throw new TypeError(
      `stores[${index}].${missing} is ${show(Object(store)[missing])}. Return ${what}, where each store has the functions ${required.join(', ')}.\nSee ${GUIDE}#run-the-suites`,
    );
  }
}

/** The bench as a rule uses it: each call is watched, and none can throw before it returns a promise. */
function makeReady<Store extends object>(
  bench: Bench<Store>,
  suite: Suite<Store>,
  record: ReadyBench<Store>['record'],
  watch: Watch,
): ReadyBench<Store> {
  const names = [...suite.required, ...(suite.optional ?? [])];
  const wrap = (store: Store) =>
    Object.fromEntries(
      names
        .map((name) => [name, store[name]] as const)
        .filter(([, call]) => typeof call === 'function')
        .map(([name, call]) => [
          name,
          (...given: unknown[]) => watch.watched(name, () => (call as (...all: unknown[]) => unknown)(...given)),
        ]),
    ) as Store;
  const wrapAll = (stores: readonly Store[]) => stores.map(wrap) as unknown as readonly [Store, ...Store[]];
  const { dump, restart } = bench as ReadyBench<Store>;
  return {
    record,
    stores: wrapAll(bench.stores),
    dump: () => watch.call('dump', dump),
    async restart() {
      const stores = await watch.call('restart', restart);
      checkStores(stores, suite, 'restart');
      return wrapAll(stores);
    },
  };
}

function isThere(bench: Bench<object>, need: Need): boolean {
  const isOfBench = need === 'dump' || need === 'restart';
  return typeof (isOfBench ? bench[need] : Reflect.get(bench.stores[0], need)) === 'function';
}

/** Shows the running test as skipped. In jest a running test cannot skip itself. */
function skip(need: Need, context: Context | undefined): void {
  if (context) context.skip(`the factory brings no ${need}`);
  else {
    throw new Error(
      `This rule needs ${need}, and your factory brings none. Bring it, or pass { without: ['${need}'] } as the last argument of the suite: the rule is then shown as skipped.\nSee ${GUIDE}#run-the-suites`,
    );
  }
}

async function check<Store>(rule: Rule<Store>, bench: ReadyBench<Store>, watch: Watch): Promise<void> {
  try {
    await Promise.race([rule.holds(bench), watch.silence]);
  } catch (thrown) {
    const { advice, anchor } = thrown instanceof Failure ? thrown : rule;
    throw new Error(
      `${describeFault(thrown, watch.throwerOf(thrown))}\n\nWhat to do: ${advice}\nSee ${GUIDE}#${anchor}`,
      { cause: thrown },
    );
  }
}

/** What a function that must answer false may throw for instead. */
const USED: Readonly<Record<string, string>> = {
  consumeCode: 'a code that is spent',
  consumeRefreshToken: 'a token that is spent',
  consumeJti: 'a jti that was used',
};

function describeFault(thrown: unknown, name: string | undefined): string {
  const message = describeFailure(thrown);
  if (name === undefined) return message;
  const used = USED[name];
  const hint = used === undefined ? '' : `\nFor ${used}, return false. Throw only if the database fails.`;
  return `${name} threw: ${message}${hint}`;
}

const EQUAL = ['strictEqual', 'deepStrictEqual'];

function describeFailure(thrown: unknown): string {
  const message = types.isNativeError(thrown) ? thrown.message || String(thrown) : show(thrown);
  if (!(thrown instanceof assert.AssertionError) || !EQUAL.includes(thrown.operator)) return message;
  // Only some versions of Node.js write the values below the message.
  return `${String(message.split('\n')[0]).replace(/:$/, '')}: expected ${show(thrown.expected)}, got ${show(thrown.actual)}`;
}

/** Waits in real time. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void startTimer(resolve, milliseconds));

/** Twenty calls at once, over all connections in turn. */
export function atOnce<Store, T>(stores: readonly Store[], call: (store: Store) => Awaitable<T>): Promise<T[]> {
  return settle(Array.from({ length: 20 }, async (_, index) => call(stores[index % stores.length] as Store)));
}

/** Runs a race five times: a store without an atomic step may win one by luck. */
export async function fiveTimes(race: () => Promise<void>): Promise<void> {
  for (const _round of Array.from({ length: 5 })) await race();
}

/** Exactly one of the answers is `true`, and all others are `false`: no `1`, no `undefined`, no row count. */
export function assertOneTrue(answers: readonly unknown[]): void {
  assertBooleans(answers);
  const times = answers.filter((answer) => answer === true).length;
  assert.equal(times, 1, 'the number of calls that were told true');
}

export function assertBooleans(answers: readonly unknown[]): void {
  for (const answer of answers) assert.equal(typeof answer, 'boolean', 'consuming answers true or false');
}

/** Every field that was saved is there, equal and of the same type. A store may add fields of its own. */
export function assertFound(found: object | null | undefined, saved: object, name = 'the record'): void {
  assert.ok(found, `${name} is not found`);
  const lines = Object.entries(saved)
    .map(([key, value]) => ({ key, value, other: (found as Record<string, unknown>)[key] }))
    .filter(({ value, other }) => !isSame(value, other))
    .map(({ key, value, other }) => `\n  ${key}: saved ${show(value)}, found ${show(other)}`);
  assert.ok(lines.length === 0, `${name} does not come back as it was saved:${lines.join('')}`);
}

const isSame = (saved: unknown, found: unknown) => isDeepStrictEqual(toComparable(saved), toComparable(found));

/** A value without prototypes, because arrays and dates may come from another realm, as under jest. */
function toComparable(value: unknown): unknown {
  if (types.isDate(value)) return [types.isDate, value.getTime()];
  if (Array.isArray(value)) return Array.from(value, toComparable);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return new Map(Object.entries(value).map(([key, each]) => [key, toComparable(each)]));
}

/** A value for a message: dates in ISO format, long texts cut. */
function show(value: unknown): string {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  return inspect(value, { maxStringLength: 60, depth: 2, compact: true, breakLength: Number.POSITIVE_INFINITY });
}

/** A copy of a record, also of its dates. */
export const copyOf = (record: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, types.isDate(value) ? new Date(value) : value]),
  );

/** Checks that a store did not change a record that it was given. */
export function assertUnchanged(record: object, before: object, name: string): void {
  assertFound(record, before, name);
  assert.deepEqual(Object.keys(record), Object.keys(before), `${name} has other fields than before`);
}

/** Checks that a dump after something was saved holds anything: in an empty one no secret is found. */
export async function assertDumps(dump: () => Awaitable<string>): Promise<void> {
  const atRest: unknown = await dump();
  if (typeof atRest === 'string' && /\w/.test(atRest)) return;
  throw new Failure(
    `dump returned ${show(atRest)} though a record was saved`,
    'Let dump return all rows as one text, with keys and values: JSON.stringify(await readAllRows()).',
    'run-the-suites',
  );
}

/** Checks that the secret is not in the stored data, neither as it is nor in hexadecimal or base64. */
export async function assertHidden(secret: string, dump: () => Awaitable<string>): Promise<void> {
  const atRest = await dump();
  const bytes = Buffer.from(secret);
  for (const spelling of [secret, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]) {
    assert.ok(
      !atRest.toLowerCase().includes(spelling.toLowerCase()),
      'what is at rest holds a secret that can be read',
    );
  }
}

/** Calls a function that may throw or reject. */
export async function mayThrow(call: () => Awaitable<unknown>): Promise<void> {
  try {
    await call();
  } catch {
    // The rule checks what is left in the store.
  }
}

/** Whether a text finds something. A store may refuse an empty text, and then finds nothing. */
export async function isFound(text: string, find: (text: string) => Awaitable<unknown>): Promise<boolean> {
  try {
    return (await find(text)) != null;
  } catch (thrown) {
    if (text !== '') throw thrown;
    return false;
  }
}

/** Texts that many databases cannot store. */
const isUnstorable = (text: string) => text.includes('\0') || /\p{Surrogate}/u.test(text);

/**
 * Saves a record that holds this text. A store may refuse a NUL or a lone surrogate, and then keeps nothing.
 *
 * @returns whether it was saved
 */
export async function mayRefuse(
  text: string,
  save: () => Awaitable<unknown>,
  find: () => Awaitable<unknown>,
): Promise<boolean> {
  try {
    await save();
    return true;
  } catch (thrown) {
    if (!isUnstorable(text)) throw thrown;
    assert.ok((await find()) == null, 'what was refused is not there');
    return false;
  }
}

/** Instants that a careless column does not keep: parts of a second, and years beyond 2038. */
export const listEnds = (): Date[] => [
  ...[0, 1, 999].map((milliseconds) => new Date(new Date(Date.now() + 60_000).setMilliseconds(milliseconds))),
  new Date(Date.UTC(2038, 0, 19, 3, 14, 8)),
  new Date(Date.UTC(2199, 11, 31)),
];

const LISTS = [['https://api.example/a', 'urn:host:b'], ['https://api.example/'], []];

type Resources = readonly string[] | null | undefined;

/**
 * Checks the field `resources`. A store without this field passes. But one that loses an empty list would allow every
 * resource.
 */
export async function assertKeepsResources(
  saveAndFind: (resources: string[] | null) => Promise<{ resources?: Resources }>,
): Promise<void> {
  const kept: Resources[] = [];
  for (const resources of LISTS) kept.push((await saveAndFind(resources)).resources);
  if (kept.some((resources) => resources !== undefined && resources !== null)) {
    for (const [index, resources] of LISTS.entries()) {
      assertFound({ resources: kept[index] }, { resources }, 'a list of resources');
    }
  }
  const { resources } = await saveAndFind(null);
  assert.equal(resources ?? null, null, 'null is no list');
}

/** Which grants are dead after `revokeTokens`: the one that it was given, and two others. */
interface Revocation {
  isRevoked: boolean;
  /** Of the same client. */
  isSameDead: boolean;
  /** Of another client. */
  isForeignDead: boolean;
}

/** Fails unless one grant is revoked and no other. `explain` fails for a grant that lives on though no other is dead. */
export async function assertOnlyRevoked(
  { isRevoked, isSameDead, isForeignDead }: Revocation,
  what: string,
  explain: () => Promise<void>,
): Promise<void> {
  if (!isRevoked) {
    const isAnother = isSameDead || isForeignDead;
    assert.ok(!isAnother, `revokeTokens revoked another grant instead of the one of its ${what}`);
    await explain();
  }
  assert.ok(!isForeignDead, 'revokeTokens revoked the grants of others, too');
  assert.ok(!isSameDead, 'revokeTokens revoked another grant of the same client, too');
}
