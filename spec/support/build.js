const { execFileSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = join(__dirname, '../..');
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

/** Builds once before all specs, as `npm run build` does. Runs tsc by node, because Windows cannot run npm without a shell. */
module.exports = function build() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
};
