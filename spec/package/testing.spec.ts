import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from '../support/npm';

const root = join(__dirname, '../..');
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const place = realpathSync(mkdtempSync(join(tmpdir(), 'express-token-router-testing-')));
let tarball = '';

beforeAll(() => {
  const [packed] = JSON.parse(npm(root, ['pack', '--json', '--ignore-scripts', '--pack-destination', place]));
  tarball = join(place, packed.filename);
}, 120_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Project {
  /** What it installs beside the package, Express and supertest. */
  needs: readonly string[];
  command: readonly string[];
  /** How the runner tells how many passed, and how many failed. */
  passed: RegExp;
  failed: RegExp;
}

const PROJECTS: Record<string, Project> = {
  jest: {
    needs: ['jest', 'supertest'],
    command: [process.execPath, 'node_modules/jest/bin/jest.js', '--ci', 'jest.test.js', 'contract.test.js'],
    passed: /^Tests: .*?(\d+) passed/m,
    failed: /^Tests: .*?(\d+) failed/m,
  },
  vitest: {
    needs: ['vitest', 'supertest'],
    command: [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--reporter=default', 'vitest.test.mjs'],
    passed: /Tests .*?(\d+) passed/,
    failed: /Tests .*?(\d+) failed/,
  },
  'node:test': {
    needs: [],
    command: [process.execPath, '--test', '--test-reporter=tap', 'node.test.mjs'],
    passed: /^# pass (\d+)/m,
    failed: /^# fail ([1-9]\d*)/m,
  },
};

describe.each(Object.entries(PROJECTS))('A new project with %s', (name, { needs, command, passed, failed }) => {
  it('tests the host of examples/testing with the packed kit', () => {
    const folder = mkdtempSync(join(place, `${name.replace(':', '-')}-`));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    cpSync(join(root, 'examples/testing'), folder, { recursive: true });
    const versions = needs.map((each) => `${each}@${devDependencies[each]}`);
    npm(folder, ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', tarball, 'express@^5', ...versions]);

    const [program = '', ...args] = command;
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0', JEST_WORKER_ID: '' };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
    const said = `${stdout}${stderr}`;
    const count = Number(passed.exec(said)?.[1]);
    // The rows of badRequests and the rules of the contract are more than a hundred.
    expect({ status, failed: failed.exec(said)?.[1], enough: count > 100, said: status === 0 ? '' : said }).toEqual({
      status: 0,
      failed: undefined,
      enough: true,
      said: '',
    });
  }, 300_000);
});
