import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import type { Request } from 'express';
import { digestOfAddress } from '../address';
import type { AuthorizationCode, Awaitable } from '../types';
import type { Test } from './conformance';
import {
  assertFound,
  assertHidden,
  assertOneTrue,
  atOnce,
  type Factory,
  fieldsOf,
  type Rule,
  register,
} from './conformance';
import { createCode, createCodeRecord, HOSTILE_STRINGS } from './fixtures';

/** What is tested: these functions of a store of codes, alone or as they were destructured. */
export interface CodeStore {
  saveCode(code: string, record: AuthorizationCode): Awaitable<unknown>;
  findCode(code: string): Awaitable<AuthorizationCode | null | undefined>;
  /** Gets what `findCode` has found, whatever a store puts into it. */
  consumeCode(code: never, req?: Request): Awaitable<boolean>;
  /** Gets what `findCode` has found. Left out, the rules of revocation are left out. */
  revokeTokens?(code: never): Awaitable<unknown>;
  /** Gets the `grantId` that `findCode` has found. Left out, nothing shows that `revokeTokens` revokes a spent code's grant. */
  isRevoked?(grantId: string): Awaitable<boolean>;
}

/** The same, as the rules call it. */
interface TestedStore extends CodeStore {
  consumeCode(code: AuthorizationCode, req?: Request): Awaitable<boolean>;
  revokeTokens?(code: AuthorizationCode): Awaitable<unknown>;
}

type CodeRule = Rule<TestedStore>;

/** Saves a code and finds it. */
async function saved({ saveCode, findCode }: TestedStore, different: Partial<AuthorizationCode> = {}) {
  const code = createCode();
  const record = createCodeRecord(different);
  await saveCode(code, record);
  const found = await findCode(code);
  assert.ok(found, 'a code is found once saveCode has returned');
  return { code, record, found };
}

const endsIn = (milliseconds: number) => ({ expiresAt: new Date(Date.now() + milliseconds) });

