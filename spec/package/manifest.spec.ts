import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

type Conditions = { types: string; default: string };
const subpaths = Object.entries<Conditions>(manifest.exports).filter(([subpath]) => subpath !== './package.json');

describe('package.json', () => {
  it('says where the package comes from', () => {
    const url = 'https://github.com/express-token-router/express-token-router';
    expect(manifest.repository).toEqual({ type: 'git', url: `git+${url}.git` });
    expect([manifest.homepage, manifest.bugs.url]).toEqual([`${url}#readme`, `${url}/issues`]);
  });

  it('names the types of each subpath for TypeScript that resolves as node10 does, too', () => {
    const expected = subpaths
      .filter(([subpath]) => subpath !== '.')
      .map(([subpath, { types }]) => [subpath.slice(2), [types]]);
    expect(Object.entries(manifest.typesVersions['*'])).toEqual(expected);
    expect([manifest.main, manifest.types]).toEqual([manifest.exports['.'].default, manifest.exports['.'].types]);
  });

  it.each(subpaths)('has files for %s', (_subpath, conditions) => {
    for (const file of [conditions.types, conditions.default]) expect(existsSync(join(root, file))).toBe(true);
  });
});
