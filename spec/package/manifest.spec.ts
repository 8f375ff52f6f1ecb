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

describe('The scripts of package.json', () => {
  const scripts = ['package.json', 'bench/package.json'].flatMap((file) => {
    const found: Record<string, string> = JSON.parse(readFileSync(join(root, file), 'utf8')).scripts;
    return Object.entries(found).map(([name, script]) => [file, name, script] as const);
  });

  it.each(scripts)('run on Windows too: %s, %s', (_file, _name, script) => {
    // What cmd.exe has and does as sh: programs, && and double quotes.
    for (const command of script.split(' && ')) {
      expect(command).toMatch(/^[a-z]+(?: |$)/); // No VARIABLE=value before it.
      expect(command).not.toMatch(/^(?:rm|cp|mv|mkdir|cat|sh|bash|env|export|sleep|true|test) /);
      expect(command.replace(/"[^"]*"/g, '')).not.toMatch(/[;|'`$*~\\]/);
    }
  });
});

describe('The Dockerfile', () => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
  const valuesOf = (instruction: string) =>
    lines.flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : []));

  it('runs the demo, and not as root', () => {
    expect(valuesOf('USER')).toEqual(['node']);
    const [program, file] = JSON.parse(valuesOf('CMD')[0] ?? '[]');
    expect([program, existsSync(join(root, file))]).toEqual(['node', true]);
    expect(valuesOf('RUN').find((command) => command.startsWith('npm ci '))).toContain('--ignore-scripts');
  });

  it('asks the demo whether it is well, by a file that is there', () => {
    const [, command = '[]'] = / CMD (\[.*\])$/.exec(valuesOf('HEALTHCHECK')[0] ?? '') ?? [];
    const [program, file] = JSON.parse(command);
    expect([program, existsSync(join(root, file))]).toEqual(['node', true]);
  });

  it('copies what is there, and what .dockerignore lets in', () => {
    const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const copied = valuesOf('COPY').flatMap((value) => value.split(' ').slice(1, -1));
    for (const path of copied)
      expect([path, existsSync(join(root, path)), ignore.includes(`!${path}`)]).toEqual([path, true, true]);
  });

  it('has a Node that the package supports', () => {
    const [, version] = /^node:(\d+)-slim$/.exec(valuesOf('FROM')[0] ?? '') ?? [];
    expect(Number(version)).toBeGreaterThanOrEqual(Number(manifest.engines.node.replace('>=', '')));
  });
});
