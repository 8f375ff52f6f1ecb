const { relative } = require('node:path');
const { DefaultReporter, VerboseReporter } = require('@jest/reporters');

const MARK = 'NOT RUN: ';

/** What did not run, by what is missing: the specs mark it with a `todo` of this title. */
function listMissing(rootDir, { testResults }) {
  const missing = new Map();
  for (const { testFilePath, testResults: tests } of testResults) {
    for (const { status, title, ancestorTitles } of tests) {
      if (status !== 'todo' || !title.startsWith(MARK)) continue;
      const what = title.slice(MARK.length);
      const specs = missing.get(what) ?? new Set();
      missing.set(what, specs.add(`${relative(rootDir, testFilePath)}: ${ancestorTitles.join(' ')}`));
    }
  }
  return missing;
}

/** What a spec prints is shown where one of its file fails; and the last lines of a run say what did not run. */
const improve = (Reporter) =>
  class extends Reporter {
    printTestFileHeader(path, config, result) {
      const isOfInterest = result.numFailingTests > 0 || result.testExecError;
      super.printTestFileHeader(path, config, isOfInterest ? result : { ...result, console: undefined });
    }

    onRunComplete(contexts, results) {
      super.onRunComplete(contexts, results);
      const missing = listMissing(this._globalConfig.rootDir, results);
      if (missing.size === 0) return;
      const blocks = [...missing].map(
        ([what, specs]) => `  ${what}\n${[...specs].map((spec) => `    ${spec}\n`).join('')}`,
      );
      // After the summary, which other reporters print.
      process.once('exit', () => process.stderr.write(`\nNot run, because something is missing:\n${blocks.join('')}`));
    }
  };

const Default = improve(DefaultReporter);
const Verbose = improve(VerboseReporter);

/** Jest's own reporter of the terminal, verbose where jest is. */
module.exports = class Reporter {
  constructor(globalConfig, ...more) {
    // biome-ignore lint/correctness/noConstructorReturn: jest constructs what a file exports, and which it is depends on the configuration
    return globalConfig.verbose ? new Verbose(globalConfig, ...more) : new Default(globalConfig, ...more);
  }
};
