// A Stryker plugin around its jest runner, which would start jest and load every spec for each mutant.
// First it sweeps: each test, as soon as it passed, runs again once for each mutant that it reaches, in the same loaded spec. A test
// that fails then must pass without the mutant, or nothing is said. For code that runs while a spec is loaded, the files that use it are
// loaded again for each mutant, in the same jest. What both sweeps cannot know, because a spec cannot run twice, runs as Stryker's own
// runner would do it, the nearest specs first.
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { strykerPlugins as jestPlugins } from '@stryker-mutator/jest-runner';

const [{ factory: createJestRunner }] = jestPlugins;
const SWEPT = '.swept.json';
/** What was found so far, a line for each mutant. Where the process runs out of memory, Stryker starts the sweep again in this folder. */
const FOUND = '.found.jsonl';
/** Specs in one run of jest: the nearest alone, then more and more. */
const BATCHES = [1, 2, 4, 8];
/** Tests of one spec that go the same way through the file of a mutant, and that it is tried in. The spec of the file has no limit. */
const TESTS_ON_ONE_WAY = 12;
/** What the tests in which one mutant is tried may take together, and each of them. The spec of the file has no limit. */
const MS_FOR_ONE = 15_000;
const MS_OF_TEST = 5000;
/** Specs that a mutant of code that runs at load is tried in. */
const SPECS_AT_LOAD = 12;

const isOver = () => Date.now() > Number(process.env.MUTATION_UNTIL ?? Number.POSITIVE_INFINITY);

/** Two of Stryker's `TestStatus`. */
const STATUS = { failed: 1, skipped: 2 };
const FAILED_AT_MOST = 3;
/** How often a run says how far it is. */
const TELL_MS = 60_000;

class Runner {
  constructor(jest) {
    this.jest = jest;
    this.toldAt = 0;
  }

  async init() {
    await this.jest.init();
    const { order } = createRequire(join(process.cwd(), 'package.json'))('./spec/mutation/environment.cjs');
    this.order = order;
    const adapter = this.jest.jestTestAdapter;
    this.jest.jestTestAdapter = { run: (settings) => adapter.run({ ...settings, ...this.only }) };
    this.adapter = adapter;
  }

  capabilities() {
    return this.jest.capabilities();
  }

  async dryRun(options) {
    Object.assign(this.order, { bail: false, sweep: undefined, atLoad: undefined });
    this.order.loadedBy.clear();
    this.only = {};
    const result = structuredClone(await this.jest.dryRun(options));
    if (result.status !== 'complete' || !this.#leaveOutFailed(result)) return result;
    const sweep = new Sweep(
      specsOf(result.tests.filter(({ status }) => status !== STATUS.skipped)),
      result.mutantCoverage,
    );
    const started = Date.now();
    await this.#sweep(sweep, true);
    const atLoad = await this.#sweepAtLoad(sweep, result.mutantCoverage);
    await this.#sweep(sweep, false);
    const { specs, foundBy, isOpen, known } = sweep;
    const broken = [...atLoad.broken].filter((mutant) => !foundBy.has(mutant));
    // Stryker takes over what is known to be found; where it does not, the mutant runs.
    const knownAsFound = [...known.keys()].filter((mutant) => known.get(mutant) !== 'Survived');
    writeFileSync(
      SWEPT,
      JSON.stringify({ specs, foundBy: [...foundBy], isOpen: [...isOpen, ...knownAsFound], broken }),
    );
    this.jest.log.info(
      `${known.size} known. Swept in ${Math.round((Date.now() - started) / 1000)} s: ${foundBy.size} found, ${isOpen.size} left open`,
    );
    return result;
  }

  async #sweep(sweep, isQuick) {
    for (const round of ROUNDS.filter((each) => each.isQuick === isQuick)) {
      this.order.sweep = sweep.begin(round);
      const testFiles = sweep.specsToRun();
      if (testFiles.length > 0) await this.adapter.run({ jestConfig: this.jest.jestConfig, testFiles });
      this.#tell(sweep, 'swept');
    }
    this.order.sweep = undefined;
  }

