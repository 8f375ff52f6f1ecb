import type { FetchDocument } from '../../lib/clients';
import { createDocuments, type Documents } from '../../lib/clients/documents';

const MINUTE = 60_000;
const PAUSE = 30_000;

interface Pending {
  url: string;
  answer: (json: unknown, headers?: Record<string, string>) => Promise<void>;
  fail: () => Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Documents whose server answers when the spec says so, and whose clock stands still until the spec moves it. */
function createStore() {
  let now = 1_000_000;
  const pending: Pending[] = [];
  const fetched: string[] = [];
  const fetch: FetchDocument = (url) =>
    new Promise((resolve, reject) => {
      fetched.push(url);
      pending.push({
        url,
        async answer(json, headers = {}) {
          const body = [Buffer.from(JSON.stringify(json))] as never;
          resolve({ status: 200, headers: new Headers({ 'content-type': 'application/json', ...headers }), body });
          await settled();
        },
        async fail() {
          reject(new Error('no network'));
          await settled();
        },
      });
    });
  const documents: Documents<unknown> = createDocuments({ fetch, parse: (json) => json, now: () => now });
  return {
    documents,
    fetched,
    pending,
    pass(ms: number) {
      now += ms;
    },
    /** Finds a document, whose server answers at once. */
    async load(url: string, json: unknown, headers?: Record<string, string>, address?: string) {
      const found = documents.find(url, address);
      await pending.at(-1)?.answer(json, headers);
      return found;
    },
  };
}

/** Another address for each number. */
const addressOf = (index: number) => `192.0.2.${index % 256}`;
const limited = {
  error: 'temporarily_unavailable',
  reason: 'client_documents_limited',
  headers: { 'Retry-After': '1' },
};
const caught = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown);

describe('A document', () => {
  it('is fetched once while it is fresh', async () => {
    const store = createStore();
    expect(await store.load('a', 1, { 'cache-control': 'max-age=120' })).toBe(1);
    store.pass(119_999);
    expect(await store.documents.find('a', undefined)).toBe(1);
    expect(store.fetched).toEqual(['a']);
    store.pass(1);
    expect(await store.load('a', 2)).toBe(2);
    expect(store.fetched).toEqual(['a', 'a']);
  });

  it('is fetched once for many requests at once', async () => {
    const store = createStore();
    const all = Promise.all(Array.from({ length: 50 }, (_, i) => store.documents.find('a', addressOf(i))));
    await store.pending[0]?.answer(1);
    expect([await all, store.fetched]).toEqual([Array(50).fill(1), ['a']]);
  });

  it('that fails is not fetched again for 30 s', async () => {
    const store = createStore();
    const both = [store.documents.find('a', undefined), store.documents.find('a', undefined)].map(caught);
    await store.pending[0]?.fail();
    expect(await Promise.all(both)).toEqual([new Error('no network'), new Error('no network')]);
    store.pass(PAUSE - 1);
    expect(await caught(store.documents.find('a', undefined))).toEqual(new Error('no network'));
    expect(store.fetched).toEqual(['a']);
    store.pass(1);
    expect(await store.load('a', 1)).toBe(1);
  });

  it('that was found after a failure is known', async () => {
    const store = createStore();
    const failed = caught(store.documents.find('a', undefined));
    await store.pending[0]?.fail();
    await failed;
    store.pass(PAUSE);
    await store.load('a', 1);
    expect(await store.documents.find('a', undefined)).toBe(1);
    expect(store.fetched).toHaveLength(2);
  });

  it('that cannot be parsed is a failure', async () => {
    const documents = createDocuments<never>({
      fetch: async () => ({
        status: 200,
        headers: new Headers({ 'content-type': 'application/json' }),
        body: [Buffer.from('1')] as never,
      }),
      parse() {
        throw new Error('it is 1');
      },
    });
    expect(await caught(documents.find('a', undefined))).toEqual(new Error('it is 1'));
  });

  it('that was used least recently is removed for the thousand and first', async () => {
    const store = createStore();
    const headers = { 'cache-control': 'max-age=86400' };
    for (let i = 0; i < 1000; i += 1) {
      if (i % 60 === 0) store.pass(MINUTE);
      await store.load(`${i}`, i, headers, addressOf(i));
    }
    // The first one is used again, so the second one is the oldest.
    await store.documents.find('0', undefined);
    store.pass(MINUTE);
    await store.load('1000', 1000, headers);
    expect(store.fetched).toHaveLength(1001);
    await store.documents.find('0', undefined);
    await store.documents.find('2', undefined);
    expect(store.fetched).toHaveLength(1001);
    await store.load('1', 1, headers);
    expect(store.fetched).toHaveLength(1002);
  });
});

