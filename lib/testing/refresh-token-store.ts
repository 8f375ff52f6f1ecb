import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { types } from 'node:util';
import type { Awaitable, RefreshToken } from '../types';
import { Failure, settle } from './calls';
import {
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
import {
  almostLike,
  createPattern,
  createRefreshToken,
  createRefreshTokenRecord,
  HOSTILE_STRINGS,
  patternsOf,
} from './fixtures';
import { createStandstill } from './standstill';

type Saved = RefreshToken & { grantId: string; tokenId?: string };

/** The functions of a store of refresh tokens that are tested. They are called without `this`. */
export interface RefreshTokenStore {
  saveRefreshToken(refreshToken: string, record: Saved): Awaitable<unknown>;
  findRefreshToken(refreshToken: string): Awaitable<Saved | null | undefined>;
  /** Gets the record that `findRefreshToken` returned. */
  consumeRefreshToken(refreshToken: never): Awaitable<boolean>;
  revokeTokens(refreshToken: never): Awaitable<unknown>;
}

/** The same, as the rules call it. */
interface TestedStore extends RefreshTokenStore {
  consumeRefreshToken(refreshToken: Saved): Awaitable<boolean>;
  revokeTokens(refreshToken: Saved): Awaitable<unknown>;
}

type RefreshTokenRule = Rule<TestedStore>;

const createGrantId = () => randomBytes(16).toString('hex');

/** The fields to save with a token that replaces another one. */
const successorOf = ({ grantId, tokenId }: Saved): Partial<Saved> => ({
  grantId,
  ...(tokenId !== undefined && { tokenId }),
});

type TestedBench = ReadyBench<TestedStore>;

/** A record, in a new grant unless `different` has one. */
const createRecord = ({ record }: TestedBench, different: Partial<Saved> = {}) => ({
  ...createRefreshTokenRecord(different),
  ...record,
});

/** Saves a token. */
async function save(bench: TestedBench, different: Partial<Saved>, { saveRefreshToken } = bench.stores[0]) {
  const refreshToken = createRefreshToken();
  const record = createRecord(bench, different);
  await saveRefreshToken(refreshToken, record);
  return { refreshToken, record };
}

async function find({ findRefreshToken }: TestedStore, refreshToken: string): Promise<Saved> {
  const found = await findRefreshToken(refreshToken);
  assert.ok(found, 'a token is not found though saveRefreshToken has returned');
  return found;
}

/** Saves a token and finds it. */
async function saved(bench: TestedBench, different: Partial<Saved> = {}) {
  const { refreshToken, record } = await save(bench, different);
  return { refreshToken, record, found: await find(bench.stores[0], refreshToken) };
}

const consume = async (store: TestedStore, refreshToken: string) =>
  store.consumeRefreshToken(await find(store, refreshToken));

const cut = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const isNothing = (found: unknown) => found === null || found === undefined;

const endsIn = (milliseconds: number) => ({ expiresAt: new Date(Date.now() + milliseconds) });

/** Milliseconds by which the clocks of servers and nodes may differ here. A leeway is several seconds. */
const CLOCKS_MS = 5000;

function assertSpentSince(start: number, { spentAt }: Saved): void {
  assert.ok(types.isDate(spentAt), 'a spent token has the instant at which it was spent');
  const isNear = spentAt.getTime() > start - CLOCKS_MS && spentAt.getTime() < Date.now() + CLOCKS_MS;
  assert.ok(isNear, 'spentAt is the instant at which it was spent');
}

/** Checks that a late request ends with `invalid_grant`. */
function assertInvalidGrant(thrown: unknown): undefined {
  assert.equal((Object(thrown) as { error?: unknown }).error, 'invalid_grant', `it throws an OAuthError: ${thrown}`);
  return undefined;
}

const REVOKE_ONE =
  'Let revokeTokens mark the grant of the token that it is given, and no other: UPDATE … WHERE id = the grantId. Let findRefreshToken look for this mark. Return once the row is committed.';

const RULES = {
  'finds a token with every field as it was saved': {
    anchor: 'save-and-find',
    advice:
      'Keep every field of the record in a column, or the whole record as JSON. Return dates as Date objects, and spentAt: null for a live token.',
    async holds(bench) {
      const { found, record } = await saved(bench, { dpopJkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' });
      assertFound(found, record);
      assert.equal(found.spentAt, null, 'spentAt of a live token is null');
    },
  },

  'keeps null, a missing field and an empty string apart': {
    anchor: 'save-and-find',
    advice: "Let each of these columns be NULL, and return null for it: no default value, and no '' in its place.",
    async holds(bench) {
      const none = { scope: null, dpopJkt: null };
      const { found } = await saved(bench, none);
      assertFound(found, none);
    },
  },

  'keeps the resources that were granted, or none': {
    anchor: 'save-and-find',
    advice: 'Keep the list as JSON or as an array: [] and null mean different things.',
    async holds(bench) {
      await assertKeepsResources(async (resources) => (await saved(bench, { resources })).found);
    },
  },

  'does not find a token that was never saved': {
    anchor: 'save-and-find',
    advice: 'Return null if no row has the digest of this token.',
    async holds(bench) {
      const [store] = bench.stores;
      await saved(bench);
      assert.ok(isNothing(await store.findRefreshToken(createRefreshToken())), 'an unknown token is null or undefined');
    },
  },

  'finds on every connection what another one has saved': {
    anchor: 'save-and-find',
    advice:
      'Return from saveRefreshToken once the row is committed, and read from the primary: a replica may be behind.',
    async holds(bench) {
      const { stores } = bench;
      const { refreshToken, record } = await saved(bench);
      for (const store of stores) assertFound(await store.findRefreshToken(refreshToken), record);
    },
  },

  'spends a token once': {
    anchor: 'refresh-tokens',
    advice:
      'Spend with one UPDATE, and return whether it changed a row: true or false, no count. Do not delete the row.',
    async holds(bench) {
      const [store] = bench.stores;
      const { refreshToken, found } = await saved(bench);
      assert.equal(await store.consumeRefreshToken(found), true, 'the first call spends the token');
      assert.equal(await store.consumeRefreshToken(found), false, 'the second call does not');
      assert.equal(await consume(store, refreshToken), false, 'nor does a call with the record found anew');
    },
  },

  'spends a token once for twenty callers at once': {
    anchor: 'refresh-tokens',
    advice:
      'Do not read and then write. Let one UPDATE whose WHERE has the generation of the token decide, and return whether it changed a row.',
    async holds(bench) {
      const { stores } = bench;
      await fiveTimes(async () => {
        const { found } = await saved(bench);
        assertOneTrue(await atOnce(stores, (store) => store.consumeRefreshToken(found)));
      });
    },
  },

  'spends a token once for twenty callers that each found it': {
    anchor: 'refresh-tokens',
    advice:
      'Do not read and then write. Let one UPDATE whose WHERE has the generation of the token decide, and return whether it changed a row.',
    async holds(bench) {
      const { stores } = bench;
      const { refreshToken } = await saved(bench);
      assertOneTrue(await atOnce(stores, (store) => consume(store, refreshToken)));
    },
  },

  'does not spend a token by finding it': {
    anchor: 'refresh-tokens',
    advice: 'findRefreshToken reads and changes nothing. Mark the token in consumeRefreshToken only.',
    async holds(bench) {
      const { stores } = bench;
      const { refreshToken, found } = await saved(bench);
      await atOnce(stores, (store) => store.findRefreshToken(refreshToken));
      assert.equal(await stores[0].consumeRefreshToken(found), true, 'a token that was looked up can still be spent');
    },
  },

  'spends the tokens of one grant and of no other': {
    anchor: 'refresh-tokens',
    advice: 'Let the WHERE of the UPDATE name the grant of this token.',
    async holds(bench) {
      const [store] = bench.stores;
      const [one, another] = [await saved(bench), await saved(bench)];
      assert.equal(await store.consumeRefreshToken(one.found), true, 'the first call spends the token');
      assertFound(await store.findRefreshToken(another.refreshToken), { ...another.record, spentAt: null });
      assert.equal(
        await store.consumeRefreshToken(another.found),
        true,
        'spending one grant leaves the other as it was',
      );
    },
  },

  'says when a token was spent, and does not change that': {
    anchor: 'refresh-tokens',
    advice:
      'Write the instant in the same UPDATE that spends the token, and never again. Return it as spentAt, a Date.',
    async holds(bench) {
      const { stores } = bench;
      const { refreshToken, record, found } = await saved(bench);
      const start = Date.now();
      await stores[0].consumeRefreshToken(found);
      for (const store of stores) {
        const spent = await find(store, refreshToken);
        assertFound(spent, record);
        assertSpentSince(start, spent);
      }
      const standstill = createStandstill();
      const before = Number((await find(stores[0], refreshToken)).spentAt);
      await sleep(600);
      // Were it to move, the leeway would never end.
      await stores[0].consumeRefreshToken(found);
      const after = Number((await find(stores[0], refreshToken)).spentAt);
      assert.ok(Math.abs(after - before) < 450 + standstill(), 'spentAt stays what it was, whoever tries again');
    },
  },

  'does not change when a token was spent when the next one is spent': {
    anchor: 'refresh-tokens',
    advice:
      'A later rotation must not move spentAt of an older token. If you keep one instant for a grant, return new Date(0) for the tokens of older generations.',
    async holds(bench) {
      const [store] = bench.stores;
      const { refreshToken, found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const before = Number((await find(store, refreshToken)).spentAt);
      const next = await save(bench, successorOf(found));
      await sleep(600);
      assert.equal(await consume(store, next.refreshToken), true, 'the next one can be spent');
      const { spentAt } = await find(store, refreshToken);
      assert.ok(spentAt, 'what is spent stays spent');
      // An earlier instant is safe: no leeway reaches back to it.
      assert.ok(Number(spentAt) - before < 450, 'spentAt of an older token does not move when the next one is spent');
    },
  },

  'spends all tokens of a generation together': {
    anchor: 'refresh-tokens',
    advice:
      'Let all tokens that were issued for the same one share a generation: whichever is used first spends them all.',
    async holds(bench) {
      const [store] = bench.stores;
      const { found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const [one, another] = [await save(bench, successorOf(found)), await save(bench, successorOf(found))];
      const start = Date.now();
      assert.equal(await consume(store, one.refreshToken), true, 'either of the two can go on');
      assertSpentSince(start, await find(store, another.refreshToken));
      assert.equal(await consume(store, another.refreshToken), false, 'and with it the other is spent');
    },
  },

  'spends one token of a generation for twenty callers at once': {
    anchor: 'refresh-tokens',
    advice:
      'Let all tokens that were issued for the same one share a generation, and let one UPDATE of one row end it.',
    async holds(bench) {
      const { stores } = bench;
      await fiveTimes(async () => {
        const grantId = createGrantId();
        const tokens = await settle(Array.from({ length: 4 }, () => saved(bench, { grantId })));
        let next = 0;
        const spendNext = (store: TestedStore) => {
          next += 1;
          return store.consumeRefreshToken((tokens[next % 4] as (typeof tokens)[0]).found);
        };
        assertOneTrue(await atOnce(stores, spendNext));
      });
    },
  },

  'accepts no late token beside the live ones': {
    anchor: 'refresh-tokens',
    advice:
      'A token that is saved joins the generation that lives at that moment, in the same statement. Or saveRefreshToken throws an OAuthError with invalid_grant.',
    async holds(bench) {
      const [store] = bench.stores;
      const { found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const next = await saved(bench, successorOf(found));
      await store.consumeRefreshToken(next.found);
      const third = await save(bench, successorOf(next.found));
      // A store that is told for which token it saves refuses; any other lets it join the generation that lives.
      const late = await save(bench, successorOf(found)).catch(assertInvalidGrant);
      const answers = [await consume(store, third.refreshToken)];
      if (late) answers.push(await consume(store, late.refreshToken));
      assertOneTrue(answers);
    },
  },

  'leaves at most one live generation, however tokens are saved and spent at once': {
    anchor: 'refresh-tokens',
    advice:
      'A token that is saved joins the generation that lives at that moment, in the same statement; spending one ends that generation.',
    async holds(bench) {
      const { stores } = bench;
      const { refreshToken, found } = await saved(bench);
      const late: string[] = [];
      await atOnce(stores, async (store) => {
        await store.consumeRefreshToken(found);
        const next = await save(bench, successorOf(found), store).catch(assertInvalidGrant);
        if (!next) return;
        late.push(next.refreshToken);
        await consume(store, String(late[0]));
      });
      assert.equal(await consume(stores[0], refreshToken), false, 'what is spent stays spent');
      const answers: boolean[] = [];
      for (const each of late) answers.push(await consume(stores[0], each));
      assert.ok(answers.filter(Boolean).length <= 1, 'one generation lives');
    },
  },

  'accepts a spent token again until a successor is used, if the store decides that': {
    anchor: 'refresh-tokens',
    advice:
      'Leave isRepeatable out, and set refresh.leeway of the router instead; or follow the rules of docs/guides/refresh.md exactly.',
    async holds(bench) {
      const { stores } = bench;
      const [store] = stores;
      const { refreshToken, found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const spent = await find(store, refreshToken);
      if (spent.isRepeatable === undefined || spent.isRepeatable === null) return;
      const [one, another] = [await save(bench, successorOf(spent)), await save(bench, successorOf(spent))];
      for (const each of stores) {
        assert.equal((await find(each, refreshToken)).isRepeatable, true, 'no successor was used yet');
        assert.notEqual((await find(each, one.refreshToken)).isRepeatable, true, 'a live token is no repeated one');
      }
      assert.equal(await consume(store, one.refreshToken), true, 'a successor can be spent');
      for (const each of stores) {
        assert.equal((await find(each, refreshToken)).isRepeatable, false, 'a successor was used: this one is reused');
        const sibling = await find(each, another.refreshToken);
        assert.deepEqual([sibling.isRepeatable, sibling.repeatedAs], [true, 'sibling'], 'tabs may race');
      }
      assert.ok(
        !(await save(bench, successorOf(spent)).catch(assertInvalidGrant)),
        'nothing is issued for it any more',
      );
    },
  },

  'finds a token until it expires, spent or not': {
    anchor: 'refresh-tokens',
    advice:
      'Keep the row until after expiresAt, also when the token is spent: a time to live that is rounded down ends too early.',
    async holds(bench) {
      const [store] = bench.stores;
      const [live, spent] = [await saved(bench, endsIn(1600)), await saved(bench, endsIn(1600))];
      await store.consumeRefreshToken(spent.found);
      await sleep(live.record.expiresAt.getTime() - Date.now() - 300);
      assertFound(await store.findRefreshToken(live.refreshToken), live.record);
      assert.equal(await consume(store, spent.refreshToken), false, 'and it is still spent');
    },
  },

  'keeps expiresAt of a token to the millisecond': {
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

  'refuses to save a token again, or leaves it as it is': {
    anchor: 'save-and-find',
    advice: 'Make the digest the primary key and insert without an upsert, so that a second insert fails.',
    async holds(bench) {
      const [store] = bench.stores;
      const { refreshToken, record, found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const again = createRecord(bench, { clientId: 'another' });
      await mayThrow(() => store.saveRefreshToken(refreshToken, again));
      assertFound(await store.findRefreshToken(refreshToken), record);
      assert.equal(await consume(store, refreshToken), false, 'a spent token does not come back to life');
    },
  },

  'keeps every string unchanged': {
    anchor: 'save-and-find',
    advice:
      'Choose columns that cut, trim and convert nothing, such as text in UTF-8. What they cannot hold (a NUL, a lone surrogate) refuse in saveRefreshToken, before anything is written.',
    async holds(bench) {
      const [store] = bench.stores;
      for (const [name, text] of Object.entries(HOSTILE_STRINGS)) {
        const refreshToken = createRefreshToken();
        const record = createRecord(bench, { clientId: text, scope: text });
        const isSaved = await mayRefuse(
          text,
          () => store.saveRefreshToken(refreshToken, record),
          () => store.findRefreshToken(refreshToken),
        );
        if (isSaved) assertFound(await store.findRefreshToken(refreshToken), record, `the record with ${name}`);
      }
    },
  },

  'accepts any string as a token': {
    anchor: 'save-and-find',
    advice: 'File tokens under their SHA-256 in hexadecimal digits: then any string will do.',
    async holds(bench) {
      const [store] = bench.stores;
      const tokens = Object.values(HOSTILE_STRINGS);
      for (const token of tokens) {
        assert.ok(isNothing(await store.findRefreshToken(token)), 'no string finds what was not saved');
      }
      const recordOf = (index: number) => createRecord(bench, { scope: `scope ${index}` });
      for (const [index, token] of tokens.entries()) await store.saveRefreshToken(token, recordOf(index));
      for (const [index, token] of tokens.entries())
        assertFound(await store.findRefreshToken(token), { scope: `scope ${index}` });
    },
  },

  'distinguishes tokens that are almost the same': {
    anchor: 'save-and-find',
    advice: 'File tokens under their SHA-256: collations that ignore case or trailing blanks then do not matter.',
    async holds(bench) {
      const [store] = bench.stores;
      const { refreshToken: token } = await saved(bench);
      for (const other of almostLike(token)) {
        const found = await isFound(other, store.findRefreshToken);
        assert.ok(!found, 'a token is found by itself only, byte for byte');
      }
    },
  },

  'finds a token by the whole token and not by a pattern': {
    anchor: 'save-and-find',
    advice:
      'Compare the whole token with =, not with LIKE or a regular expression. File tokens under their SHA-256: then nothing in them is a pattern.',
    async holds(bench) {
      const [store] = bench.stores;
      const token = createPattern();
      await store.saveRefreshToken(token, createRecord(bench));
      await find(store, token);
      for (const [name, other] of Object.entries(patternsOf(token))) {
        const found = await isFound(other, store.findRefreshToken);
        assert.ok(!found, `findRefreshToken finds a token by ${name}`);
      }
    },
  },

  'revokes the grant of one token and no other': {
    anchor: 'revoke',
    advice: REVOKE_ONE,
    async holds(bench) {
      const [store] = bench.stores;
      const [revoked, same, foreign] = [
        await saved(bench),
        await saved(bench),
        await saved(bench, { clientId: 'another' }),
      ];
      await store.revokeTokens(revoked.found);
      const isGone = async ({ refreshToken }: { refreshToken: string }) =>
        isNothing(await store.findRefreshToken(refreshToken));
      const isSameDead = await isGone(same);
      const isForeignDead = await isGone(foreign);
      const isRevoked = await isGone(revoked);
      await assertOnlyRevoked({ isRevoked, isSameDead, isForeignDead }, 'token', async () => {
        const isSpendable = await store.consumeRefreshToken(revoked.found);
        assert.ok(isSpendable, 'findRefreshToken finds a token of a grant that is revoked');
        assert.fail('revokeTokens revoked nothing: the token of its grant can still be used');
      });
    },
  },

  'can revoke several times': {
    anchor: 'revoke',
    advice: 'Write revokeTokens so that a second call changes nothing and does not fail.',
    async holds(bench) {
      const { stores } = bench;
      const [store] = stores;
      const { refreshToken, found } = await saved(bench);
      // Odd numbers and even ones: a call that undoes the one before is seen.
      for (const times of [1, 2, 3]) {
        await store.revokeTokens(found);
        const again = await store.findRefreshToken(refreshToken);
        assert.ok(isNothing(again), `a token is found after call ${times} of revokeTokens`);
      }
      // Every reuse revokes; none of them may fail.
      await atOnce(stores, ({ revokeTokens }) => revokeTokens(found));
      assert.ok(isNothing(await store.findRefreshToken(refreshToken)), 'what is revoked stays revoked');
    },
  },

  'accepts any string as a grantId, and distinguishes those that are almost the same': {
    anchor: 'save-and-find',
    advice:
      'Compare grantId byte for byte: give the column a binary collation without padding, or file grants under the SHA-256 of their id.',
    async holds(bench) {
      const [store] = bench.stores;
      const grantId = createGrantId();
      // An empty text names no grant: a store may refuse it.
      const almost = almostLike(grantId).filter((each) => each !== '');
      const grants = new Set([grantId, ...almost, ...Object.values(HOSTILE_STRINGS)]);
      const tokens: { refreshToken: string; found: Saved }[] = [];
      for (const each of grants) {
        const refreshToken = createRefreshToken();
        const isSaved = await mayRefuse(
          each,
          () => store.saveRefreshToken(refreshToken, createRecord(bench, { grantId: each })),
          () => store.findRefreshToken(refreshToken),
        );
        if (!isSaved) continue;
        const found = await find(store, refreshToken);
        assert.equal(found.grantId, each, 'grantId comes back as it was saved');
        tokens.push({ refreshToken, found });
      }
      for (const { refreshToken, found } of tokens) {
        const isAlive = !isNothing(await store.findRefreshToken(refreshToken));
        assert.ok(isAlive, `revoking one grant revoked another, too: ${JSON.stringify(cut(found.grantId))}`);
        await store.revokeTokens(found);
        if (isNothing(await store.findRefreshToken(refreshToken))) continue;
        if (found.grantId === grantId) {
          throw new Failure('the token of a grant is found after revokeTokens', REVOKE_ONE, 'revoke');
        }
        assert.fail(`revokeTokens does not revoke the grant ${JSON.stringify(cut(found.grantId))}`);
      }
    },
  },

  'returns copies of its records': {
    anchor: 'save-and-find',
    advice: 'Return a new object for each call, and keep a copy of what you are given.',
    async holds(bench) {
      const [store] = bench.stores;
      const { refreshToken, record, found } = await saved(bench);
      const expected = copyOf(record);
      for (const held of [record, found]) {
        held.clientId = 'another';
        held.scope = null;
        held.expiresAt.setTime(0);
      }
      assertFound(await store.findRefreshToken(refreshToken), expected);
    },
  },

  'does not change the records that it is given': {
    anchor: 'save-and-find',
    advice: 'Copy the record before you change it: { ...record }.',
    async holds(bench) {
      const [store] = bench.stores;
      const refreshToken = createRefreshToken();
      const record = createRecord(bench);
      const given = copyOf(record);
      await store.saveRefreshToken(refreshToken, record);
      assertUnchanged(record, given, 'the record given to saveRefreshToken');
      const found = await find(store, refreshToken);
      const before = copyOf(found);
      await store.consumeRefreshToken(found);
      assertUnchanged(found, before, 'the record given to consumeRefreshToken');
    },
  },

  'neither finds nor spends a token of a revoked grant': {
    anchor: 'revoke',
    advice: 'Let findRefreshToken and the UPDATE of consumeRefreshToken both look for revoked_at of the grant.',
    async holds(bench) {
      const { stores } = bench;
      const [store] = stores;
      const { refreshToken, found } = await saved(bench);
      await store.consumeRefreshToken(found);
      const live = await saved(bench, successorOf(found));
      const foreign = await saved(bench);
      await store.revokeTokens(found);
      for (const each of stores) {
        assert.ok(isNothing(await each.findRefreshToken(refreshToken)), 'a spent token of it is null');
        assert.ok(isNothing(await each.findRefreshToken(live.refreshToken)), 'a live one, too');
        assert.equal(await each.consumeRefreshToken(live.found), false, 'and cannot be spent by who found it before');
      }
      assert.equal(await consume(store, foreign.refreshToken), true, 'another grant lives on');
    },
  },

  'accepts no token that is saved after its grant was revoked': {
    anchor: 'revoke',
    advice:
      'Mark the grant, and make a row for it if there is none. Deleting its tokens is not enough: one may be saved a moment later.',
    async holds(bench) {
      const { stores } = bench;
      const { record, found } = await saved(bench);
      const { grantId } = record;
      await stores[0].revokeTokens(found);
      const unknown = createRecord(bench);
      await stores[0].revokeTokens(unknown);
      for (const store of stores) {
        const late = await save(bench, { grantId }, store);
        assert.ok(isNothing(await store.findRefreshToken(late.refreshToken)), 'it is dead on arrival');
        const first = await save(bench, { grantId: unknown.grantId }, store);
        assert.ok(isNothing(await store.findRefreshToken(first.refreshToken)), 'also where the grant was not known');
      }
    },
  },

  'accepts no token that is saved while its grant is being revoked': {
    anchor: 'revoke',
    advice: 'Mark the grant, and look for this mark in findRefreshToken. Deleting its tokens is not enough.',
    async holds(bench) {
      const { stores } = bench;
      await fiveTimes(async () => {
        const { record, found } = await saved(bench);
        const { grantId } = record;
        const revoking = settle(stores.map((store) => store.revokeTokens(found)));
        const saving = atOnce(stores, (store) => save(bench, { grantId }, store));
        const [, late] = await settle([revoking, saving]);
        for (const { refreshToken } of late) {
          assert.ok(isNothing(await stores[0].findRefreshToken(refreshToken)), 'whichever of the two came first');
        }
      });
    },
  },

  'stores no readable token': {
    anchor: 'save-and-find',
    advice: 'Keep the SHA-256 of a token, never the token.',
    needs: ['dump'],
    async holds(bench) {
      const { stores, dump } = bench;
      const [store] = stores;
      const { refreshToken, found } = await saved(bench);
      await assertDumps(dump);
      await assertHidden(refreshToken, dump);
      await store.consumeRefreshToken(found);
      await assertHidden(refreshToken, dump);
    },
  },

  'keeps spent and revoked tokens so after a restart': {
    anchor: 'refresh-tokens',
    advice: 'Return from consumeRefreshToken and revokeTokens once the change is on disk.',
    needs: ['restart'],
    async holds(bench) {
      const { stores, restart } = bench;
      const [store] = stores;
      const [spent, revoked, live] = [await saved(bench), await saved(bench), await saved(bench)];
      await store.consumeRefreshToken(spent.found);
      await store.revokeTokens(revoked.found);
      const [reborn] = await restart();
      // A store that forgets all tokens is safe; one that brings a spent or a revoked one back alive is not.
      const found = await reborn.findRefreshToken(spent.refreshToken);
      assert.equal(found ? await reborn.consumeRefreshToken(found) : false, false, 'a spent token stays spent');
      assert.ok(isNothing(await reborn.findRefreshToken(revoked.refreshToken)), 'a revoked one stays revoked');
      assertFound(await reborn.findRefreshToken(live.refreshToken), live.record);
    },
  },
} satisfies Readonly<Record<string, RefreshTokenRule>>;

const SUITE: Suite<TestedStore> = {
  rules: RULES,
  required: ['saveRefreshToken', 'findRefreshToken', 'consumeRefreshToken', 'revokeTokens'],
};

/**
 * Tests `saveRefreshToken`, `findRefreshToken`, `consumeRefreshToken` and `revokeTokens` of your store
 * (RFC 9700 §4.14): one test per rule, in any test runner. Each failure says what to do.
 *
 * @throws TypeError if an option is wrong.
 */
export function refreshTokenStoreConformance(
  test: Test,
  factory: Factory<RefreshTokenStore>,
  options?: ConformanceOptions,
): void {
  register(test, factory as Factory<TestedStore>, SUITE, options);
}