  async #sweepAtLoad(sweep, coverage) {
    const atLoad = new SweepAtLoad(sweep, coverage, this.order.loadedBy);
    this.order.atLoad = atLoad;
    for (const testFile of atLoad.begin()) {
      if (isOver()) atLoad.giveUp(atLoad.mutants);
      else if (atLoad.mutantsOf(testFile).length > 0)
        await this.adapter.run({ jestConfig: this.jest.jestConfig, testFiles: [testFile] });
      this.#tell(sweep, 'swept at load');
    }
    this.order.atLoad = undefined;
    return atLoad;
  }

  /** On a busy machine a test fails sometimes. It takes no part then. Returns whether they are few: more of them are no accident. */
  #leaveOutFailed({ tests, mutantCoverage }) {
    const failed = tests.filter(({ status }) => status === STATUS.failed);
    if (failed.length > FAILED_AT_MOST) return false;
    for (const test of failed) {
      this.jest.log.info(`fails without a mutant, and takes no part: ${test.id}`);
      test.status = STATUS.skipped;
      delete test.failureMessage;
      delete mutantCoverage.perTest[test.id];
    }
    return true;
  }

  #tell({ foundBy }, what) {
    if (Date.now() - this.toldAt < TELL_MS) return;
    this.toldAt = Date.now();
    this.jest.log.info(`${what}: ${foundBy.size} mutants found so far`);
  }

  async mutantRun(options) {
    this.swept ??= readSwept();
    const { foundBy, isOpen, broken } = this.swept;
    const { activeMutant, testFilter } = options;
    const found = foundBy.get(activeMutant.id);
    if (found)
      return {
        status: found.outcome === 'late' ? 'timeout' : 'killed',
        killedBy: [found.test],
        nrOfTests: 1,
        failureMessage: found.outcome,
      };
    if (broken.has(activeMutant.id)) return { status: 'error', errorMessage: 'keeps a spec from loading' };
    if (!isOpen.has(activeMutant.id)) return { status: 'survived', nrOfTests: testFilter?.length ?? 0 };
    if (isOver()) return { status: 'error', errorMessage: 'not run: out of time' };
    let nrOfTests = 0;
    for (const [testFiles, filter] of this.batchesOf(options)) {
      Object.assign(this.order, { bail: true, hasFailed: false });
      this.only = { testFiles };
      const result = await this.jest.mutantRun({ ...options, testFilter: filter });
      nrOfTests += result.nrOfTests ?? 0;
      if (result.status !== 'survived') return result;
    }
    return { status: 'survived', nrOfTests };
  }

  batchesOf({ testFilter, sandboxFileName }) {
    const wanted = testFilter && new Set(testFilter);
    const files = this.swept.specs
      .map(({ file, tests, ms }) => ({ file, ms, tests: wanted ? tests.filter((test) => wanted.has(test)) : tests }))
      .filter(({ tests }) => tests.length > 0)
      .sort((a, b) => distance(a.file, sandboxFileName) - distance(b.file, sandboxFileName) || a.ms - b.ms)
      .slice(0, wanted ? undefined : SPECS_AT_LOAD);
    const batches = [];
    for (let taken = 0; taken < files.length; ) {
      const some = files.slice(taken, taken + (BATCHES[batches.length] ?? BATCHES.at(-1)));
      taken += some.length;
      batches.push([some.map(({ file }) => file), wanted && some.flatMap(({ tests }) => tests)]);
    }
    return batches;
  }
}

/**
 * First the tests that are quick, in the spec that mirrors the file of the mutant; then those of all specs. The slow ones come last, after the
 * sweep at load.
 */
const ROUNDS = [
  { isQuick: true, isNear: true },
  { isQuick: true, isNear: false },
  { isQuick: false, isNear: true },
  { isQuick: false, isNear: false },
];
/** A test that takes so many times as long as most is slow. */
const SLOW = 8;

/** Which mutants are tried in which test, and what came of it. */
class Sweep {
  foundBy = readFound();
  /** Mutants of which some test could not say anything. */
  isOpen = new Set();
  isOver = isOver;

