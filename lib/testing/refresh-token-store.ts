import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import type { Awaitable, RefreshToken } from '../types';
import {
  assertFound,
  assertHidden,
  assertOneTrue,
  atOnce,
  type Factory,
  fieldsOf,
  type Rule,
  register,
  type Test,
} from './conformance';
import { createRefreshToken, createRefreshTokenRecord, HOSTILE_STRINGS } from './fixtures';

type Saved = RefreshToken & { grantId: string; tokenId?: string };

/** What is tested: these functions of a store of refresh tokens, alone or as they were destructured. */
export interface RefreshTokenStore {
  saveRefreshToken(refreshToken: string, record: Saved): Awaitable<unknown>;
  findRefreshToken(refreshToken: string): Awaitable<Saved | null | undefined>;
  /** Gets what `findRefreshToken` has found, whatever a store puts into it. */
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

/** What is saved with a token that is issued for another one: its grant, and what the store calls the other one. */
const successorOf = ({ grantId, tokenId }: Saved): Partial<Saved> => ({
  grantId,
  ...(tokenId !== undefined && { tokenId }),
});

/** Saves a token, in a grant of its own unless it is told one. */
async function save({ saveRefreshToken }: TestedStore, different: Partial<Saved>) {
  const refreshToken = createRefreshToken();
  const record = createRefreshTokenRecord({ grantId: createGrantId(), ...different });
  await saveRefreshToken(refreshToken, record);
  return { refreshToken, record };
}

async function find({ findRefreshToken }: TestedStore, refreshToken: string): Promise<Saved> {
  const found = await findRefreshToken(refreshToken);
  assert.ok(found, 'a token is found once saveRefreshToken has returned');
  return found;
}

/** Saves a token and finds it. */
async function saved(store: TestedStore, different: Partial<Saved> = {}) {
  const { refreshToken, record } = await save(store, different);
  return { refreshToken, record, found: await find(store, refreshToken) };
}

const consume = async (store: TestedStore, refreshToken: string) =>
  store.consumeRefreshToken(await find(store, refreshToken));

const isNothing = (found: unknown) => found === null || found === undefined;

const endsIn = (milliseconds: number) => ({ expiresAt: new Date(Date.now() + milliseconds) });

/** The clocks of servers and nodes are not the same; a leeway is of seconds. */
const CLOCKS_MS = 5000;

function assertSpentSince(start: number, { spentAt }: Saved): void {
  assert.ok(types.isDate(spentAt), 'a spent token has the instant at which it was spent');
  const isNear = spentAt.getTime() > start - CLOCKS_MS && spentAt.getTime() < Date.now() + CLOCKS_MS;
  assert.ok(isNear, 'spentAt is the instant at which it was spent');
}

/** The one error that a request which comes late may end with. */
function assertInvalidGrant(thrown: unknown): undefined {
  assert.equal((Object(thrown) as { error?: unknown }).error, 'invalid_grant', `it throws an OAuthError: ${thrown}`);
  return undefined;
}

const RULES = {
  'finds a token with every field as it was saved': async ({ stores: [store] }) => {
    const { found, record } = await saved(store, { dpopJkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' });
    assertFound(found, record);
    assert.equal(found.spentAt, null, 'spentAt of a live token is null');
  },

  'keeps null apart from what is missing and from an empty string': async ({ stores: [store] }) => {
    const none = { scope: null, dpopJkt: null };
    const { found } = await saved(store, none);
    assertFound(found, none);
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
    assert.ok(isNothing(found.resources), 'null is no list');
  },

  'knows no token that was never saved': async ({ stores: [store] }) => {
    await saved(store);
    assert.ok(isNothing(await store.findRefreshToken(createRefreshToken())), 'an unknown token is null or undefined');
  },

  'lets through every other connection what one has saved': async ({ stores }) => {
    const { refreshToken, record } = await saved(stores[0]);
    for (const store of stores) assertFound(await store.findRefreshToken(refreshToken), record);
  },

  'spends a token once': async ({ stores: [store] }) => {
    const { refreshToken, found } = await saved(store);
    assert.equal(await store.consumeRefreshToken(found), true, 'the first call spends the token');
    assert.equal(await store.consumeRefreshToken(found), false, 'the second call does not');
    assert.equal(await consume(store, refreshToken), false, 'nor does a call with the record found anew');
  },

  'spends a token once for twenty callers at once': async ({ stores }) => {
    for (let round = 0; round < 5; round += 1) {
      const { found } = await saved(stores[0]);
      assertOneTrue(await atOnce(stores, (store) => store.consumeRefreshToken(found)));
    }
  },

  'spends a token once for twenty callers that each found it': async ({ stores }) => {
    const { refreshToken } = await saved(stores[0]);
    assertOneTrue(await atOnce(stores, (store) => consume(store, refreshToken)));
  },

  'spends no token by finding it': async ({ stores }) => {
    const { refreshToken, found } = await saved(stores[0]);
    await atOnce(stores, (store) => store.findRefreshToken(refreshToken));
    assert.equal(await stores[0].consumeRefreshToken(found), true, 'a token that was looked up can still be spent');
  },

  'spends the tokens of one grant and of no other': async ({ stores: [store] }) => {
    const [one, another] = [await saved(store), await saved(store)];
    assert.equal(await store.consumeRefreshToken(one.found), true);
    assertFound(await store.findRefreshToken(another.refreshToken), { ...another.record, spentAt: null });
    assert.equal(await store.consumeRefreshToken(another.found), true);
  },

  'tells when a token was spent, and goes on to tell it': async ({ stores }) => {
    const { refreshToken, record, found } = await saved(stores[0]);
    const start = Date.now();
    await stores[0].consumeRefreshToken(found);
    for (const store of stores) {
      const spent = await find(store, refreshToken);
      assertFound(spent, record);
      assertSpentSince(start, spent);
    }
    const before = Number((await find(stores[0], refreshToken)).spentAt);
    await sleep(600);
    // Were it to move, the leeway would never end.
    await stores[0].consumeRefreshToken(found);
    const after = Number((await find(stores[0], refreshToken)).spentAt);
    assert.ok(Math.abs(after - before) < 450, 'spentAt stays what it was, whoever tries again');
  },

  'tells when a token was spent, also when the next one is spent': async ({ stores: [store] }) => {
    const { refreshToken, found } = await saved(store);
    await store.consumeRefreshToken(found);
    const before = Number((await find(store, refreshToken)).spentAt);
    const next = await save(store, successorOf(found));
    await sleep(600);
    assert.equal(await consume(store, next.refreshToken), true);
    const { spentAt, isRepeatable } = await find(store, refreshToken);
    assert.ok(spentAt, 'what is spent stays spent');
    // A store that decides itself what may come again needs no instant any more.
    if (isRepeatable === false) return;
    assert.ok(Math.abs(Number(spentAt) - before) < 450, 'each token has the instant of its own');
  },

  'spends with a token those that were issued beside it': async ({ stores: [store] }) => {
    const { found } = await saved(store);
    await store.consumeRefreshToken(found);
    const [one, another] = [await save(store, successorOf(found)), await save(store, successorOf(found))];
    const start = Date.now();
    assert.equal(await consume(store, one.refreshToken), true, 'either of the two can go on');
    assertSpentSince(start, await find(store, another.refreshToken));
    assert.equal(await consume(store, another.refreshToken), false, 'and with it the other is spent');
  },

  'spends one of those beside each other for twenty callers at once': async ({ stores }) => {
    for (let round = 0; round < 5; round += 1) {
      const grantId = createGrantId();
      const tokens = await Promise.all(Array.from({ length: 4 }, () => saved(stores[0], { grantId })));
      let next = 0;
      const spendNext = (store: TestedStore) => {
        next += 1;
        return store.consumeRefreshToken((tokens[next % 4] as (typeof tokens)[0]).found);
      };
      assertOneTrue(await atOnce(stores, spendNext));
    }
  },

  'lets no token that comes late live beside those that live': async ({ stores: [store] }) => {
    const { found } = await saved(store);
    await store.consumeRefreshToken(found);
    const next = await saved(store, successorOf(found));
    await store.consumeRefreshToken(next.found);
    const third = await save(store, successorOf(next.found));
    // A store that is told for which token it saves refuses; any other lets it join the generation that lives.
    const late = await save(store, successorOf(found)).catch(assertInvalidGrant);
    const answers = [await consume(store, third.refreshToken)];
    if (late) answers.push(await consume(store, late.refreshToken));
    assertOneTrue(answers);
  },

  'leaves one token at most to go on with, however it is saved and spent at once': async ({ stores }) => {
    const { refreshToken, found } = await saved(stores[0]);
    const late: string[] = [];
    await atOnce(stores, async (store) => {
      await store.consumeRefreshToken(found);
      const next = await save(store, successorOf(found)).catch(assertInvalidGrant);
      if (!next) return;
      late.push(next.refreshToken);
      await consume(store, String(late[0]));
    });
    assert.equal(await consume(stores[0], refreshToken), false, 'what is spent stays spent');
    const answers: boolean[] = [];
    for (const each of late) answers.push(await consume(stores[0], each));
    assert.ok(answers.filter(Boolean).length <= 1, 'one generation lives');
  },

  'lets a spent token come again until a successor is used, where it decides that': async ({ stores }) => {
    const [store] = stores;
    const { refreshToken, found } = await saved(store);
    await store.consumeRefreshToken(found);
    const spent = await find(store, refreshToken);
    if (spent.isRepeatable === undefined || spent.isRepeatable === null) return;
    const [one, another] = [await save(store, successorOf(spent)), await save(store, successorOf(spent))];
    for (const each of stores) {
      assert.equal((await find(each, refreshToken)).isRepeatable, true, 'no successor was used yet');
      assert.notEqual((await find(each, one.refreshToken)).isRepeatable, true, 'a live token is no repeated one');
    }
    assert.equal(await consume(store, one.refreshToken), true);
    for (const each of stores) {
      assert.equal((await find(each, refreshToken)).isRepeatable, false, 'a successor was used: this one is reused');
      const sibling = await find(each, another.refreshToken);
      assert.deepEqual([sibling.isRepeatable, sibling.repeatedAs], [true, 'sibling'], 'tabs may race');
    }
    assert.ok(!(await save(store, successorOf(spent)).catch(assertInvalidGrant)), 'nothing is issued for it any more');
  },

  'finds a token to the last moment of its life, spent or not': async ({ stores: [store] }) => {
    const [live, spent] = [await saved(store, endsIn(1600)), await saved(store, endsIn(1600))];
    await store.consumeRefreshToken(spent.found);
    await sleep(live.record.expiresAt.getTime() - Date.now() - 150);
    assertFound(await store.findRefreshToken(live.refreshToken), live.record);
    assert.equal(await consume(store, spent.refreshToken), false, 'and it is still spent');
  },

  'keeps the end of a token to the millisecond': async ({ stores: [store] }) => {
    const whole = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
    for (const end of [whole, whole + 1, whole + 999, Date.UTC(2038, 0, 19, 3, 14, 8), Date.UTC(2199, 11, 31)]) {
      const { found, record } = await saved(store, { expiresAt: new Date(end) });
      assertFound(found, record);
    }
  },

  'refuses to save a token again, or leaves it as it is': async ({ stores: [store] }) => {
    const { refreshToken, record, found } = await saved(store);
    await store.consumeRefreshToken(found);
    const again = createRefreshTokenRecord({ grantId: createGrantId(), clientId: 'another' });
    await Promise.resolve(store.saveRefreshToken(refreshToken, again)).catch(() => undefined);
    assertFound(await store.findRefreshToken(refreshToken), record);
    assert.equal(await consume(store, refreshToken), false, 'a spent token does not come back to life');
  },

  'keeps any string as it is': async ({ stores: [store] }) => {
    for (const [name, text] of Object.entries(HOSTILE_STRINGS)) {
      const { found, record } = await saved(store, { clientId: text, scope: text });
      assertFound(found, record, name);
    }
  },

  'takes any string for a token': async ({ stores: [store] }) => {
    const tokens = Object.values(HOSTILE_STRINGS);
    for (const token of tokens) {
      assert.ok(isNothing(await store.findRefreshToken(token)), 'no string finds what was not saved');
    }
    const recordOf = (index: number) => createRefreshTokenRecord({ grantId: createGrantId(), scope: `scope ${index}` });
    for (const [index, token] of tokens.entries()) await store.saveRefreshToken(token, recordOf(index));
    for (const [index, token] of tokens.entries()) assert.equal((await find(store, token)).scope, `scope ${index}`);
  },

  'tells tokens apart that are almost the same': async ({ stores: [store] }) => {
    const { refreshToken: token } = await saved(store);
    for (const other of [
      swapCase(token),
      `${token} `,
      ` ${token}`,
      `${token}\0`,
      `${token}=`,
      token.slice(0, -1),
      '',
    ]) {
      assert.ok(isNothing(await store.findRefreshToken(other)), 'a token is found by itself only, byte for byte');
    }
  },

  'takes any string for a grant, and tells those apart that are almost the same': async ({ stores: [store] }) => {
    const grantId = createGrantId();
    const almost = [swapCase(grantId), `${grantId} `, ` ${grantId}`, `${grantId}\0`, grantId.slice(0, -1)];
    const grants = new Set([grantId, ...almost, ...Object.values(HOSTILE_STRINGS)]);
    const tokens: { refreshToken: string; found: Saved }[] = [];
    for (const each of grants) {
      const token = await saved(store, { grantId: each });
      assert.equal(token.found.grantId, each);
      tokens.push(token);
    }
    for (const { refreshToken, found } of tokens) {
      assert.ok(await store.findRefreshToken(refreshToken), 'a grant is revoked by its own name only');
      await store.revokeTokens(found);
      assert.ok(isNothing(await store.findRefreshToken(refreshToken)), 'and by that it is');
    }
  },

  'shares no record with its callers': async ({ stores: [store] }) => {
    const { refreshToken, record, found } = await saved(store);
    const expected = { ...record, expiresAt: new Date(record.expiresAt) };
    for (const held of [record, found]) {
      held.clientId = 'another';
      held.scope = null;
      held.expiresAt.setTime(0);
    }
    assertFound(await store.findRefreshToken(refreshToken), expected);
  },

  'changes no record that it is given': async ({ stores: [store] }) => {
    const refreshToken = createRefreshToken();
    const record = createRefreshTokenRecord({ grantId: createGrantId() });
    const expected = fieldsOf(record);
    await store.saveRefreshToken(refreshToken, record);
    assert.deepEqual(fieldsOf(record), expected, 'saveRefreshToken leaves the record as it is');
    const found = await find(store, refreshToken);
    const before = fieldsOf(found);
    await store.consumeRefreshToken(found);
    assert.deepEqual(fieldsOf(found), before, 'consumeRefreshToken leaves the record as it is');
  },

  'finds and spends no token of a grant that is revoked': async ({ stores }) => {
    const [store] = stores;
    const { refreshToken, found } = await saved(store);
    await store.consumeRefreshToken(found);
    const live = await saved(store, successorOf(found));
    const foreign = await saved(store);
    await store.revokeTokens(found);
    for (const each of stores) {
      assert.ok(isNothing(await each.findRefreshToken(refreshToken)), 'a spent token of it is null');
      assert.ok(isNothing(await each.findRefreshToken(live.refreshToken)), 'a live one, too');
      assert.equal(await each.consumeRefreshToken(live.found), false, 'and cannot be spent by who found it before');
    }
    assert.equal(await consume(store, foreign.refreshToken), true, 'another grant lives on');
  },

  'lets no token that is saved later live in a revoked grant': async ({ stores }) => {
    const { record, found } = await saved(stores[0]);
    const { grantId } = record;
    await stores[0].revokeTokens(found);
    const unknown = createRefreshTokenRecord({ grantId: createGrantId() });
    await stores[0].revokeTokens(unknown);
    for (const store of stores) {
      const late = await save(store, { grantId });
      assert.ok(isNothing(await store.findRefreshToken(late.refreshToken)), 'it is dead on arrival');
      const first = await save(store, { grantId: unknown.grantId });
      assert.ok(isNothing(await store.findRefreshToken(first.refreshToken)), 'also where the grant was not known');
    }
  },

  'lets no token live that is saved while its grant is revoked': async ({ stores }) => {
    for (let round = 0; round < 5; round += 1) {
      const { record, found } = await saved(stores[0]);
      const { grantId } = record;
      const revoking = Promise.all(stores.map((store) => store.revokeTokens(found)));
      const late = await atOnce(stores, (store) => save(store, { grantId }));
      await revoking;
      for (const { refreshToken } of late) {
        assert.ok(isNothing(await stores[0].findRefreshToken(refreshToken)), 'whichever of the two came first');
      }
    }
  },

  'revokes as often as it is asked to': async ({ stores }) => {
    const { refreshToken, found } = await saved(stores[0]);
    // Every reuse revokes; none of them may fail.
    await atOnce(stores, (store) => store.revokeTokens(found));
    await stores[0].revokeTokens(found);
    assert.ok(isNothing(await stores[0].findRefreshToken(refreshToken)), 'what is revoked stays revoked');
  },

  'keeps no token that can be read at rest': async ({ stores: [store], dump }) => {
    const { refreshToken, found } = await saved(store);
    await assertHidden(refreshToken, dump);
    await store.consumeRefreshToken(found);
    await assertHidden(refreshToken, dump);
  },

  'keeps spent and revoked what was, through a restart': async ({ stores: [store], restart }) => {
    if (!restart) return;
    const [spent, revoked, live] = [await saved(store), await saved(store), await saved(store)];
    await store.consumeRefreshToken(spent.found);
    await store.revokeTokens(revoked.found);
    const [reborn] = await restart();
    // A store that forgets all tokens is safe; one that brings a spent or a revoked one back alive is not.
    const found = await reborn.findRefreshToken(spent.refreshToken);
    assert.equal(found ? await reborn.consumeRefreshToken(found) : false, false, 'a spent token stays spent');
    assert.ok(isNothing(await reborn.findRefreshToken(revoked.refreshToken)), 'a revoked one stays revoked');
    assertFound(await reborn.findRefreshToken(live.refreshToken), live.record);
  },
} satisfies Readonly<Record<string, RefreshTokenRule>>;

function swapCase(text: string): string {
  const swap = (each: string) => (each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase());
  return [...text].map(swap).join('');
}

/**
 * What `findRefreshToken`, `consumeRefreshToken`, `revokeTokens` and your `saveRefreshToken` promise (RFC 9700 §4.14), as
 * one test a rule: in any runner, against any store.
 */
export function refreshTokenStoreConformance(test: Test, factory: Factory<RefreshTokenStore>): void {
  register(test, factory as Factory<TestedStore>, RULES);
}