describe('Documents that are new', () => {
  it('are eight at once, however many are asked for; the next one is served when one has come', async () => {
    const store = createStore();
    const asked = Array.from({ length: 9 }, (_, i) => caught(store.documents.find(`${i}`, addressOf(i))));
    expect(store.fetched).toHaveLength(8);
    expect(await asked[8]).toMatchObject(limited);
    await store.pending[0]?.answer(1);
    const next = store.documents.find('9', addressOf(9));
    await store.pending.at(-1)?.answer(9);
    expect(await next).toBe(9);
  });

  it('are sixty a minute, those that fail included', async () => {
    const store = createStore();
    const ask = async (i: number) => {
      const found = caught(store.documents.find(`${i}`, addressOf(i)));
      await store.pending[i]?.fail();
      return found;
    };
    for (let i = 0; i < 60; i += 1) expect(await ask(i)).toEqual(new Error('no network'));
    expect(await caught(store.documents.find('60', addressOf(60)))).toMatchObject(limited);
    store.pass(MINUTE - 1);
    expect(await caught(store.documents.find('60', addressOf(60)))).toMatchObject(limited);
    expect(store.fetched).toHaveLength(60);
    store.pass(1);
    expect(await ask(60)).toEqual(new Error('no network'));
    expect(store.fetched).toHaveLength(61);
  });

  it('are ten a minute for one address: others are served', async () => {
    const store = createStore();
    for (let i = 0; i < 10; i += 1) await store.load(`${i}`, i, {}, '203.0.113.9');
    expect(await caught(store.documents.find('10', '203.0.113.9'))).toMatchObject(limited);
    expect(await store.load('11', 11, {}, '203.0.113.10')).toBe(11);
    store.pass(MINUTE);
    expect(await store.load('10', 10, {}, '203.0.113.9')).toBe(10);
  });

  it('are ten a minute for one network of IPv6', async () => {
    const store = createStore();
    for (let i = 0; i < 10; i += 1) await store.load(`${i}`, i, {}, `2001:db8::${i + 1}`);
    expect(await caught(store.documents.find('10', '2001:db8::abcd:1'))).toMatchObject(limited);
    expect(await store.load('11', 11, {}, '2001:db8:0:1::1')).toBe(11);
  });

  it('leave two places for known documents that have expired', async () => {
    const store = createStore();
    for (const url of ['a', 'b', 'c']) await store.load(url, url, { 'cache-control': 'max-age=120' });
    store.pass(120_000);
    for (let i = 0; i < 8; i += 1) void caught(store.documents.find(`${i}`, addressOf(i)));
    expect(await caught(store.documents.find('new', addressOf(8)))).toMatchObject(limited);
    const known = ['a', 'b'].map((url) => store.documents.find(url, undefined));
    expect(await caught(store.documents.find('c', undefined))).toMatchObject(limited);
    expect(store.fetched).toHaveLength(13);
    for (const { answer } of store.pending.slice(-2)) await answer('again');
    expect(await Promise.all(known)).toEqual(['again', 'again']);
  });

  it('have eight places beside known documents that are fetched again', async () => {
    const store = createStore();
    for (const url of ['a', 'b']) await store.load(url, url, { 'cache-control': 'max-age=120' });
    store.pass(120_000);
    void store.documents.renew('a');
    void caught(store.documents.find('b', undefined));
    for (let i = 0; i < 8; i += 1) void caught(store.documents.find(`${i}`, addressOf(i)));
    expect(store.fetched).toHaveLength(12);
  });

  it('do not include known documents', async () => {
    const store = createStore();
    await store.load('a', 1, { 'cache-control': 'max-age=61' });
    for (let i = 0; i < 59; i += 1) await store.load(`${i}`, i, {}, addressOf(i));
    expect(await caught(store.documents.find('59', addressOf(59)))).toMatchObject(limited);
    store.pass(MINUTE + 1000);
    for (let i = 60; i < 120; i += 1) await store.load(`${i}`, i, {}, addressOf(i));
    expect(await store.load('a', 2)).toBe(2);
  });
});

describe('A document that lacks something', () => {
  it('is fetched again, at most once in 30 s', async () => {
    const store = createStore();
    await store.load('a', 1);
    expect(await store.documents.renew('a')).toBeUndefined();
    store.pass(PAUSE - 1);
    expect(await store.documents.renew('a')).toBeUndefined();
    expect(store.fetched).toHaveLength(1);
    store.pass(1);
    const renewed = [store.documents.renew('a'), store.documents.renew('a')];
    await store.pending.at(-1)?.answer(2);
    expect(await Promise.all(renewed)).toEqual([2, 2]);
    expect(await store.documents.find('a', undefined)).toBe(2);
    expect(await store.documents.renew('a')).toBeUndefined();
    expect(store.fetched).toHaveLength(2);
  });

  it('stays as it is where that fails, and is left alone for 30 s', async () => {
    const store = createStore();
    await store.load('a', 1);
    store.pass(PAUSE);
    const renewed = [store.documents.renew('a'), store.documents.renew('a')];
    await store.pending.at(-1)?.fail();
    expect(await Promise.all(renewed)).toEqual([undefined, undefined]);
    store.pass(PAUSE - 1);
    expect(await store.documents.renew('a')).toBeUndefined();
    expect(await store.documents.find('a', undefined)).toBe(1);
    expect(store.fetched).toHaveLength(2);
    store.pass(1);
    void store.documents.renew('a');
    expect(store.fetched).toHaveLength(3);
  });

  it('is not fetched where nobody has seen it, or where all places are taken', async () => {
    const store = createStore();
    expect(await store.documents.renew('never')).toBeUndefined();
    for (const url of ['a', 'b', 'c']) await store.load(url, url, { 'cache-control': 'max-age=120' });
    store.pass(120_000);
    for (let i = 0; i < 8; i += 1) void caught(store.documents.find(`${i}`, addressOf(i)));
    void store.documents.renew('a');
    void store.documents.renew('b');
    expect(await store.documents.renew('c')).toBeUndefined();
    expect(store.fetched).toHaveLength(13);
  });
});