  constructor(specs, { perTest }) {
    this.specs = specs;
    this.perTest = perTest;
    this.fileOf = filesOfMutants();
    this.known = listKnown(this.fileOf, specs);
    const times = specs.flatMap(({ times }) => times).sort((a, b) => a - b);
    this.slowMs = Math.max(50, SLOW * times[Math.floor(times.length / 2)]);
    /** What the tests of other specs took in which each mutant was tried. */
    this.spent = new Map();
    this.chosen = new Map(specs.map((spec) => [spec.file, this.#chooseTests(spec)]));
  }

  /** For each file of lib the tests of a spec to try its mutants in: some of those that reach the same mutants of it. */
  #chooseTests({ file: spec, tests }) {
    const ways = new Map();
    for (const test of tests) {
      const reached = new Map();
      for (const mutant of Object.keys(this.perTest[test] ?? {})) {
        const file = this.fileOf.get(mutant);
        if (reached.has(file)) reached.get(file).push(mutant);
        else reached.set(file, [mutant]);
      }
      for (const [file, mutants] of reached) {
        const way = `${file} ${mutants.sort().join()}`;
        ways.set(way, { file, tests: [...(ways.get(way)?.tests ?? []), test] });
      }
    }
    const chosen = new Map();
    for (const { file, tests: alike } of ways.values()) {
      const step = distance(spec, file) === 0 ? 1 : Math.max(1, alike.length / TESTS_ON_ONE_WAY);
      const own = chosen.get(file) ?? new Set();
      for (let at = 0; at < alike.length; at += step) own.add(alike[Math.floor(at)]);
      chosen.set(file, own);
    }
    return chosen;
  }

  begin(round) {
    this.round = round;
    return this;
  }

  specsToRun() {
    const isNeeded = ({ file, tests }) => tests.some((test) => this.mutantsOf(file, test).length > 0);
    return this.specs.filter(isNeeded).map(({ file }) => file);
  }

  mutantsOf(spec, test) {
    const { isQuick, isNear } = this.round;
    const { tests, times } = this.specs.find(({ file }) => file === spec);
    const ms = times[tests.indexOf(test)];
    if (ms < this.slowMs !== isQuick || (!isNear && ms > MS_OF_TEST)) return [];
    const chosen = this.chosen.get(spec);
    const mutants = Object.keys(this.perTest[test] ?? {}).filter((mutant) => {
      const file = this.fileOf.get(mutant);
      const isDue = !this.known.has(mutant) && !this.foundBy.has(mutant);
      const isOwn = distance(spec, file) === 0;
      const isAffordable = isOwn || (this.spent.get(mutant) ?? 0) + ms <= MS_FOR_ONE;
      return isDue && isAffordable && isOwn === isNear && chosen.get(file).has(test);
    });
    if (!isOver()) return mutants;
    this.giveUp(mutants);
    return [];
  }

  /** How often the test may reach the mutant: a loop without an end lets no timer fire. */
  hitLimit(mutant, test) {
    return 10_000 + 100 * (this.perTest[test]?.[mutant] ?? 0);
  }

  tried(mutant, ms) {
    if (!this.round.isNear) this.spent.set(mutant, (this.spent.get(mutant) ?? 0) + ms);
  }

  found(mutant, test, outcome) {
    this.foundBy.set(mutant, { test, outcome });
    this.isOpen.delete(mutant);
    appendFileSync(FOUND, `${JSON.stringify([mutant, { test, outcome }])}\n`);
  }

  giveUp(mutants) {
    for (const mutant of mutants) if (!this.foundBy.has(mutant)) this.isOpen.add(mutant);
  }
}

/** The mutants of code that runs at load, and the specs to try each in: the nearest of those that load its file. */
class SweepAtLoad {
  /** Mutants that kept a spec from loading. */
  broken = new Set();
  isOver = isOver;

  constructor(sweep, { static: counts }, loadedBy) {
    this.sweep = sweep;
    this.mutants = Object.keys(counts).filter((mutant) => counts[mutant] > 0 && !sweep.known.has(mutant));
    for (const mutant of this.mutants) sweep.isOpen.delete(mutant);
    this.hits = counts;
    this.times = new Map(
      sweep.specs.map(({ file, tests, times }) => [file, new Map(tests.map((test, at) => [test, times[at]]))]),
    );
    this.specsOf = new Map(
      this.mutants.map((mutant) => {
        const own = this.fileOf(mutant);
        const reaches = ({ tests }) => tests.some((test) => sweep.perTest[test]?.[mutant]);
        const specs = sweep.specs
          .filter(({ file }) => loadedBy.get(file)?.has(own))
          .map((spec) => ({ file: spec.file, far: distance(spec.file, own), isAway: !reaches(spec), ms: spec.ms }))
          .sort((a, b) => a.far - b.far || a.isAway - b.isAway || a.ms - b.ms)
          .slice(0, SPECS_AT_LOAD);
        let left = MS_FOR_ONE;
        const affordable = specs.filter(({ far, ms }) => {
          left -= ms;
          return far === 0 || left > 0;
        });
        return [mutant, affordable];
      }),
    );
  }

  /** The specs in the order in which they run: all that mirror a file, then those of its folder, the quick ones first. */
  *begin() {
    for (const far of [0, 1, 2]) {
      this.far = far;
      yield* this.sweep.specs.toSorted((a, b) => a.ms - b.ms).map(({ file }) => file);
    }
  }

  mutantsOf(spec) {
    const isTried = ({ file, far }) => file === spec && far === this.far;
    return this.mutants.filter((mutant) => !this.sweep.foundBy.has(mutant) && this.specsOf.get(mutant).some(isTried));
  }

  fileOf(mutant) {
    return this.sweep.fileOf.get(mutant);
  }

  msOf(spec, test) {
    return this.times.get(spec)?.get(test);
  }

  hitLimit(mutant) {
    return 10_000 + 100 * this.hits[mutant];
  }

  found(mutant, test, outcome) {
    if (outcome === 'broken') this.broken.add(mutant);
    else this.sweep.found(mutant, test, outcome);
  }

  giveUp(mutants) {
    this.sweep.giveUp(mutants);
  }
}

const readFound = () =>
  new Map(
    existsSync(FOUND)
      ? readFileSync(FOUND, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [],
  );

function readSwept() {
  const { specs, foundBy, isOpen, broken } = JSON.parse(readFileSync(SWEPT, 'utf8'));
  return { specs, foundBy: new Map(foundBy), isOpen: new Set(isOpen), broken: new Set(broken) };
}

/** Each spec with its tests and the times that they took. */
function specsOf(tests) {
  const specs = new Map();
  for (const { id, fileName, timeSpentMs } of tests) {
    const spec = specs.get(fileName) ?? { file: fileName, tests: [], times: [], ms: 0 };
    spec.tests.push(id);
    spec.times.push(timeSpentMs);
    spec.ms += timeSpentMs;
    specs.set(fileName, spec);
  }
  return [...specs.values()];
}

/** The file of each mutant, by the number that Stryker gave it in the code. */
function filesOfMutants() {
  const lib = join(process.cwd(), 'lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = files.flatMap((name) => {
    const text = readFileSync(join(lib, name), 'utf8');
    return [...text.matchAll(/stryMutAct_9fa48\("(\d+)"\)/g)].map(([, id]) => [id, join(lib, name)]);
  });
  return new Map(found);
}

/**
 * The mutants whose results the last report has, and these results: its file is the same, and so is the spec that found it, or all specs where none did.
 * Mutants have other numbers in each run, but in one file the same order.
 */
function listKnown(fileOf, specs) {
  const { MUTATION_REPORT: path, MUTATION_ROOT: root } = process.env;
  if (!path || !existsSync(path)) return new Map();
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const isSame = ([file, { source }]) =>
    existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8') === source;
  const same = Object.entries(report.testFiles).filter(isSame);
  const isSameTest = new Set(same.flatMap(([, { tests }]) => tests.map(({ id }) => id)));
  const own = new Set(specs.map(({ file }) => relative(process.cwd(), file)));
  const areAllSame = same.length === own.size && same.every(([file]) => own.has(file));
  const isKnown = ({ status, killedBy = [] }) =>
    status === 'Survived' ? areAllSame : killedBy.length > 0 && killedBy.every((test) => isSameTest.has(test));
  const known = Object.entries(report.files)
    .filter(isSame)
    .flatMap(([file, { mutants }]) => {
      const numbers = [...fileOf.keys()].filter((id) => fileOf.get(id) === join(process.cwd(), file));
      const now = [...new Set(numbers)].sort((a, b) => a - b);
      const then = mutants.toSorted((a, b) => a.id - b.id);
      if (now.length !== then.length) return [];
      return now.map((id, at) => [id, then[at]]).filter(([, mutant]) => isKnown(mutant));
    });
  return new Map(known.map(([id, { status }]) => [id, status]));
}

/** 0 for the spec that mirrors the file, or the folder into which a file is divided; 1 for those of its folder. */
function distance(spec, file) {
  const [mirrored, own] = [relative(join(process.cwd(), 'spec'), spec), relative(join(process.cwd(), 'lib'), file)];
  if (mirrored === own.replace(/\.ts$/, '.spec.ts') || mirrored === `${dirname(own)}.spec.ts`) return 0;
  return dirname(mirrored) === dirname(own) ? 1 : 2;
}

function createRunner(injector) {
  return new Runner(injector.injectFunction(createJestRunner));
}
createRunner.inject = ['$injector'];

export const strykerPlugins = [{ kind: 'TestRunner', name: 'sweep', factory: createRunner }];
