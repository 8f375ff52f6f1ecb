import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { npm } from '../support/npm';

const root = join(__dirname, '../..');
const { version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

interface Loaded {
  /** Files of the package, by their path in dist. */
  own: string[];
  /** Names of the packages that came along. */
  packages: string[];
  /** The least of all processes, for the machine may be busy. */
  milliseconds: number;
}

/** What a process loads that requires this file and nothing else. */
function load(file: string, processes = 1): Loaded {
  const script = `
    const before = process.hrtime.bigint();
    require(${JSON.stringify(join(root, file))});
    const milliseconds = Number(process.hrtime.bigint() - before) / 1e6;
    console.log(JSON.stringify({ milliseconds, files: Object.keys(require.cache) }));`;
  const runs = Array.from({ length: processes }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })),
  );
  const paths: string[] = runs[0].files.map((each: string) => relative(root, each).split(sep).join('/'));
  const packages = paths.flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path)?.[1] ?? [],
  );
  return {
    own: paths.filter((path) => path.startsWith('dist/')),
    packages: [...new Set(packages)],
    milliseconds: Math.min(...runs.map(({ milliseconds }) => milliseconds)),
  };
}

const bytesOf = (files: readonly string[]) => files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);

describe(`express-token-router ${version} stays small:`, () => {
  const entry = load(exports['.'].default, 3);

  test('the tarball unpacks to less than 2.5 MB, of which less than 800 kB is code', () => {
    const text = npm(root, ['pack', '--json', '--dry-run', '--ignore-scripts']);
    const [{ unpackedSize, files }] = JSON.parse(text);
    expect(unpackedSize).toBeLessThan(2_500_000);
    const code = files.filter(({ path }: { path: string }) => path.startsWith('dist/') && path.endsWith('.js'));
    expect(code.reduce((sum: number, { size }: { size: number }) => sum + size, 0)).toBeLessThan(800_000);
  });

  test('the main entry loads less than 250 kB of its own', () => {
    expect(entry.own).toContain('dist/router.js');
    expect(bytesOf(entry.own)).toBeLessThan(250_000);
  });

  test.each(['testing', 'stores', 'tokens', 'dpop', 'clients', 'authorize', 'endpoints', 'jws'])(
    'the main entry loads nothing of %s',
    (folder) => {
      expect(entry.own.filter((path) => path.startsWith(`dist/${folder}/`))).toEqual([]);
    },
  );

  test('the main entry loads neither jsonwebtoken nor a driver', () => {
    expect(entry.packages).toEqual(expect.arrayContaining(['express', 'joi', 'cors', 'express-rate-limit']));
    const unwanted = ['jsonwebtoken', 'oidc-token-hash', 'redis', 'ioredis', 'pg', 'jose'];
    expect(entry.packages.filter((name) => unwanted.includes(name))).toEqual([]);
  });

  test('no subpath but ./testing loads what is for specs', () => {
    for (const [subpath, { default: file }] of Object.entries<{ default?: string }>(exports)) {
      if (!file || subpath === './testing') continue;
      expect([subpath, load(file).own.filter((path) => path.startsWith('dist/testing/'))]).toEqual([subpath, []]);
    }
  }, 120_000);

  test('the main entry is there within five seconds, Express included', () => {
    expect(entry.milliseconds).toBeLessThan(5000);
  });
});
