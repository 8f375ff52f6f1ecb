import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Awaitable } from '../types';

/** `test` of jest, vitest, node:test, mocha (`it`) or any other runner. */
export type Test = (name: string, body: () => Promise<void>) => unknown;

/** How a suite gets at what it tests. The factory makes a new one, with an empty store, for every test. */
export interface Bench<Store> {
  /** The same store through one connection each: what nodes in front of one database are. One is enough to begin with. */
  stores: readonly [Store, ...Store[]];
  /** Everything that is at rest, as text: keys, values, rows. Without it nothing can be said about secrets at rest. */
  dump?: (() => Awaitable<string>) | undefined;
  /** Ends the store and starts it again on the same data, for stores that keep it; brings the new connections. */
  restart?: (() => Awaitable<readonly [Store, ...Store[]]>) | undefined;
  close?: (() => Awaitable<void>) | undefined;
}

export type Factory<Store> = () => Awaitable<Bench<Store>>;

export type Rule<Store> = (bench: Bench<Store>) => Promise<void>;

/** Registers one test a rule, each with a bench of its own. */
export function register<Store>(
  test: Test,
  factory: Factory<Store>,
  rules: Readonly<Record<string, Rule<Store>>>,
): void {
  for (const [name, rule] of Object.entries(rules)) {
    test(name, async () => {
      const bench = await factory();
      try {
        await rule(bench);
      } finally {
        await bench.close?.();
      }
    });
  }
}

/** Twenty calls at once, over all connections in turn. */
export function atOnce<Store, T>(stores: readonly Store[], call: (store: Store) => Awaitable<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 20 }, async (_, index) => call(stores[index % stores.length] as Store)));
}

/** Exactly one of the answers is `true`, and all others are `false`: no `1`, no `undefined`, no row count. */
export function assertOneTrue(answers: readonly unknown[]): void {
  for (const answer of answers) assert.equal(typeof answer, 'boolean', 'consuming answers true or false');
  assert.equal(answers.filter((answer) => answer === true).length, 1, 'exactly one call is the one that spent it');
}

/** Every field that was saved is there, equal and of the same type. A store may add fields of its own. */
export function assertFound(found: object | null | undefined, saved: object, name = 'the record'): void {
  assert.ok(found, `${name} is found`);
  const fields = Object.keys(saved).map((key) => [key, (found as Record<string, unknown>)[key]]);
  assert.deepEqual(fieldsOf(Object.fromEntries(fields)), fieldsOf(saved), `${name} comes back as it was saved`);
}

/** The fields of a record as they are now. A date may come from another realm, as it does under jest. */
export function fieldsOf(record: object): Record<string, unknown> {
  const fields = Object.entries(record).map(([key, value]) => [
    key,
    types.isDate(value) ? { milliseconds: value.getTime() } : value,
  ]);
  return Object.fromEntries(fields);
}

/** The secret stands nowhere in what is at rest, neither as it is nor in a spelling that anybody can undo. */
export async function assertHidden(secret: string, dump: (() => Awaitable<string>) | undefined): Promise<void> {
  if (!dump) return;
  const atRest = await dump();
  assert.notEqual(atRest, '', 'dump brings what is at rest');
  const bytes = Buffer.from(secret);
  for (const spelling of [secret, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]) {
    assert.ok(!atRest.toLowerCase().includes(spelling.toLowerCase()), 'a secret is filed under a digest only');
  }
}
