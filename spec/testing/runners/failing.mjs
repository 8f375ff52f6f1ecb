// Runs the suites on stores of which one function fails, in a process that an unhandled rejection would end.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { memoryCodes } = require('../../../dist/stores/memory-codes.js');
const { memoryJtis } = require('../../../dist/stores/memory-jtis.js');
const { memoryRefreshTokens } = require('../../../dist/stores/memory-refresh-tokens.js');
const {
  codeStoreConformance,
  jtiStoreConformance,
  refreshTokenStoreConformance,
} = require('../../../dist/testing/index.js');

const SUITES = [
  [codeStoreConformance, memoryCodes, ['saveCode', 'findCode', 'consumeCode', 'revokeTokens', 'isRevoked']],
  [
    refreshTokenStoreConformance,
    memoryRefreshTokens,
    ['saveRefreshToken', 'findRefreshToken', 'consumeRefreshToken', 'revokeTokens'],
  ],
  [jtiStoreConformance, memoryJtis, ['consumeJti']],
];

const gone = () => new Error('gone');
const FAILURES = {
  throws: () => {
    throw gone();
  },
  rejects: () => Promise.reject(gone()),
  'rejects later': () => new Promise((_resolve, reject) => void setTimeout(reject, 5, gone())),
  'does not settle': () => new Promise(() => undefined),
};

/** Runs one rule on a store whose function fails from this call on: whether it was called so often, and what the rule says. */
async function runRule(suite, create, { name, how, from }, rule) {
  let calls = 0;
  const createBench = () => {
    const store = create();
    const fail = (...given) => {
      calls += 1;
      return calls < from ? store[name](...given) : FAILURES[how](...given);
    };
    return {
      stores: [
        { ...store, [name]: fail },
        { ...store, [name]: fail },
      ],
    };
  };
  let body;
  suite((each, run) => {
    if (each === rule) body = run;
  }, createBench);
  const said = await body().then(
    () => 'passed',
    (thrown) => thrown.message.split('\n')[0],
  );
  return { rule, hasFailed: calls >= from, said };
}

const results = await Promise.all(
  SUITES.flatMap(([suite, create, names]) => {
    const rules = [];
    suite(
      (rule) => rules.push(rule),
      () => undefined,
      { without: ['dump', 'restart'] },
    );
    const ways = names.flatMap((name) =>
      Object.keys(FAILURES).flatMap((how) => [1, 2, 3].map((from) => ({ name, how, from }))),
    );
    return ways.map(async (way) => ({
      ...way,
      suite: suite.name,
      rules: await Promise.all(rules.map((rule) => runRule(suite, create, way, rule))),
    }));
  }),
);
process.stdout.write(JSON.stringify(results));
