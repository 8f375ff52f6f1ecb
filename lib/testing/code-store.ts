import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Request } from 'express';
import { digestOfAddress } from '../address';
import type { AuthorizationCode, Awaitable } from '../types';
import {
  assertBooleans,
  assertDumps,
  assertFound,
  assertHidden,
  assertKeepsResources,
  assertOneTrue,
  assertOnlyRevoked,
  assertUnchanged,
  atOnce,
  type ConformanceOptions,
  copyOf,
  type Factory,
  fiveTimes,
  isFound,
  listEnds,
  mayRefuse,
  mayThrow,
  type ReadyBench,
  type Rule,
  register,
  type Suite,
  sleep,
  type Test,
} from './conformance';
import { almostLike, createCode, createCodeRecord, createPattern, HOSTILE_STRINGS, patternsOf } from './fixtures';
import { createStandstill } from './standstill';

/** The functions of a store of codes that are tested. They are called without `this`. */
export interface CodeStore {
  saveCode(code: string, record: AuthorizationCode): Awaitable<unknown>;
  findCode(code: string): Awaitable<AuthorizationCode | null | undefined>;
  /** Gets the record that `findCode` returned. */
  consumeCode(code: never, req?: Request): Awaitable<boolean>;
  /** Gets the record that `findCode` returned. Without it, the rules of revocation are skipped. */
  revokeTokens?(code: never): Awaitable<unknown>;
  /**
   * Gets the `grantId` of the record that `findCode` returned. Without it, the rule that `revokeTokens` revokes the
   * grant of a spent code is skipped.
   */
  isRevoked?(grantId: string): Awaitable<boolean>;
}

/** The same, as the rules call it. */
interface TestedStore extends CodeStore {
  consumeCode(code: AuthorizationCode, req?: Request): Awaitable<boolean>;
  revokeTokens(code: AuthorizationCode): Awaitable<unknown>;
  isRevoked(grantId: string): Awaitable<boolean>;
}

type CodeRule = Rule<TestedStore>;

type TestedBench = ReadyBench<TestedStore>;

const createRecord = ({ record }: TestedBench, different: Partial<AuthorizationCode> = {}) => ({
  ...createCodeRecord(different),
  ...record,
});

/** Saves a code and finds it. */
async function saved(bench: TestedBench, different: Partial<AuthorizationCode> = {}, code = createCode()) {
  const [{ saveCode, findCode }] = bench.stores;
  const record = createRecord(bench, different);
  await saveCode(code, record);
  const found = await findCode(code);
  assert.ok(found, 'a code is not found though saveCode has returned');
  return { code, record, found };
}

const endsIn = (milliseconds: number) => ({ expiresAt: new Date(Date.now() + milliseconds) });

/** Whether a grant is revoked, by what the store says, or else by what it does. */
async function isDead(
  { isRevoked, consumeCode }: Pick<TestedStore, 'consumeCode'> & Partial<TestedStore>,
  code: AuthorizationCode & { grantId?: string },
): Promise<boolean> {
  return isRevoked ? isRevoked(code.grantId as string) : !(await consumeCode(code));
}

