import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { redirectUri, signIn } from './browser.mjs';

const folder = join(import.meta.dirname, 'programs');
// Debian's Python, which has Debian's packages: the first one in the PATH may be another.
const python = ['/usr/bin/python3', join(folder, 'python.py')];

/** Clients in other languages, as Debian has them. Each says `visit URL` where its user has to sign in. */
const COMMANDS = {
  'python3-authlib': [...python, 'authlib'],
  'python3-requests-oauthlib': [...python, 'requests_oauthlib'],
  'golang-golang-x-oauth2-dev': ['go', 'run', join(folder, 'oauth2.go')],
  'ruby-oauth2': ['ruby', join(folder, 'oauth2.rb')],
};

/** Runs a program to its end, and signs in for it. It trusts one certificate: the server's. */
async function run([file, ...args], issuer, certificate) {
  const cache = mkdtempSync(join(tmpdir(), 'token-router-go-'));
  const trust = { SSL_CERT_FILE: certificate, REQUESTS_CA_BUNDLE: certificate };
  const go = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: cache };
  const env = { ...process.env, ...trust, ...go, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(file, [...args, issuer.href, redirectUri], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let wrong = '';
  child.stderr.on('data', (chunk) => {
    wrong += chunk;
  });
  child.on('error', (error) => {
    wrong += error;
  });
  try {
    let last = '';
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('visit ')) child.stdin.write(`${(await signIn(line.slice(6))).href}\n`);
      else last = line;
    }
    if (last === '') throw new Error(`${file} ended: ${wrong}`);
    return JSON.parse(last);
  } finally {
    child.kill();
    rmSync(cache, { recursive: true, force: true });
  }
}

function createProgram(command) {
  return async ({ secureIssuer, certificate }) => {
    const { login, refresh, refusal } = await run(command, secureIssuer, certificate);
    return {
      login: async () => ({ access_token: login }),
      refresh: async () => ({ access_token: refresh }),
      refusal: async () => Promise.reject(new Error(refusal)),
    };
  };
}

export const PROGRAMS = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, command]) => [name, createProgram(command)]),
);