const RULES = {
  'finds a code with every field as it was saved': async ({ stores: [store] }) => {
    const { found, record } = await saved(store, { dpopJkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' });
    assertFound(found, record);
  },

  'keeps null apart from what is missing and from an empty string': async ({ stores: [store] }) => {
    const none = { redirectUri: null, codeChallenge: null, codeChallengeMethod: null, dpopJkt: null };
    const { found } = await saved(store, none);
    assertFound(found, none);
  },

  'knows no code that was never saved': async ({ stores: [store] }) => {
    await saved(store);
    assert.ok((await store.findCode(createCode())) == null, 'an unknown code is null or undefined');
  },

  'lets through every other connection what one has saved': async ({ stores }) => {
    const { code, record } = await saved(stores[0]);
    for (const store of stores) assertFound(await store.findCode(code), record);
  },

  'spends a code once': async ({ stores: [store] }) => {
    const { code, found } = await saved(store);
    assert.equal(await store.consumeCode(found), true, 'the first call spends the code');
    assert.equal(await store.consumeCode(found), false, 'the second call does not');
    const again = await store.findCode(code);
    assert.ok(again, 'a spent code is still found, so that a replay is seen');
    assert.equal(await store.consumeCode(again), false, 'nor does a call with the record found anew');
  },

  'spends a code once for twenty callers at once': async ({ stores }) => {
    for (let round = 0; round < 5; round += 1) {
      const { found } = await saved(stores[0]);
      assertOneTrue(await atOnce(stores, (store) => store.consumeCode(found)));
    }
  },

  'spends a code once for twenty callers that each found it': async ({ stores }) => {
    const { code } = await saved(stores[0]);
    const consume = async (store: TestedStore) => {
      const found = await store.findCode(code);
      assert.ok(found, 'a code is found while it is being spent');
      return store.consumeCode(found);
    };
    assertOneTrue(await atOnce(stores, consume));
  },

  'spends no code by finding it': async ({ stores }) => {
    const { code, found } = await saved(stores[0]);
    await atOnce(stores, (store) => store.findCode(code));
    assert.equal(await stores[0].consumeCode(found), true, 'a code that was looked up can still be spent');
  },

  'spends one code and no other': async ({ stores: [store] }) => {
    const [one, another] = [await saved(store), await saved(store)];
    assert.equal(await store.consumeCode(one.found), true);
    assertFound(await store.findCode(another.code), another.record);
    assert.equal(await store.consumeCode(another.found), true, 'spending one code leaves the other as it was');
  },

  'finds a spent code with every field after its end': async ({ stores: [store] }) => {
    const { code, record, found } = await saved(store, endsIn(250));
    assert.equal(await store.consumeCode(found), true);
    await sleep(400);
    const late = await store.findCode(code);
    assertFound(late, record);
    assert.equal(late && (await store.consumeCode(late)), false, 'and it is still spent');
  },

  'tells when a code was spent and by whom, or leaves it out': async ({ stores }) => {
    const { code, found } = await saved(stores[0]);
    assert.ok((found.spentAt ?? null) === null, 'a live code was not spent');
    const [owner, other] = ['203.0.113.9', '198.51.100.7'].map((ip) => ({ ip }) as Request) as [Request, Request];
    const start = Date.now();
    assert.equal(await stores[0].consumeCode(found, owner), true);
    const end = Date.now();
    await sleep(600);
    await stores[0].consumeCode(found, other);
    for (const store of stores) {
      const { spentAt, spentBy } = (await store.findCode(code)) as AuthorizationCode;
      if (spentAt === undefined || spentAt === null) continue;
      assert.ok(types.isDate(spentAt), 'spentAt is a Date');
      const isThen = spentAt.getTime() > start - 450 && spentAt.getTime() < end + 450;
      assert.ok(isThen, 'spentAt is the instant of the one spending, by the clock of this node');
      assert.equal(spentBy, digestOfAddress(owner), 'spentBy is who spent it: digestOfAddress(req)');
    }
  },

  'keeps the resources that were granted, or none': async ({ stores: [store] }) => {
    const lists = [['https://api.example/a', 'urn:host:b'], ['https://api.example/'], []];
    const kept: (readonly string[] | null | undefined)[] = [];
    for (const resources of lists) kept.push((await saved(store, { resources })).found.resources);
    // A store that knows no resources brings none back. One that loses an empty list would let every resource through.
    if (kept.some((resources) => resources !== undefined && resources !== null)) {
      assert.deepEqual(
        // As JSON has it: a database may bring lists of its own.
        JSON.parse(JSON.stringify(kept)),
        lists,
        'in their order, and an empty list is a list',
      );
    }
    const { found } = await saved(store, { resources: null });
    assert.ok((found.resources ?? null) === null, 'null is no list');
  },

  'spends a code once that ended since it was found': async ({ stores }) => {
    const { found } = await saved(stores[0], endsIn(50));
    await sleep(100);
    const answers = await atOnce(stores, (store) => store.consumeCode(found));
    for (const answer of answers) assert.equal(typeof answer, 'boolean', 'consuming answers true or false');
    assert.ok(answers.filter(Boolean).length <= 1, 'at most one call spends it');
  },

  'finds a code to the last moment of its life': async ({ stores: [store] }) => {
    const { code, record } = await saved(store, endsIn(1400));
    await sleep(record.expiresAt.getTime() - Date.now() - 150);
    assertFound(await store.findCode(code), record);
  },

  'keeps the end of a code to the millisecond': async ({ stores: [store] }) => {
    const whole = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
    for (const end of [whole, whole + 1, whole + 999, Date.UTC(2038, 0, 19, 3, 14, 8), Date.UTC(2199, 11, 31)]) {
      const { found, record } = await saved(store, { expiresAt: new Date(end) });
      assertFound(found, record);
    }
  },

  'refuses to save a code again, or leaves it spent': async ({ stores: [store] }) => {
    const { code, found } = await saved(store);
    await store.consumeCode(found);
    await Promise.resolve(store.saveCode(code, createCodeRecord())).catch(() => undefined);
    const again = await store.findCode(code);
    assert.ok(again, 'the code is still known');
    assert.equal(await store.consumeCode(again), false, 'a spent code does not come back to life');
  },

  'keeps any string as it is': async ({ stores: [store] }) => {
    for (const [name, text] of Object.entries(HOSTILE_STRINGS)) {
      const { found, record } = await saved(store, { clientId: text, redirectUri: text, scope: text });
      assertFound(found, record, name);
    }
  },

  'takes any string for a code': async ({ stores: [store] }) => {
    const codes = Object.values(HOSTILE_STRINGS);
    for (const code of codes) assert.ok((await store.findCode(code)) == null, 'no string finds what was not saved');
    for (const [index, code] of codes.entries())
      await store.saveCode(code, createCodeRecord({ scope: `scope ${index}` }));
    for (const [index, code] of codes.entries()) assert.equal((await store.findCode(code))?.scope, `scope ${index}`);
  },

  'tells codes apart that are almost the same': async ({ stores: [store] }) => {
    const { code } = await saved(store);
    const swapped = [...code].map((each) => (each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase()));
    for (const other of [swapped.join(''), `${code} `, ` ${code}`, `${code}\0`, `${code}=`, code.slice(0, -1), '']) {
      assert.ok((await store.findCode(other)) == null, 'a code is found by itself only, byte for byte');
    }
  },

  'shares no record with its callers': async ({ stores: [store] }) => {
    const { code, record, found } = await saved(store);
    const expected = { ...record, expiresAt: new Date(record.expiresAt) };
    for (const held of [record, found]) {
      held.clientId = 'another';
      held.codeChallenge = null;
      held.expiresAt.setTime(0);
    }
    assertFound(await store.findCode(code), expected);
  },

  'changes no record that it is given': async ({ stores: [store] }) => {
    const code = createCode();
    const record = createCodeRecord();
    const expected = fieldsOf(record);
    await store.saveCode(code, record);
    assert.deepEqual(fieldsOf(record), expected, 'saveCode leaves the record as it is');
    const found = await store.findCode(code);
    assert.ok(found);
    const before = fieldsOf(found);
    await store.consumeCode(found);
    assert.deepEqual(fieldsOf(found), before, 'consumeCode leaves the record as it is');
  },

  'spends no code whose tokens were revoked': async ({ stores }) => {
    const [{ findCode, consumeCode, revokeTokens }] = stores;
    if (!revokeTokens) return;
    const { code, found } = await saved(stores[0]);
    await revokeTokens(found);
    assert.equal(await consumeCode(found), false, 'nothing can be issued from a grant that is revoked');
    assert.ok(await findCode(code), 'and the code is still found');
  },

  'revokes the grant of a spent code, for every connection': async ({ stores }) => {
    const [{ consumeCode, revokeTokens, isRevoked }] = stores;
    if (!revokeTokens || !isRevoked) return;
    const { found } = await saved(stores[0]);
    const { grantId } = found as AuthorizationCode & { grantId: string };
    // As in a replay: the code is spent, and its tokens may be alive.
    await consumeCode(found);
    assert.equal(await isRevoked(grantId), false, 'the grant of a code that was spent once lives');
    await revokeTokens(found);
    for (const store of stores) {
      assert.equal(await store.isRevoked?.(grantId), true, 'a grant that was revoked is dead');
    }
  },

  'revokes as often as it is asked to': async ({ stores }) => {
    const { code, found } = await saved(stores[0]);
    await stores[0].consumeCode(found);
    // Every loser of a race revokes; none of them may fail.
    await atOnce(stores, ({ revokeTokens }) => revokeTokens?.(found));
    assert.equal(await stores[0].consumeCode(found), false, 'a spent code stays spent');
    assert.ok(await stores[0].findCode(code), 'and is still found');
  },

  'keeps no code that can be read at rest': async ({ stores: [store], dump }) => {
    const { code, found } = await saved(store);
    await assertHidden(code, dump);
    await store.consumeCode(found);
    await assertHidden(code, dump);
  },

  'keeps spent what was spent, through a restart': async ({ stores: [store], restart }) => {
    if (!restart) return;
    const [spent, live] = [await saved(store), await saved(store)];
    await store.consumeCode(spent.found);
    const [reborn] = await restart();
    const found = await reborn.findCode(spent.code);
    // A store that forgets all codes is safe; one that brings a spent code back alive is not.
    assert.equal(found ? await reborn.consumeCode(found) : false, false, 'a spent code does not come back to life');
    assertFound(await reborn.findCode(live.code), live.record);
  },
} satisfies Readonly<Record<string, CodeRule>>;

/**
 * What `findCode`, `consumeCode` and your `saveCode` promise (CONTRACT section 5), as one test a rule: in any runner,
 * against any store.
 */
export function codeStoreConformance(test: Test, factory: Factory<CodeStore>): void {
  register(test, factory as Factory<TestedStore>, RULES);
}
