// Plays all interleavings, as CI does, and prints a line for each scene: `npm run interleavings`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, 'spec/interleavings', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, INTERLEAVINGS: 'told' },
});
process.exitCode = status ?? 1;
