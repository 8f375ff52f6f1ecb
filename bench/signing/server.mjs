import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';
import { createCode } from '../lib/codes.mjs';
import { load } from '../lib/ours.mjs';
import { serveCalls } from '../lib/rpc.mjs';

/** The quickstart with an access token and an ID token, signed on the main thread or as the issuer signs. */
const [algorithm, mode] = process.argv.slice(2);
const { privateKey } =
  algorithm === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { createTokenRouter } = load('index.js');
const { createTokenIssuer } = load('tokens/index.js');
const { memoryCodes } = load('stores/memory.js');

const ISSUER = 'https://auth.example/';
const API = 'https://api.example/';
const { saveCode, findCode, consumeCode, revokeTokens } = memoryCodes();

/** What a host writes that has no issuer: jsonwebtoken, as everybody calls it. */
async function signOnMainThread({ code }) {
  const options = { algorithm, keyid: 'key', issuer: ISSUER, subject: code.userId, expiresIn: 3600 };
  const claims = { client_id: code.clientId, scope: code.scope, jti: randomUUID() };
  const access_token = jsonwebtoken.sign(claims, privateKey, { ...options, audience: API, header: { typ: 'at+jwt' } });
  const at_hash = createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url');
  const id_token = jsonwebtoken.sign({ at_hash }, privateKey, { ...options, audience: code.clientId });
  return { access_token, id_token, expires_in: 3600, scope: code.scope };
}

const issuer = createTokenIssuer({
  issuer: ISSUER,
  keys: [{ kid: 'key', privateKey }],
  apis: [{ identifier: API, lifetime: 3600, scopes: ['read'] }],
});

const app = express().use(
  createTokenRouter({
    findCode,
    consumeCode,
    revokeTokens,
    issueTokens: mode === 'main' ? signOnMainThread : issuer.issueTokens,
    rateLimit: false,
  }),
);
const server = createServer(app);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const delay = monitorEventLoopDelay({ resolution: 1 });
let cpu;
serveCalls({
  start: () => server.address().port,
  async prepare(count) {
    const codes = Array.from({ length: count }, () => createCode());
    for (const { code, record } of codes) {
      await saveCode(code, { ...record, userId: 'user 1', audience: API, nonce: null });
    }
    return codes.map(({ code, codeVerifier }) => ({ code, codeVerifier }));
  },
  begin() {
    globalThis.gc();
    cpu = process.cpuUsage();
    delay.reset();
    delay.enable();
  },
  end() {
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    // The histogram counts its own interval of a millisecond along.
    const blocked = (nanoseconds) => Math.max(nanoseconds / 1e6 - 1, 0);
    return {
      cpuMs: (user + system) / 1000,
      p50: blocked(delay.percentile(50)),
      p99: blocked(delay.percentile(99)),
      max: blocked(delay.max),
    };
  },
});
