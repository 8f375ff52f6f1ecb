import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from '../support/npm';

const root = join(__dirname, '../..');
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const place = realpathSync(mkdtempSync(join(tmpdir(), 'express-token-router-')));
let tarball = '';

const run = (cwd: string, command: string, ...args: string[]) => execFileSync(command, args, { cwd, encoding: 'utf8' });

beforeAll(() => {
  const [packed] = JSON.parse(npm(root, ['pack', '--json', '--ignore-scripts', '--pack-destination', place]));
  tarball = join(place, packed.filename);
}, 120_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A host that redeems one code over HTTP, twice, and prints what it got. */
const host = (imports: string, codeType = '') => `
${imports}
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const { saveCode, findCode, consumeCode, revokeTokens } = memoryCodes${codeType}();
const issueTokens = ({ code }${codeType && ': Exchange<HostCode>'}) => ({ access_token: code.userId, expires_in: 60 });
const app = express();
app.use(createTokenRouter({ findCode, consumeCode, revokeTokens, issueTokens }));
const server = app.listen(0, '127.0.0.1', async () => {
  await saveCode('a-code', {
    clientId: 'spa',
    redirectUri: null,
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + 60_000),
    userId: 'the user',
  });
  const body = { grant_type: 'authorization_code', client_id: 'spa', code: 'a-code', code_verifier: verifier };
  const { port } = server.address()${codeType && ' as AddressInfo'};
  for (const _ of [1, 2]) {
    const answer = await fetch(\`http://127.0.0.1:\${port}/oauth/token\`, { method: 'POST', body: new URLSearchParams(body) });
    console.log(answer.status, await answer.text());
  }
  server.close();
});
console.log(typeof OAuthError);
`;

const ESM = `import express from 'express';
import { createTokenRouter, OAuthError } from 'express-token-router';
import { memoryCodes } from 'express-token-router/memory';`;

const PROJECTS: Record<string, { file: string; text: string; compile: boolean }> = {
  CommonJS: {
    file: 'host.cjs',
    text: host(`const express = require('express');
const { createTokenRouter, OAuthError } = require('express-token-router');
const { memoryCodes } = require('express-token-router/memory');`),
    compile: false,
  },
  ESM: { file: 'host.mjs', text: host(ESM), compile: false },
  TypeScript: {
    file: 'host.mts',
    text: host(
      `${ESM}
import type { AddressInfo } from 'node:net';
import type { AuthorizationCode, Exchange } from 'express-token-router';
interface HostCode extends AuthorizationCode { userId: string }`,
      '<HostCode>',
    ),
    compile: true,
  },
};

/** What every subpath exports; a type has no name at run time. */
const EXPORTS: Record<string, readonly string[]> = {
  '.': ['OAuthError', 'createTokenRouter', 'digestOfAddress', 'parseClientCredentials'],
  './dpop': ['createDpopNonces', 'createDpopVerifier', 'jwkThumbprint'],
  './clients': [
    'clientCredentials',
    'createClientAuthentication',
    'createClientMetadataResolver',
    'createClientSecret',
    'hashClientSecret',
  ],
  './tokens': ['NAME_RULES', 'RESERVED_CLAIMS', 'STANDARD_CLAIMS', 'createTokenIssuer'],
  './authorize': [
    'authorizationResponse',
    'codeRecordOf',
    'consentRequired',
    'interactionRequired',
    'isCallbackUrl',
    'isSilent',
    'loginRequired',
    'needsLogin',
    'parseAuthorizationRequest',
  ],
  './endpoints': [
    'authorizationServerMetadata',
    'createIntrospectionRouter',
    'createJwksRouter',
    'createMetadataRouter',
    'createRevocationRouter',
  ],
  './memory': ['memoryCodes', 'memoryJtis', 'memoryRefreshTokens', 'memoryStore'],
  './redis': ['redisCodes', 'redisJtis', 'redisRefreshTokens', 'redisStore'],
  './postgres': ['postgresCodes', 'postgresJtis', 'postgresRefreshTokens', 'postgresSchema', 'postgresStore'],
  './testing': [
    'HOSTILE_STRINGS',
    'badProofs',
    'badRequests',
    'checkTokenResponse',
    'codeStoreConformance',
    'createClientAssertion',
    'createCode',
    'createCodeRecord',
    'createDpopProver',
    'createPkcePair',
    'createRefreshToken',
    'createRefreshTokenRecord',
    'describeTokenEndpoint',
    'inspectTokenRouter',
    'jtiStoreConformance',
    'race',
    'refreshTokenStoreConformance',
    'tokenEndpoint',
  ],
};

const { exports: subpaths } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const specifiers = Object.keys(EXPORTS).map((subpath) => subpath.replace('.', 'express-token-router'));

/** Programs that print the names which each subpath exports, to `require` and to `import`, and last the files they loaded. */
const LISTS: Record<string, string> = {
  cjs: `for (const name of ${JSON.stringify(specifiers)}) console.log(JSON.stringify(Object.keys(require(name)).sort()));
console.log(JSON.stringify(Object.keys(require.cache)));`,
  mjs: `import { createRequire } from 'node:module';
for (const name of ${JSON.stringify(specifiers)}) {
  const { default: all, 'module.exports': same, __esModule, ...named } = await import(name);
  console.log(JSON.stringify(Object.keys(named).sort()));
}
console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));`,
};

const DRIVERS = /node_modules.(redis|@redis|ioredis|pg|@electric-sql|jest|vitest).(?!.*node_modules)/;

const TYPES: Record<string, string> = { 4: '^4.17.21', 5: devDependencies['@types/express'] };

describe.each(['4', '5'])('The packed tarball, with Express %s,', (express) => {
  it.each(Object.keys(PROJECTS))(
    'redeems a code once in a %s project',
    (name) => {
      const project = PROJECTS[name];
      if (!project) throw new Error(name);
      const folder = join(place, `${name}-${express}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), '{ "private": true }');
      const types = project.compile
        ? [
            `@types/express@${TYPES[express]}`,
            `@types/node@${devDependencies['@types/node']}`,
            `typescript@${devDependencies.typescript}`,
          ]
        : [];
      npm(folder, ['install', '--prefer-offline', '--ignore-scripts', tarball, `express@^${express}`, ...types]);
      writeFileSync(join(folder, project.file), project.text);
      if (project.compile)
        run(
          folder,
          'npx',
          'tsc',
          '--strict',
          '--module',
          'node16',
          '--target',
          'es2022',
          '--types',
          'node',
          project.file,
        );
      const printed = run(folder, process.execPath, project.file.replace('.mts', '.mjs'));
      const [type, ...answers] = printed.trim().split('\n');
      expect([type, ...answers.map((line) => [line.slice(0, 3), JSON.parse(line.slice(4))])]).toEqual([
        'function',
        ['200', { access_token: 'the user', token_type: 'Bearer', expires_in: 60 }],
        ['400', { error: 'invalid_grant', error_description: 'Invalid authorization code' }],
      ]);
    },
    180_000,
  );
});

describe('The packed tarball, alone with its dependencies,', () => {
  const folder = () => join(place, 'alone');

  beforeAll(() => {
    mkdirSync(folder());
    writeFileSync(join(folder(), 'package.json'), '{ "private": true }');
    npm(folder(), ['install', '--prefer-offline', '--ignore-scripts', tarball, 'express@^5']);
  }, 180_000);

  it('has these subpaths and no others', () => {
    expect(Object.keys(subpaths).sort()).toEqual([...Object.keys(EXPORTS), './package.json'].sort());
  });

  it.each(['redis', 'ioredis', 'pg', '@electric-sql/pglite', 'jest', 'vitest'])('has no %s', (name) => {
    expect(existsSync(join(folder(), 'node_modules', name))).toBe(false);
  });

  it.each(Object.entries(LISTS))('exports these names from every subpath, to .%s', (extension, text) => {
    const file = `list.${extension}`;
    writeFileSync(join(folder(), file), text);
    const printed = run(folder(), process.execPath, file).trim().split('\n');
    const [files, ...names] = printed.map((line) => JSON.parse(line)).reverse();
    expect(names.reverse()).toEqual(Object.values(EXPORTS));
    expect(files.filter((each: string) => DRIVERS.test(each))).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });
});