const RULES = {
  'finds a code with every field as it was saved': {
    anchor: 'save-and-find',
    advice: 'Keep every field of the record in a column, or the whole record as JSON. Return dates as Date objects.',
    async holds(bench) {
      const { found, record } = await saved(bench, { dpopJkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' });
      assertFound(found, record);
    },
  },

  'keeps null, a missing field and an empty string apart': {
    anchor: 'save-and-find',
    advice: "Let each of these columns be NULL, and return null for it: no default value, and no '' in its place.",
    async holds(bench) {
      const none = { redirectUri: null, codeChallenge: null, codeChallengeMethod: null, dpopJkt: null };
      const { found } = await saved(bench, none);
      assertFound(found, none);
    },
  },

  'does not find a code that was never saved': {
    anchor: 'save-and-find',
    advice: 'Return null if no row has the digest of this code.',
    async holds(bench) {
      const [store] = bench.stores;
      await saved(bench);
      assert.ok((await store.findCode(createCode())) == null, 'an unknown code is null or undefined');
    },
  },

  'finds on every connection what another one has saved': {
    anchor: 'save-and-find',
    advice: 'Return from saveCode once the row is committed, and read from the primary: a replica may be behind.',
    async holds(bench) {
      const { stores } = bench;
      const { code, record } = await saved(bench);
      for (const store of stores) assertFound(await store.findCode(code), record);
    },
  },

  'spends a code once': {
    anchor: 'spend',
    advice:
      'Spend with one UPDATE whose WHERE has "spent_at IS NULL", and return whether it changed a row: true or false, no count. Do not delete the row.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code, found } = await saved(bench);
      assert.equal(await store.consumeCode(found), true, 'the first call spends the code');
      assert.equal(await store.consumeCode(found), false, 'the second call does not');
      const again = await store.findCode(code);
      assert.ok(again, 'a spent code is still found, so that a replay is seen');
      assert.equal(await store.consumeCode(again), false, 'nor does a call with the record found anew');
    },
  },

  'spends a code once for twenty callers at once': {
    anchor: 'spend',
    advice:
      'Do not read and then write. Let one UPDATE whose WHERE has "spent_at IS NULL" decide, and return whether it changed a row.',
    async holds(bench) {
      const { stores } = bench;
      await fiveTimes(async () => {
        const { found } = await saved(bench);
        assertOneTrue(await atOnce(stores, (store) => store.consumeCode(found)));
      });
    },
  },

  'spends a code once for twenty callers that each found it': {
    anchor: 'spend',
    advice:
      'Do not read and then write. Let one UPDATE whose WHERE has "spent_at IS NULL" decide, and return whether it changed a row.',
    async holds(bench) {
      const { stores } = bench;
      const { code } = await saved(bench);
      const consume = async (store: TestedStore) => {
        const found = await store.findCode(code);
        assert.ok(found, 'a code is found while it is being spent');
        return store.consumeCode(found);
      };
      assertOneTrue(await atOnce(stores, consume));
    },
  },

  'does not spend a code by finding it': {
    anchor: 'save-and-find',
    advice: 'findCode reads and changes nothing. Mark the code in consumeCode only.',
    async holds(bench) {
      const { stores } = bench;
      const { code, found } = await saved(bench);
      await atOnce(stores, (store) => store.findCode(code));
      assert.equal(await stores[0].consumeCode(found), true, 'a code that was looked up can still be spent');
    },
  },

  'spends one code and no other': {
    anchor: 'spend',
    advice: 'Let the WHERE of the UPDATE name this one code by its digest.',
    async holds(bench) {
      const [store] = bench.stores;
      const [one, another] = [await saved(bench), await saved(bench)];
      assert.equal(await store.consumeCode(one.found), true, 'the first call spends the code');
      assertFound(await store.findCode(another.code), another.record);
      assert.equal(await store.consumeCode(another.found), true, 'spending one code leaves the other as it was');
    },
  },

  'still finds a spent code after it expired, with every field': {
    anchor: 'save-and-find',
    advice:
      'Keep spent codes until the last token of the login has expired, and find them. The router compares expiresAt itself.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code, record, found } = await saved(bench, endsIn(250));
      assert.equal(await store.consumeCode(found), true, 'the first call spends the code');
      await sleep(400);
      const late = await store.findCode(code);
      assertFound(late, record);
      assert.equal(late && (await store.consumeCode(late)), false, 'and it is still spent');
    },
  },

  'says when a code was spent and by whom, or leaves both out': {
    anchor: 'spend',
    advice:
      'Write the instant and digestOfAddress(req) in the same UPDATE that spends the code, and never again. Or return neither field.',
    async holds(bench) {
      const { stores } = bench;
      const { code, found } = await saved(bench);
      assert.ok((found.spentAt ?? null) === null, 'a live code was not spent');
      const [owner, other] = ['203.0.113.9', '198.51.100.7'].map((ip) => ({ ip }) as Request) as [Request, Request];
      const standstill = createStandstill();
      const start = Date.now();
      assert.equal(await stores[0].consumeCode(found, owner), true, 'the first call spends the code');
      const end = Date.now();
      await sleep(600);
      await stores[0].consumeCode(found, other);
      for (const store of stores) {
        const again = await store.findCode(code);
        assert.ok(again, 'a spent code is still found, so that a replay is seen');
        const { spentAt, spentBy } = again;
        if (spentAt === undefined || spentAt === null) continue;
        assert.ok(types.isDate(spentAt), 'spentAt is a Date');
        const isThen = spentAt.getTime() > start - 450 - standstill() && spentAt.getTime() < end + 450;
        assert.ok(isThen, 'spentAt is the instant of the one spending, by the clock of this node');
        assert.equal(spentBy, digestOfAddress(owner), 'spentBy is who spent it: digestOfAddress(req)');
      }
    },
  },

  'keeps the resources that were granted, or none': {
    anchor: 'save-and-find',
    advice: 'Keep the list as JSON or as an array: [] and null mean different things.',
    async holds(bench) {
      await assertKeepsResources(async (resources) => (await saved(bench, { resources })).found);
    },
  },

  'spends a code at most once if it expires after it was found': {
    anchor: 'spend',
    advice:
      'consumeCode returns true or false for a code that has expired, too: the router compares expiresAt after it.',
    async holds(bench) {
      const { stores } = bench;
      const { found } = await saved(bench, endsIn(50));
      await sleep(100);
      const answers = await atOnce(stores, (store) => store.consumeCode(found));
      assertBooleans(answers);
      assert.ok(answers.filter(Boolean).length <= 1, 'at most one call spends it');
    },
  },

  'finds a code until it expires': {
    anchor: 'save-and-find',
    advice: 'Keep the row until after expiresAt: a time to live that is rounded down ends too early.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code, record } = await saved(bench, endsIn(1500));
      await sleep(record.expiresAt.getTime() - Date.now() - 300);
      assertFound(await store.findCode(code), record);
    },
  },

  'keeps expiresAt of a code to the millisecond': {
    anchor: 'save-and-find',
    advice:
      'Choose a column that keeps milliseconds and years beyond 2038: DATETIME(3), timestamptz, or the milliseconds as a BIGINT.',
    async holds(bench) {
      for (const expiresAt of listEnds()) {
        const { found } = await saved(bench, { expiresAt });
        assertFound(found, { expiresAt });
      }
    },
  },

  'refuses to save a code again, or leaves it spent': {
    anchor: 'save-and-find',
    advice: 'Make the digest the primary key and insert without an upsert, so that a second insert fails.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code, found } = await saved(bench);
      await store.consumeCode(found);
      await mayThrow(() => store.saveCode(code, createRecord(bench)));
      const again = await store.findCode(code);
      assert.ok(again, 'the code is still known');
      assert.equal(await store.consumeCode(again), false, 'a spent code does not come back to life');
    },
  },

  'keeps every string unchanged': {
    anchor: 'save-and-find',
    advice:
      'Choose columns that cut, trim and convert nothing, such as text in UTF-8. What they cannot hold (a NUL, a lone surrogate) refuse in saveCode, before anything is written.',
    async holds(bench) {
      const [store] = bench.stores;
      for (const [name, text] of Object.entries(HOSTILE_STRINGS)) {
        const code = createCode();
        const record = createRecord(bench, { clientId: text, redirectUri: text, scope: text });
        const isSaved = await mayRefuse(
          text,
          () => store.saveCode(code, record),
          () => store.findCode(code),
        );
        if (isSaved) assertFound(await store.findCode(code), record, `the record with ${name}`);
      }
    },
  },

  'accepts any string as a code': {
    anchor: 'save-and-find',
    advice: 'File codes under their SHA-256 in hexadecimal digits: then any string will do.',
    async holds(bench) {
      const [store] = bench.stores;
      const codes = Object.values(HOSTILE_STRINGS);
      for (const code of codes) assert.ok((await store.findCode(code)) == null, 'no string finds what was not saved');
      for (const [index, code] of codes.entries())
        await store.saveCode(code, createRecord(bench, { scope: `scope ${index}` }));
      for (const [index, code] of codes.entries()) assertFound(await store.findCode(code), { scope: `scope ${index}` });
    },
  },

  'distinguishes codes that are almost the same': {
    anchor: 'save-and-find',
    advice: 'File codes under their SHA-256: collations that ignore case or trailing blanks then do not matter.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code } = await saved(bench);
      for (const other of almostLike(code)) {
        assert.ok(!(await isFound(other, store.findCode)), 'a code is found by itself only, byte for byte');
      }
    },
  },

  'finds a code by the whole code and not by a pattern': {
    anchor: 'save-and-find',
    advice:
      'Compare the whole code with =, not with LIKE or a regular expression. File codes under their SHA-256: then nothing in them is a pattern.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code } = await saved(bench, {}, createPattern());
      for (const [name, other] of Object.entries(patternsOf(code))) {
        assert.ok(!(await isFound(other, store.findCode)), `findCode finds a code by ${name}`);
      }
    },
  },

  'returns copies of its records': {
    anchor: 'save-and-find',
    advice: 'Return a new object for each call, and keep a copy of what you are given.',
    async holds(bench) {
      const [store] = bench.stores;
      const { code, record, found } = await saved(bench);
      const expected = copyOf(record);
      for (const held of [record, found]) {
        held.clientId = 'another';
        held.codeChallenge = null;
        held.expiresAt.setTime(0);
      }
      assertFound(await store.findCode(code), expected);
    },
  },

  'does not change the records that it is given': {
    anchor: 'save-and-find',
    advice: 'Copy the record before you change it: { ...record }.',
    async holds(bench) {
      const [store] = bench.stores;
      const code = createCode();
      const record = createRecord(bench);
      const given = copyOf(record);
      await store.saveCode(code, record);
      assertUnchanged(record, given, 'the record given to saveCode');
      const found = await store.findCode(code);
      assert.ok(found, 'a code is not found though saveCode has returned');
      const before = copyOf(found);
      await store.consumeCode(found);
      assertUnchanged(found, before, 'the record given to consumeCode');
    },
  },

  'revokes the grant of one code and of no other': {
    anchor: 'revoke',
    advice:
      'Let revokeTokens mark the grant of the code that it is given, and no other: UPDATE … WHERE id = the grantId. Return once the row is committed.',
    needs: ['revokeTokens'],
    async holds(bench) {
      const [store] = bench.stores;
      const [revoked, same, foreign] = [
        await saved(bench),
        await saved(bench),
        await saved(bench, { clientId: 'another' }),
      ];
      await store.revokeTokens(revoked.found);
      const isRevoked = await isDead(store, revoked.found);
      const isSameDead = await isDead(store, same.found);
      const isForeignDead = await isDead(store, foreign.found);
      await assertOnlyRevoked({ isRevoked, isSameDead, isForeignDead }, 'code', async () => {
        const isSpendable = !('isRevoked' in store) || (await store.consumeCode(revoked.found));
        assert.ok(isSpendable, 'isRevoked answers false though the code of the grant is dead after revokeTokens');
        assert.fail('revokeTokens revoked nothing: the grant of its code is not revoked');
      });
    },
  },

  'does not spend a code whose tokens were revoked': {
    anchor: 'revoke',
    advice: 'Let consumeCode look for revoked_at in the same UPDATE, and let revokeTokens keep the row.',
    needs: ['revokeTokens'],
    async holds(bench) {
      const { stores } = bench;
      const [{ findCode, consumeCode, revokeTokens }] = stores;
      const { code, found } = await saved(bench);
      await revokeTokens(found);
      assert.equal(await consumeCode(found), false, 'nothing can be issued from a grant that is revoked');
      assert.ok(await findCode(code), 'and the code is still found');
    },
  },

  'revokes the grant of a spent code, for every connection': {
    anchor: 'revoke',
    advice: 'Mark the grant, not its tokens, and let isRevoked read this mark. A spent code is not a revoked one.',
    needs: ['revokeTokens', 'isRevoked'],
    async holds(bench) {
      const { stores } = bench;
      const [{ consumeCode, revokeTokens, isRevoked }] = stores;
      const { found } = await saved(bench);
      const { grantId } = found as AuthorizationCode & { grantId: string };
      // As in a replay: the code is spent, and its tokens may be alive.
      await consumeCode(found);
      assert.equal(await isRevoked(grantId), false, 'the grant of a code that was spent once lives');
      await revokeTokens(found);
      for (const store of stores) {
        assert.equal(await store.isRevoked(grantId), true, 'a grant that was revoked is dead');
      }
    },
  },

  'can revoke several times': {
    anchor: 'revoke',
    advice: 'Write revokeTokens so that a second call changes nothing and does not fail.',
    needs: ['revokeTokens'],
    async holds(bench) {
      const { stores } = bench;
      const [store] = stores;
      const { code, found } = await saved(bench);
      await store.consumeCode(found);
      // Every loser of a race revokes; none of them may fail.
      await atOnce(stores, ({ revokeTokens }) => revokeTokens(found));
      assert.equal(await store.consumeCode(found), false, 'a spent code stays spent');
      assert.ok(await store.findCode(code), 'and is still found');
      const live = await saved(bench);
      // Odd numbers and even ones: a call that undoes the one before is seen.
      for (const times of [1, 2, 3]) {
        await store.revokeTokens(live.found);
        assert.equal(await store.consumeCode(live.found), false, `call ${times} of revokeTokens leaves the code dead`);
      }
    },
  },

  'stores no readable code': {
    anchor: 'save-and-find',
    advice: 'Keep the SHA-256 of a code, never the code.',
    needs: ['dump'],
    async holds(bench) {
      const { stores, dump } = bench;
      const [store] = stores;
      const { code, found } = await saved(bench);
      await assertDumps(dump);
      await assertHidden(code, dump);
      await store.consumeCode(found);
      await assertHidden(code, dump);
    },
  },

  'keeps a spent code spent after a restart': {
    anchor: 'spend',
    advice: 'Return from consumeCode once the change is on disk.',
    needs: ['restart'],
    async holds(bench) {
      const { stores, restart } = bench;
      const [store] = stores;
      const [spent, live] = [await saved(bench), await saved(bench)];
      await store.consumeCode(spent.found);
      const [reborn] = await restart();
      const found = await reborn.findCode(spent.code);
      // A store that forgets all codes is safe; one that brings a spent code back alive is not.
      assert.equal(found ? await reborn.consumeCode(found) : false, false, 'a spent code does not come back to life');
      assertFound(await reborn.findCode(live.code), live.record);
    },
  },
} satisfies Readonly<Record<string, CodeRule>>;

const SUITE: Suite<TestedStore> = {
  rules: RULES,
  required: ['saveCode', 'findCode', 'consumeCode'],
  optional: ['revokeTokens', 'isRevoked'],
};

/**
 * Tests `saveCode`, `findCode`, `consumeCode` and `revokeTokens` of your store (RFC 6749 §4.1.2, §10.5): one test per
 * rule, in any test runner. Each failure says what to do.
 *
 * @throws TypeError if an option is wrong.
 */
export function codeStoreConformance(test: Test, factory: Factory<CodeStore>, options?: ConformanceOptions): void {
  register(test, factory as Factory<TestedStore>, SUITE, options);
}
