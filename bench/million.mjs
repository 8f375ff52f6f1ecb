import { fork } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createConnection } from './lib/connection.mjs';
import { createRequest } from './lib/wire.mjs';

/**
 * One million requests in one run, of every kind: good ones, with DPoP too, and what clients do wrong. Fails where one is
 * answered with a 5xx or otherwise than it must be, where one hangs, or where memory is not flat:
 *
 *   node million.mjs            a million
 *   node million.mjs --quick    60,000, as CI runs it
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    requests: { type: 'string' },
    connections: { type: 'string', default: '64' },
  },
});
const total = Number(options.requests ?? (options.quick ? 60_000 : 1_000_000));
const STEPS = 10;
/** MiB from the first tenth to the last. Ten bytes a request of a million would be as much. */
const GROWTH_LIMIT = 10;
/** For a machine that is busy; the router itself gives up after 9.5 s. */
const HANG_MS = 60_000;

const server = fork(fileURLToPath(new URL('./lib/million-server.mjs', import.meta.url)), { execArgv: ['--expose-gc'] });
const problems = [];
let told = () => {};
server.on('message', (message) => {
  if (message.fault) problems.push(message.fault);
  else told(message);
});
server.on('exit', (code) => code && problems.push(`the server ended with ${code}`));
const tell = (asked) =>
  new Promise((resolve) => {
    told = resolve;
    if (asked) server.send(asked);
  });
const { port } = await tell();

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const header = Buffer.from(
  JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) }),
).toString('base64url');
function prove() {
  const claims = {
    jti: randomUUID(),
    htm: 'POST',
    htu: 'http://auth.example/oauth/token',
    iat: Math.floor(Date.now() / 1000),
  };
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

let sent = 0;
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
/** With a field more, in front of the others. */
const withField = (bytes, field) => Buffer.from(bytes.toString('latin1').replace('\r\n', `\r\n${field}\r\n`), 'latin1');
const good = (more = {}) => createRequest({ code: `code-${sent}`, codeVerifier, ...more });
/** Thousands of addresses, so that honest ones are not limited for what others do. */
const addressOf = (number) => `198.18.${(number >> 8) & 255}.${number & 255}`;

/** Each kind with its share of a hundred, what is sent, and how it must be answered. */
const KINDS = [
  [60, 'good', () => good(), [200]],
  [10, 'good, as JSON', () => good({ isJson: true }), [200]],
  [8, 'good, with DPoP', () => good({ proof: prove() }), [200]],
  [4, 'good, of a page', () => withField(good(), 'Origin: https://app.example'), [200]],
  [4, 'a wrong verifier', () => good({ codeVerifier: 'a'.repeat(43) }), [400, 429]],
  [4, 'an unknown code', () => createRequest({ code: `unknown-${sent}`, codeVerifier }), [400, 429]],
  [3, 'a replay', () => createRequest({ code: 'code-0', codeVerifier }), [400, 429]],
  [3, 'a bad proof', () => good({ proof: 'a.b.c' }), [400, 429]],
  [2, 'a secret that nobody asked for', () => withField(good(), 'Authorization: Basic YTpi'), [400, 401, 429]],
  [1, 'malformed JSON', () => malformedJson(), [400, 429]],
  [1, 'a GET', () => Buffer.from('GET /oauth/token HTTP/1.1\r\nHost: auth.example\r\n\r\n'), [405, 429]],
];
const malformedJson = () =>
  Buffer.from(
    'POST /oauth/token HTTP/1.1\r\nHost: auth.example\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{',
  );
const DECK = KINDS.flatMap((kind) => Array.from({ length: kind[0] }, () => kind));
const counts = new Map();

async function work(until) {
  let connection = createConnection(port);
  while (sent < until && problems.length < 10) {
    sent += 1;
    // 37 and 100 share no divisor: each kind comes in its share, and they mix.
    const [, name, make, allowed] = DECK[(sent * 37) % 100];
    const isGood = name.startsWith('good');
    const address = isGood ? addressOf(sent % 4096) : `203.0.113.${sent % 250}`;
    const bytes = withField(make(), `X-Forwarded-For: ${address}`);
    let timer;
    const hangs = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${HANG_MS} ms`)), HANG_MS);
    });
    try {
      const { status, head } = await Promise.race([connection.send(bytes), hangs]);
      const key = `${name}: ${status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (!allowed.includes(status)) problems.push(`${name} was answered with ${status}`);
      if (/\r\nconnection: close/i.test(head)) {
        connection.close();
        connection = createConnection(port);
      }
    } catch (error) {
      problems.push(`${name}: ${error.message}`);
      connection.close();
      connection = createConnection(port);
    }
    clearTimeout(timer);
  }
  connection.close();
}

const startedAt = performance.now();
const heaps = [];
console.log('| requests | seconds | heap after collection | RSS |\n| ---: | ---: | ---: | ---: |');
let last;
for (let step = 1; step <= STEPS; step += 1) {
  const until = Math.round((total * step) / STEPS);
  await Promise.all(Array.from({ length: Number(options.connections) }, () => work(until)));
  // The counts of the limiter's window are over by then.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  last = await tell('measure');
  heaps.push(last.heap);
  const seconds = (performance.now() - startedAt) / 1000;
  const row = [
    sent.toLocaleString('en'),
    seconds.toFixed(0),
    `${last.heap.toFixed(1)} MiB`,
    `${last.rss.toFixed(0)} MiB`,
  ];
  console.log(`| ${row.join(' | ')} |`);
}
server.disconnect();

const seconds = (performance.now() - startedAt) / 1000 - STEPS * 6;
const growth = heaps.at(-1) - heaps[0];
console.log(
  `\n${sent.toLocaleString('en')} requests in ${seconds.toFixed(0)} s (${(sent / seconds).toFixed(0)} a second), on ${options.connections} connections`,
);
for (const [key, times] of [...counts].sort()) console.log(`  ${key.padEnd(42)} ${times.toLocaleString('en')}`);
console.log(
  `heap after collection: ${heaps[0].toFixed(1)} MiB after the first tenth, ${heaps.at(-1).toFixed(1)} MiB at the end`,
);
if (growth > GROWTH_LIMIT) problems.push(`the heap grew by ${growth.toFixed(1)} MiB`);
for (const problem of problems.slice(0, 10)) console.error(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? 'no 5xx, no hang, flat memory' : 'FAILED');
process.exitCode = problems.length === 0 ? 0 : 1;
