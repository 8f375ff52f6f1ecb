// Every scene of three requests, on all three stores: `npm run interleavings`. CI plays a part of them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest.js');
const { status } = spawnSync(process.execPath, [jest, 'spec/interleavings', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, INTERLEAVINGS: 'all' },
});
process.exitCode = status ?? 1;
