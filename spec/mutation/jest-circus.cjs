const circus = require('jest-circus/runner').default;

/** jest's own test runner. It shows the environment how modules are loaded, so that the environment can load a spec again. */
module.exports = (globalConfig, config, environment, runtime, testPath, ...rest) => {
  environment.loader = {
    modules: runtime.registries?.moduleRegistry,
    load: () => runtime.requireModule(testPath),
    // Outside of tests and hooks jest refuses `require` and `jest.fn`.
    enterTestCode: () => runtime.enterTestCode(),
    leaveTestCode: () => runtime.leaveTestCode(),
  };
  return circus(globalConfig, config, environment, runtime, testPath, ...rest);
};
