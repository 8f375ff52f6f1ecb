import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Awaitable, DpopJti } from '../types';
import { settle } from './calls';
import {
  assertOneTrue,
  atOnce,
  type ConformanceOptions,
  type Factory,
  fiveTimes,
  isFound,
  type Rule,
  register,
  type Suite,
  sleep,
  type Test,
} from './conformance';
import { createPattern, HOSTILE_STRINGS, patternsOf } from './fixtures';

/** The function of a store of `jti`s that is tested. */
export interface JtiStore {
  consumeJti(jti: DpopJti): Awaitable<boolean>;
}

const random = () => randomBytes(16).toString('base64url');

const createJti = (different: Partial<DpopJti> = {}): DpopJti => ({
  jti: random(),
  jkt: random(),
  expiresAt: new Date(Date.now() + 60_000),
  ...different,
});

/** Enough for a list that is cut at a hundred, for one key or for all. */
const FEWEST = 250;
/** More of them, where the store is fast. */
const MOST = 1000;
const MANY_MS = 1000;

const RULES = {
  'accepts a jti once': {
    anchor: 'dpop-proofs',
    advice:
      'One INSERT decides: return true if it wrote the row, and false if the primary key was there already. Return a boolean.',
    async holds({ stores: [{ consumeJti }] }) {
      const jti = createJti();
      assert.equal(await consumeJti(jti), true, 'the first use passes');
      assert.equal(await consumeJti({ ...jti }), false, 'the second does not');
      assert.equal(await consumeJti({ ...jti }), false, 'nor the third');
    },
  },

  'accepts a jti once for twenty callers at once': {
    anchor: 'dpop-proofs',
    advice:
      'One INSERT decides: return true if it wrote the row, and false if the primary key was there already. Do not look first.',
    async holds({ stores }) {
      await fiveTimes(async () => {
        const jti = createJti();
        assertOneTrue(await atOnce(stores, ({ consumeJti }) => consumeJti(jti)));
      });
    },
  },

  'accepts the same jti with another key': {
    anchor: 'dpop-proofs',
    advice: 'Make jkt and jti the key together.',
    async holds({ stores: [{ consumeJti }] }) {
      const jti = createJti();
      await consumeJti(jti);
      assert.equal(await consumeJti({ ...jti, jkt: random() }), true, 'a jti is unique for its key only');
      assert.equal(await consumeJti({ ...jti, jti: random() }), true, 'a key has many of them');
    },
  },

  'distinguishes where the key ends and the jti begins': {
    anchor: 'dpop-proofs',
    advice:
      'File both under one digest of JSON.stringify([jkt, jti]), or in two columns. Do not join them with a separator.',
    async holds({ stores: [{ consumeJti }] }) {
      for (const between of ['', ':', ',', '.', '\n', '\0', '","', '|', '/', ' ']) {
        const [a, b, c] = [random(), random(), random()];
        await consumeJti(createJti({ jkt: `${a}${between}${b}`, jti: c }));
        const isAccepted = await consumeJti(createJti({ jkt: a, jti: `${b}${between}${c}` }));
        assert.equal(isAccepted, true, `another key and another jti, though joined with ${JSON.stringify(between)}`);
      }
    },
  },

  'accepts any string as a jti': {
    anchor: 'dpop-proofs',
    advice: 'File jkt and jti under a SHA-256: then any string will do.',
    async holds({ stores: [{ consumeJti }] }) {
      const jkt = random();
      for (const [name, jti] of Object.entries(HOSTILE_STRINGS)) {
        assert.equal(await consumeJti(createJti({ jkt, jti })), true, name);
        assert.equal(await consumeJti(createJti({ jkt, jti })), false, name);
        assert.equal(await consumeJti(createJti({ jkt, jti: `${jti}x` })), true, `${name}, and one character more`);
      }
    },
  },

  'distinguishes letter case': {
    anchor: 'dpop-proofs',
    advice: 'File jkt and jti under a SHA-256: collations that ignore case then do not matter.',
    async holds({ stores: [{ consumeJti }] }) {
      const jkt = random();
      await consumeJti(createJti({ jkt, jti: 'a jti' }));
      assert.equal(await consumeJti(createJti({ jkt, jti: 'A jti' })), true, 'another letter case is another jti');
    },
  },

  'distinguishes a jti from the patterns that match it': {
    anchor: 'dpop-proofs',
    advice:
      'Compare jkt and jti with =, not with LIKE or a regular expression. File both under one SHA-256: then nothing in them is a pattern.',
    async holds({ stores: [{ consumeJti }] }) {
      for (const field of ['jti', 'jkt'] as const) {
        const text = createPattern();
        const jti = createJti({ [field]: text });
        await consumeJti(jti);
        for (const [name, other] of Object.entries(patternsOf(text))) {
          const isUsed = await isFound(other, async () => !(await consumeJti({ ...jti, [field]: other })) || null);
          assert.ok(!isUsed, `consumeJti takes ${name} for a ${field} that was used`);
        }
      }
    },
  },

  'remembers a jti however many come after it': {
    anchor: 'dpop-proofs',
    advice:
      'Delete a row once its expiresAt has passed, and never because there are many: no cache with a maximum, no list that is cut.',
    async holds({ stores }) {
      const [{ consumeJti }] = stores;
      // Half of the others come with the key of the first, and none with that of the second.
      const [first, alone] = [createJti(), createJti()];
      await consumeJti(alone);
      await consumeJti(first);
      assert.equal(await consumeJti(createJti({ jkt: first.jkt })), true, 'another jti passes');
      assert.equal(await consumeJti({ ...first }), false, 'a used jti is refused after another one came');
      const start = Date.now();
      for (let count = 0; count < FEWEST || (count < MOST && Date.now() - start < MANY_MS); count += 50) {
        const others = Array.from({ length: 50 }, (_, index) => createJti(index % 2 ? { jkt: first.jkt } : {}));
        await settle(others.map((jti, index) => (stores[index % stores.length] as JtiStore).consumeJti(jti)));
      }
      assert.equal(await consumeJti({ ...first }), false, 'a used jti is refused after hundreds of others came');
      assert.equal(await consumeJti({ ...alone }), false, 'a used jti is refused after hundreds of other keys came');
    },
  },

  'remembers a jti until its proof expires': {
    anchor: 'dpop-proofs',
    advice: 'Keep the row until after expiresAt: a time to live that is rounded down ends too early.',
    async holds({ stores: [{ consumeJti }] }) {
      const jti = createJti({ expiresAt: new Date(Date.now() + 1500) });
      await consumeJti(jti);
      await sleep(jti.expiresAt.getTime() - Date.now() - 300);
      assert.equal(await consumeJti({ ...jti }), false, 'the proof could still pass');
    },
  },

  'does not forget a jti earlier when it is used again': {
    anchor: 'dpop-proofs',
    advice: 'Insert only. A jti that comes again must not change the row that is there.',
    async holds({ stores: [{ consumeJti }] }) {
      const jti = createJti();
      await consumeJti(jti);
      const isAccepted = await consumeJti({ ...jti, expiresAt: new Date(Date.now() + 50) });
      assert.equal(isAccepted, false, 'it was used, whatever its end is now');
      await sleep(150);
      assert.equal(await consumeJti(jti), false, 'the first end counts');
    },
  },

  'answers for a proof that has just expired': {
    anchor: 'dpop-proofs',
    advice: 'Return true or false also if expiresAt has passed: a time to live must not become negative.',
    async holds({ stores: [{ consumeJti }] }) {
      const answer = await consumeJti(createJti({ expiresAt: new Date(Date.now() - 1) }));
      assert.equal(typeof answer, 'boolean', 'true or false, and no error');
    },
  },

  'remembers a jti after a restart': {
    anchor: 'dpop-proofs',
    advice: 'Return from consumeJti once the row is on disk.',
    needs: ['restart'],
    async holds({ stores: [{ consumeJti }], restart }) {
      const jti = createJti();
      await consumeJti(jti);
      const [reborn] = await restart();
      assert.equal(await reborn.consumeJti(jti), false, 'the proof could still pass');
    },
  },
} satisfies Readonly<Record<string, Rule<JtiStore>>>;

const SUITE: Suite<JtiStore> = { rules: RULES, required: ['consumeJti'] };

/**
 * Tests `consumeJti` of your store (RFC 9449 §11.1): one test per rule, in any test runner. Each failure says what to
 * do.
 *
 * @throws TypeError if an option is wrong.
 */
export function jtiStoreConformance(
  test: Test,
  factory: Factory<JtiStore>,
  options?: Pick<ConformanceOptions, 'without'>,
): void {
  register(test, factory, SUITE, options);
}
