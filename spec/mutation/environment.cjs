const NodeEnvironment = require('@stryker-mutator/jest-runner/jest-env/node');

/** What the runner asks of the specs that jest runs now. It sits in the same process. */
const order = {
  /** Once a test failed, the mutant is found, and the tests that are left are skipped. */
  bail: false,
  hasFailed: false,
  /** The mutants to try in each test, as soon as it passed: see `Sweep` of the runner. */
  sweep: undefined,
};

/** Milliseconds beside ten times what the test took: the machine may be busy. */
const PATIENCE = 6000;

module.exports = class MutationEnvironment extends NodeEnvironment {
  #file;
  /** Errors that nobody awaited. */
  #stray = 0;

  constructor(config, context) {
    super(config, context);
    this.#file = context.testPath;
    const inner = this.handleTestEvent;
    this.handleTestEvent = async (event, state) => {
      await inner?.call(this, event, state);
      if (event.name === 'error') this.#stray += 1;
      if (order.bail && event.name === 'test_start' && order.hasFailed) event.test.mode = 'skip';
      if (order.bail && event.name === 'test_done' && event.test.errors.length > 0) order.hasFailed = true;
      if (order.sweep && event.name === 'test_done') await this.#sweep(event.test);
    };
  }

  /** Tries each mutant in the test, which ran already. A test that cannot run twice finds nothing. */
  async #sweep(test) {
    if (!test.fn || test.mode === 'skip' || test.mode === 'todo' || test.errors.length > 0) return;
    const id = fullName(test);
    const mutants = order.sweep.mutantsOf(this.#file, id);
    if (mutants.length === 0) return;
    if ((await this.#run(test)) !== 'passed') {
      order.sweep.giveUp(mutants);
      return;
    }
    for (const mutant of mutants) {
      const outcome = await this.#run(test, mutant);
      if (outcome === 'passed') continue;
      // The test must pass without the mutant, on what the mutant left behind. Time-outs and stray errors must come twice.
      const isSure = outcome === 'failed' || (await this.#run(test, mutant)) !== 'passed';
      if ((await this.#run(test)) !== 'passed') {
        order.sweep.giveUp(mutants.slice(mutants.indexOf(mutant)));
        return;
      }
      if (isSure) order.sweep.found(mutant, id, outcome);
    }
  }

  /** Runs the test with its hooks, as jest-circus does. */
  async #run(test, mutant) {
    const { before, after } = hooksOf(test);
    const stryker = this.global.__stryker__;
    const limit = PATIENCE + 10 * (test.duration ?? 0);
    const context = {};
    const strayBefore = this.#stray;
    let outcome = 'passed';
    Object.assign(stryker, {
      activeMutant: mutant,
      hitCount: mutant && 0,
      hitLimit: mutant && order.sweep.hitLimit(mutant),
    });
    const attempt = async (fn) => {
      const ended = await endOf(fn, context, limit);
      if (outcome === 'passed') outcome = ended;
    };
    for (const fn of before) await attempt(fn);
    if (outcome === 'passed') await attempt(test.fn);
    for (const fn of after) await attempt(fn);
    Object.assign(stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    return outcome === 'passed' && this.#stray > strayBefore ? 'stray' : outcome;
  }
};
module.exports.order = order;

/** How the function ends, in the time that it has. */
function endOf(fn, context, limit) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), limit);
    const end = (outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const done = (error) => end(error ? 'failed' : 'passed');
    try {
      const returned = fn.call(context, ...(fn.length > 0 ? [done] : []));
      if (fn.length === 0) {
        Promise.resolve(returned).then(
          () => end('passed'),
          () => end('failed'),
        );
      }
    } catch {
      end('failed');
    }
  });
}

function blocksOf(test) {
  const blocks = [];
  for (let block = test.parent; block; block = block.parent) blocks.unshift(block);
  return blocks;
}

function hooksOf(test) {
  const blocks = blocksOf(test);
  const of = (type) => (block) => block.hooks.filter((hook) => hook.type === type).map(({ fn }) => fn);
  return { before: blocks.flatMap(of('beforeEach')), after: blocks.toReversed().flatMap(of('afterEach')) };
}

/** The name by which Stryker knows the test. */
function fullName(test) {
  const names = blocksOf(test).slice(1);
  return [...names.map(({ name }) => name), test.name].join(' ').trimStart();
}
