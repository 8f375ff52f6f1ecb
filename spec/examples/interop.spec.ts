import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, startExample } from './example';
import { startTlsProxy, type TlsProxy } from './tls';

const root = join(__dirname, '../..');
const interop = join(root, 'spec/interop');
const page = join(root, 'docs/interop.md');
const isCi = process.env.CI === 'true';

interface Result {
  login?: string;
  refresh?: string;
  refusal?: string;
  error?: string;
}

interface Row {
  /** What it is called in the table, if not by its package. */
  name?: string;
  /** What it is registered as at the server. */
  as: string;
  /** What it must say of the refusal, if not what we said. */
  says?: RegExp;
}

const OURS = /invalid_grant|Failed to verify code verifier|Invalid authorization code/;
const NONCE = 'public client, JSON, DPoP with a nonce';

const FROM_NPM: Record<string, Row> = {
  oauth4webapi: { as: 'public client, DPoP with a nonce' },
  'openid-client': { as: '`client_secret_post`' },
  'oidc-client-ts': { as: 'public client' },
  'simple-oauth2': { as: '`client_secret_basic`' },
  arctic: { as: '`client_secret_basic`' },
  '@badgateway/oauth2-client': { as: 'public client' },
  // It reads the status of a refusal and no body.
  '@openid/appauth': { as: 'public client', says: /^Bad Request$/ },
  '@auth0/auth0-auth-js': { as: '`client_secret_post`, over TLS' },
  'passport-oauth2': { name: 'passport-oauth2 and passport-oauth2-refresh', as: '`client_secret_post`' },
  'express-openid-connect': { as: '`client_secret_basic`' },
  '@modelcontextprotocol/sdk': { as: 'public client' },
  '@modelcontextprotocol/client': { as: 'public client' },
};

/** Raw requests: the SDKs themselves run on phones. */
const RAW: Record<string, Row> = {
  'Auth0.Android': { name: 'requests of Auth0.Android', as: NONCE },
  'Auth0.swift': { name: 'requests of Auth0.swift', as: NONCE },
  'react-native-auth0': { name: 'requests of react-native-auth0', as: 'public client, JSON' },
};

/** Packages of Debian: what they are called elsewhere, and what they need beside themselves. */
const FROM_DEBIAN: Record<string, Row & { needs?: string }> = {
  'python3-authlib': { name: 'Authlib (Python)', as: '`client_secret_basic`, over TLS' },
  'python3-requests-oauthlib': { name: 'Requests-OAuthlib (Python)', as: 'public client, over TLS' },
  'golang-golang-x-oauth2-dev': {
    name: 'golang.org/x/oauth2 (Go)',
    as: '`client_secret_post`, which it finds out, over TLS',
    needs: 'golang-go',
  },
  'ruby-oauth2': { name: 'oauth2 (Ruby)', as: '`client_secret_post`, over TLS' },
};

const ROWS: Record<string, Row> = { ...FROM_NPM, ...RAW, ...FROM_DEBIAN };

/** Of the package that is installed: by npm in the folder of the clients or in ours, or by Debian. */
function versionOf(name: string): string | undefined {
  if (Object.hasOwn(FROM_DEBIAN, name)) return debianVersionOf(name);
  const folders = [interop, root].map((folder) => join(folder, 'node_modules', name, 'package.json'));
  const file = folders.find((each) => existsSync(each));
  return file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8')).version;
}

function debianVersionOf(name: string): string | undefined {
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  try {
    const text = execFileSync('dpkg-query', ['-W', '-f', '$' + '{db:Status-Status} $' + '{Version}', name], options);
    // The version of its authors: without Debian's epoch, repackaging and revision.
    return /^installed (?:\d+:)?([\d.]+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** What is not here, and the command that brings it. */
function missingFor(name: string): string | undefined {
  // One program starts all clients, those of Debian as well, and loads the packages.
  if (!existsSync(join(interop, 'node_modules'))) return 'npm --prefix spec/interop ci';
  if (Object.hasOwn(RAW, name) || Object.hasOwn(FROM_NPM, name)) return undefined;
  const needed = [name, FROM_DEBIAN[name]?.needs].filter((each) => each !== undefined);
  const missing = needed.filter((each) => debianVersionOf(each) === undefined);
  return missing.length === 0 ? undefined : `apt-get install --no-install-recommends ${missing.join(' ')}`;
}

const NAMES = Object.keys(ROWS);
const MISSING = new Map(NAMES.flatMap((name) => [[name, missingFor(name)] as const]).filter(([, how]) => how));
const PRESENT = NAMES.filter((name) => !MISSING.has(name));

function run(options: { issuer: string; secureIssuer: string; certificate: string }): Promise<Record<string, Result>> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: options.certificate };
    const child = spawn(process.execPath, [join(interop, 'run.mjs')], { stdio: ['pipe', 'pipe', 'inherit'], env });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        resolve(JSON.parse(printed));
      } catch {
        reject(new Error(`run.mjs ended with ${code}, and printed: ${printed}`));
      }
    });
    child.stdin.end(JSON.stringify({ ...options, names: PRESENT }));
  });
}

