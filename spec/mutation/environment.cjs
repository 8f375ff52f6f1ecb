const timers = require('node:timers');
const NodeEnvironment = require('@stryker-mutator/jest-runner/jest-env/node');

/** What the runner asks of the specs that jest runs now. It sits in the same process. */
const order = {
  /** Once a test failed, the mutant is found, and the tests that are left are skipped. */
  bail: false,
  hasFailed: false,
  /** The mutants to try in each test, as soon as it passed: see `Sweep` of the runner. */
  sweep: undefined,
  /** The mutants of code that runs while a spec is loaded: the spec is loaded again for each. See `SweepAtLoad` of the runner. */
  atLoad: undefined,
  /** The files of lib that each spec loads. */
  loadedBy: new Map(),
  isMutated: false,
};

/**
 * The timers that keep no process alive and that code started while a mutant was active. A mutant of what ends such a watch leaves one behind
 * for each test, and thousands of them leave no time for anything else.
 */
const watches = new Set();
const { setTimeout: startTimer } = timers;
timers.setTimeout = Object.assign((...given) => {
  const timer = startTimer(...given);
  if (order.isMutated) watches.add(timer);
  return timer;
}, startTimer);

function endWatches() {
  for (const timer of watches) if (!timer.hasRef()) clearTimeout(timer);
  watches.clear();
}

/** Milliseconds beside five times what the test took: the machine may be busy. */
const PATIENCE = 2500;

/** A loaded file, and all loaded files that use it, directly or not. */
function usersOf(modules, file) {
  const users = new Set([file]);
  const usedBy = new Map();
  for (const [path, { children = [] }] of modules) {
    for (const { filename } of children) usedBy.set(filename, [...(usedBy.get(filename) ?? []), path]);
  }
  for (const path of users) for (const user of usedBy.get(path) ?? []) users.add(user);
  return users;
}

