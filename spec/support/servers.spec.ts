import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const program = join(root, 'node_modules/jest/bin/jest.js');
const config = JSON.stringify({
  rootDir: root,
  testMatch: ['<rootDir>/spec/support/servers.fixture.ts'],
  verbose: false,
  reporters: ['<rootDir>/spec/support/reporter.js', 'summary'],
});

interface Summary {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}

/** Runs the fixture in a jest that finds no program by its name; what it said to people, and what it counted. */
const runWithoutServers = (CI: string) =>
  new Promise<{ code: number; said: string; counted: Summary }>((resolve) => {
    const env = { ...process.env, PATH: '', CI, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
    execFile(process.execPath, [program, '--config', config, '--json'], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stderr, counted: JSON.parse(stdout) });
    });
  });

const namesBy = ({ testResults }: Summary, status: string) =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter((each) => each.status === status).map(({ fullName }) => fullName),
  );

const HOW_TO_GET =
  'redis-server is missing (Debian and Ubuntu: apt-get install redis-server. macOS: brew install redis)';

test('Without a server the specs that need it do not run, and it is said which and how to get it', async () => {
  const { code, said, counted } = await runWithoutServers('');
  const file = 'spec/support/servers.fixture.ts';
  expect(said).not.toContain('what a spec prints that passes');
  const [, atTheEnd = ''] = said.split('Ran all test suites');
  expect(atTheEnd).toContain(
    `\nNot run, because something is missing:\n  ${HOW_TO_GET}\n    ${file}: What Redis keeps\n`,
  );
  expect(atTheEnd).toContain(`    ${file}: What both keep\n`);
  expect(namesBy(counted, 'todo').sort()).toEqual([
    expect.stringContaining(`What Redis keeps NOT RUN: ${HOW_TO_GET}`),
    expect.stringContaining(`What both keep NOT RUN: ${HOW_TO_GET}`),
  ]);
  expect([namesBy(counted, 'passed'), namesBy(counted, 'failed'), code]).toEqual([
    ['What needs no server runs'],
    [],
    0,
  ]);
}, 300_000);

test('Where CI=true that is a failure', async () => {
  const { code, counted } = await runWithoutServers('true');
  expect(namesBy(counted, 'failed').sort()).toEqual([
    'What Redis keeps has its server',
    'What both keep has its server',
  ]);
  expect([namesBy(counted, 'passed'), namesBy(counted, 'todo'), code]).toEqual([['What needs no server runs'], [], 1]);
  const messages = counted.testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ failureMessages }) => failureMessages),
  );
  expect(messages).toEqual([expect.stringContaining(HOW_TO_GET), expect.stringContaining(HOW_TO_GET)]);
}, 300_000);