const HEAD = `# Interoperability

These clients log in against [examples/auth-server](../examples/auth-server/server.js). They are unmodified: as npm or Debian has them. Each
one signs a user in, redeems the code with PKCE, refreshes, and meets one refusal: a wrong verifier or a guessed code.
\`spec/examples/interop.spec.ts\` runs them and writes this table.

| client | version | registered as | login | refresh | what it says of the refusal |
| --- | --- | --- | --- | --- | --- |
`;
const TAIL = `
\`@auth0/auth0-spa-js\` runs in a browser: \`spec/examples/auth-server.browser.spec.ts\` signs in by redirect and by window, renews silently,
refreshes with DPoP and signs out.

The SDKs for Android, Swift and React Native run on phones. Their rows are raw requests that send what the SDKs send: JSON, \`Auth0-Client\`, and
with DPoP one retry after a 400 with \`use_dpop_nonce\`. Auth0.Android retries on no other status, so the router answers a missing nonce with
400 and never with 401 (RFC 9449 §8).

\`golang.org/x/oauth2\` first sends the secret in the header, then in the form. The first request is refused before the code is redeemed, so the
second one gets the tokens. \`@openid/appauth\` shows the status text of a refusal and no more: it does not read the body.
`;

const inCell = (text: string) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();

function tableOf(results: Record<string, Result>): string {
  const rows = NAMES.map((name) => {
    const { login, refresh, refusal = '' } = results[name] ?? {};
    const { name: title = name, as } = ROWS[name] as Row;
    const cells = [
      title,
      Object.hasOwn(RAW, name) ? '–' : versionOf(name),
      as,
      login ? 'yes' : 'no',
      refresh ? 'yes' : 'no',
      `\`${inCell(refusal)}\``,
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `${HEAD}${rows.join('')}${TAIL}`;
}

/** Another release of Debian has other versions, and they may say it otherwise. */
const withoutDebian = (table: string) => {
  const titles = Object.values(FROM_DEBIAN).map(({ name }) => `| ${name} |`);
  const lines = table.split('\n');
  return lines.filter((line) => !titles.some((title) => line.startsWith(title))).join('\n');
};

describe('An unmodified client', () => {
  let servers: Example[] = [];
  let proxy: TlsProxy;
  let results: Record<string, Result> = {};

  beforeAll(async () => {
    if (PRESENT.length === 0) return;
    proxy = await startTlsProxy();
    const secureIssuer = `${proxy.origin}/`;
    servers = await Promise.all([
      startExample('auth-server', {}),
      startExample('auth-server', { ISSUER: secureIssuer }),
    ]);
    const [plain, secure] = servers as [Example, Example];
    proxy.forwardTo(secure.port);
    const { certificate } = proxy;
    results = await run({ issuer: `http://localhost:${plain.port}/`, secureIssuer, certificate });
  }, 300_000);
  afterAll(async () => {
    for (const { child } of servers) child.kill('SIGKILL');
    await proxy?.stop();
  });

  for (const name of NAMES) {
    const title = `${ROWS[name]?.name ?? name} logs in, refreshes, and tells of our refusal`;
    const missing = MISSING.get(name);
    if (missing !== undefined && !isCi) {
      // The mark by which the reporter lists it at the end of the run.
      test.todo(`NOT RUN: ${ROWS[name]?.name ?? name} is missing (${missing})`);
      continue;
    }
    it(`${title}`, () => {
      expect(missing).toBeUndefined();
      const { login, refresh, refusal, error } = results[name] ?? {};
      expect(error).toBeUndefined();
      expect(login).toMatch(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
      expect(refresh).toMatch(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
      expect(refresh).not.toBe(login);
      expect(refusal).toMatch(ROWS[name]?.says ?? OURS);
    });
  }

  if (MISSING.size > 0 && !isCi) {
    test.todo('stands in the table of docs/interop.md, as soon as all of them are here');
  } else {
    it('stands in the table of docs/interop.md, which this spec writes', () => {
      const table = tableOf(results);
      const areAllWell = NAMES.every((name) => results[name]?.error === undefined);
      if (!isCi && areAllWell) writeFileSync(page, table);
      expect(withoutDebian(readFileSync(page, 'utf8'))).toBe(withoutDebian(table));
    });
  }
});