const isOurs = (path) => !path.includes('/node_modules/');

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
      if (event.name === 'test_start' && this.#isIdle(event.test)) event.test.mode = 'skip';
      if (order.atLoad && event.name === 'run_finish') await this.#sweepAtLoad(state);
      if (order.bail && event.name === 'test_start' && order.hasFailed) event.test.mode = 'skip';
      if (order.bail && event.name === 'test_done' && event.test.errors.length > 0) order.hasFailed = true;
      if (order.sweep && event.name === 'test_done') await this.#sweep(event.test);
      if (event.name === 'run_finish') this.#noteLoaded();
    };
  }

  /** Whether a sweep has no mutant for the test. Tests do not need one another: jest runs them in any order. */
  #isIdle(test) {
    if (order.atLoad) return true;
    return Boolean(order.sweep) && order.sweep.mutantsOf(this.#file, fullName(test)).length === 0;
  }

  #noteLoaded() {
    const loaded = [...(this.loader.modules?.keys() ?? [])].filter((path) => path.includes('/lib/') && isOurs(path));
    order.loadedBy.set(this.#file, new Set(loaded));
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
      if (order.sweep.isOver()) {
        order.sweep.giveUp(mutants.slice(mutants.indexOf(mutant)));
        return;
      }
      const outcome = await this.#run(test, mutant);
      order.sweep.tried(mutant, test.duration);
      if (outcome === 'passed') continue;
      // It must come twice, and the test must pass without the mutant, on what the mutant left behind.
      const isSure = (await this.#run(test, mutant)) !== 'passed';
      if ((await this.#run(test)) !== 'passed') {
        order.sweep.giveUp(mutants.slice(mutants.indexOf(mutant)));
        return;
      }
      if (isSure) order.sweep.found(mutant, id, outcome);
    }
  }

  /** Runs the test while the mutant is active. */
  async #run(test, mutant) {
    this.#activate(order.sweep, mutant, fullName(test));
    this.loader.enterTestCode();
    const outcome = await this.#perform(test, test.duration);
    this.loader.leaveTestCode();
    this.#activate(order.sweep, undefined);
    return outcome;
  }

  #activate(sweep, mutant, test) {
    order.isMutated = mutant !== undefined;
    if (!order.isMutated) endWatches();
    Object.assign(this.global.__stryker__, {
      activeMutant: mutant,
      hitCount: mutant && 0,
      hitLimit: mutant && sweep.hitLimit(mutant, test),
    });
  }

  /** Runs the test with its hooks, as jest-circus does. */
  async #perform(test, duration = 0) {
    const { before, after } = hooksOf(test);
    const limit = PATIENCE + 5 * duration;
    const context = {};
    const strayBefore = this.#stray;
    let outcome = 'passed';
    const attempt = async (fn) => {
      const ended = await endOf(fn, context, limit);
      if (outcome === 'passed') outcome = ended;
    };
    for (const fn of before) await attempt(fn);
    if (outcome === 'passed') await attempt(test.fn);
    for (const fn of after) await attempt(fn);
    return outcome === 'passed' && this.#stray > strayBefore ? 'stray' : outcome;
  }

  /** Loads the spec again for each mutant, and runs its tests until one fails. That must come twice, and not without the mutant. */
  async #sweepAtLoad(state) {
    const { atLoad } = order;
    const { modules } = this.loader;
    const real = state.rootDescribeBlock;
    const mutants = atLoad.mutantsOf(this.#file);
    const ours = [...(modules?.keys() ?? [])].filter(isOurs);
    if (mutants.length === 0) return;
    const passes = async () => (await this.#runSpec(state, ours)).outcome === 'passed';
    const canRepeat = modules && ((await passes()) || (await passes()));
    if (!canRepeat) {
      atLoad.giveUp(mutants);
      state.rootDescribeBlock = real;
      return;
    }
    const files = new Set(mutants.map((mutant) => atLoad.fileOf(mutant)));
    const usersByFile = new Map([...files].map((file) => [file, usersOf(modules, file).add(this.#file)]));
    for (const mutant of mutants) {
      if (atLoad.isOver()) {
        atLoad.giveUp([mutant]);
        continue;
      }
      const users = usersByFile.get(atLoad.fileOf(mutant));
      const said = await this.#judgeAtLoad(state, users, mutant);
      if (said === undefined) atLoad.giveUp([mutant]);
      else if (said.outcome !== 'passed') atLoad.found(mutant, said.id, said.outcome);
      for (const path of users) modules.delete(path);
    }
    state.rootDescribeBlock = real;
  }

  /**
   * How the spec ends with the mutant: the same way twice, and passed without it. `undefined` if that does not come to be. A test that fails by
   * accident must not hide those behind it, so that the spec has a second try.
   */
  async #judgeAtLoad(state, users, mutant) {
    for (let left = 2; left > 0; left -= 1) {
      const said = await this.#runSpec(state, users, mutant);
      if (said.outcome === 'passed') return said;
      const isSure = (await this.#runSpec(state, users, mutant, said.id)).outcome !== 'passed';
      if ((await this.#runSpec(state, users, undefined, said.id)).outcome !== 'passed') return undefined;
      if (isSure) return said;
    }
    return undefined;
  }

  /** Loads the spec and runs its tests up to the first that fails, or to the one that is named. */
  async #runSpec(state, stale, mutant, last) {
    for (const path of stale) this.loader.modules.delete(path);
    const root = { type: 'describeBlock', name: 'ROOT_DESCRIBE_BLOCK', children: [], hooks: [], tests: [] };
    Object.assign(state, { rootDescribeBlock: root, currentDescribeBlock: root, hasStarted: false });
    this.#activate(order.atLoad, mutant);
    const end = { outcome: 'passed', id: undefined, last };
    this.loader.enterTestCode();
    try {
      this.loader.load();
      state.hasStarted = true;
      await this.#runBlock(root, end);
    } catch {
      Object.assign(end, { outcome: 'broken' });
    }
    state.hasStarted = true;
    this.loader.leaveTestCode();
    this.#activate(order.atLoad, undefined);
    return end;
  }

  async #runBlock(block, end) {
    if (block.mode === 'skip') return;
    const attemptAll = async (type) => {
      for (const { fn } of block.hooks.filter((hook) => hook.type === type)) {
        const outcome = await endOf(fn, {}, 10 * PATIENCE);
        if (outcome !== 'passed' && end.outcome === 'passed') Object.assign(end, { outcome, id: end.id ?? block.name });
      }
    };
    await attemptAll('beforeAll');
    for (const child of block.children) {
      if (end.outcome !== 'passed' || end.isLast) break;
      if (child.type === 'describeBlock') await this.#runBlock(child, end);
      else if (child.fn && child.mode !== 'skip' && child.mode !== 'todo') {
        const id = fullName(child);
        if (order.atLoad.isLeftOut?.(id)) continue;
        const outcome = await this.#perform(child, order.atLoad.msOf(this.#file, id));
        Object.assign(end, { outcome, isLast: id === end.last }, outcome !== 'passed' && { id });
      }
    }
    await attemptAll('afterAll');
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
