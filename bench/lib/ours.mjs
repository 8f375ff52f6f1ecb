import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
// A copy of the built package may stand in for it, so that a change can be measured beside what it changes.
const root = process.env.BENCH_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));

/** A file of the built package, or `undefined` where the package has none such (yet). */
export function load(file) {
  const path = `${root}/${file}`;
  return existsSync(path) ? require(path) : undefined;
}

export const has = (file) => existsSync(`${root}/${file}`);
