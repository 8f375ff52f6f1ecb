import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, startExample } from './example';

const root = join(__dirname, '../..');
const interop = join(root, 'spec/interop');
const page = join(root, 'docs/interop.md');

interface Result {
  login?: string;
  refresh?: string;
  refusal?: string;
  error?: string;
}

/** What each client is registered as, and whether it can refresh. */
const ROWS = {
  oauth4webapi: { as: 'public client, DPoP with a nonce', refreshes: true },
  'openid-client': { as: '`client_secret_post`', refreshes: true },
  'oidc-client-ts': { as: 'public client', refreshes: true },
  'simple-oauth2': { as: '`client_secret_basic`', refreshes: true },
  arctic: { as: '`client_secret_basic`', refreshes: true },
  '@badgateway/oauth2-client': { as: 'public client', refreshes: true },
  'passport-oauth2': { as: '`client_secret_post`', refreshes: false },
  'express-openid-connect': { as: '`client_secret_basic`', refreshes: true },
  '@modelcontextprotocol/sdk': { as: 'public client', refreshes: true },
  '@modelcontextprotocol/client': { as: 'public client', refreshes: true },
  'JSON with a charset and Auth0-Client, as native SDKs send': { as: 'public client, JSON', refreshes: true },
} as const;
type Name = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as Name[];

/** Of the package that is installed, in the folder of the clients or in ours. */
function versionOf(name: string): string {
  const folders = [interop, root].map((folder) => join(folder, 'node_modules', name, 'package.json'));
  const file = folders.find((each) => existsSync(each));
  return file === undefined ? '' : JSON.parse(readFileSync(file, 'utf8')).version;
}

function run(issuer: string): Promise<Record<Name, Result>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(interop, 'run.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(printed)) : reject(new Error(`exit code ${code}`))));
    child.stdin.end(JSON.stringify({ issuer }));
  });
}

const HEAD = `# Interoperability

These clients log in against [examples/auth-server](../examples/auth-server/server.js), unmodified, as npm has them. Each signs a user in,
redeems the code with PKCE, refreshes if it can, and meets one refusal: a wrong verifier or a guessed code. \`spec/examples/interop.spec.ts\`
runs them and writes this table.

| client | version | registered as | login | refresh | what it says of the refusal |
| --- | --- | --- | --- | --- | --- |
`;
const TAIL = `
\`@auth0/auth0-spa-js\` runs in a browser: \`spec/examples/auth-server.browser.spec.ts\` signs in by redirect and by window, renews silently,
refreshes with DPoP and signs out.
`;

function tableOf(results: Record<Name, Result>): string {
  const rows = NAMES.map((name) => {
    const { login, refresh, refusal } = results[name];
    const cells = [
      name,
      versionOf(name) || '–',
      ROWS[name].as,
      login ? 'yes' : 'no',
      ROWS[name].refreshes ? (refresh ? 'yes' : 'no') : 'has none',
      `\`${refusal}\``,
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `${HEAD}${rows.join('')}${TAIL}`;
}

if (existsSync(join(interop, 'node_modules')) || process.env.CI === 'true') {
  describe('An unmodified client', () => {
    let example: Example;
    let results: Record<Name, Result>;

    beforeAll(async () => {
      if (!existsSync(join(interop, 'node_modules'))) throw new Error('Run npm --prefix spec/interop ci first');
      example = await startExample('auth-server', {});
      results = await run(`http://localhost:${example.port}/`);
    }, 120_000);
    afterAll(() => example?.child.kill('SIGKILL'));

    it.each(NAMES)('%s logs in, refreshes if it can, and tells of our refusal', (name) => {
      const { login, refresh, refusal, error } = results[name];
      expect(error).toBeUndefined();
      expect(login).toMatch(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
      if (ROWS[name].refreshes) expect(refresh).toMatch(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
      expect(refresh).not.toBe(login);
      expect(refusal).toMatch(/invalid_grant|Failed to verify code verifier|Invalid authorization code/);
    });

    it('stands in the table of docs/interop.md, which this spec writes', () => {
      const table = tableOf(results);
      if (process.env.CI !== 'true') writeFileSync(page, table);
      expect(readFileSync(page, 'utf8')).toBe(table);
    });
  });
} else {
  process.stderr.write('NOT RUN: "An unmodified client": run npm --prefix spec/interop ci first\n');
  describe('An unmodified client', () => {
    test.todo('logs in as soon as the clients are installed: npm --prefix spec/interop ci');
  });
}
