import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import * as http from 'node:http';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';
import { createAppServer } from '../../examples/fast/app-server.js';
import { createCode } from '../lib/codes.mjs';
import { load } from '../lib/ours.mjs';
import { serveCalls } from '../lib/rpc.mjs';

/**
 * The quickstart with an access token and an ID token, signed on the main thread, as the issuer signs, or not at all; on the
 * server of `app.listen` or on that of examples/fast.
 */
const [algorithm, mode, serverKind] = process.argv.slice(2);
const { privateKey } =
  algorithm !== 'ES256'
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

/** What is left of a redemption without its signatures: the same lengths, random. */
const unsigned = randomBytes(600).toString('base64url');
const issueUnsigned = ({ code }) => ({
  access_token: `${randomUUID()}.${unsigned}`,
  id_token: `${randomUUID()}.${unsigned}`,
  expires_in: 3600,
  scope: code.scope,
});

const ISSUE = { main: signOnMainThread, issuer: issuer.issueTokens, none: issueUnsigned };

const app = express().use(
  createTokenRouter({
    findCode,
    consumeCode,
    revokeTokens,
    issueTokens: ISSUE[mode],
    rateLimit: false,
  }),
);
const server = serverKind === 'fast' ? createAppServer(app) : http.createServer(app);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/**
 * How long this thread has waited for a core so far, by the kernel's account, in milliseconds. On a machine that others
 * use as well, a late timer says nothing of who was late; without that wait it says how long the loop itself was busy.
 */
const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
const buffer = Buffer.alloc(64);
// The second of three numbers. Read without a string a millisecond, which the collector would have to clear away.
function waited() {
  readSync(schedstat, buffer, 0, 64, 0);
  let nanoseconds = 0;
  for (let at = buffer.indexOf(' ') + 1; buffer[at] !== 32; at += 1) nanoseconds = nanoseconds * 10 + buffer[at] - 48;
  return nanoseconds / 1e6;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
/** The pauses of the garbage collector: the loop is blocked for them, whoever signs. */
let pauses = [];
const note = (entries) => pauses.push(...entries.map(({ duration }) => duration));
const collections = new PerformanceObserver((list) => note(list.getEntries()));
let cpu;
let sampler;
let busy;

/** A timer of a millisecond that notes how late it was, less the wait for a core. */
function sample() {
  let before = performance.now();
  let waitedBefore = waited();
  busy = [];
  sampler = setInterval(() => {
    const now = performance.now();
    const waitedNow = waited();
    busy.push(Math.max(now - before - 1 - (waitedNow - waitedBefore), 0));
    before = now;
    waitedBefore = waitedNow;
  }, 1);
}

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
    collections.observe({ entryTypes: ['gc'] });
    pauses = [];
    sample();
  },
  end() {
    clearInterval(sampler);
    delay.disable();
    note(collections.takeRecords());
    collections.disconnect();
    const { user, system } = process.cpuUsage(cpu);
    busy.sort((a, b) => a - b);
    const quantile = (share) => busy[Math.min(Math.floor(busy.length * share), busy.length - 1)];
    return {
      cpuMs: (user + system) / 1000,
      // The histogram counts its own interval of a millisecond along.
      late: Math.max(delay.max / 1e6 - 1, 0),
      p50: quantile(0.5),
      p99: quantile(0.99),
      max: quantile(1),
      collected: Math.max(0, ...pauses),
    };
  },
});
