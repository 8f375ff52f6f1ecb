const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

/** Builds once before all specs: those of the tarball and of the examples use what a user gets. */
module.exports = function build() {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(__dirname, '../..'), stdio: 'inherit' });
};
