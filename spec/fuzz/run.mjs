// Sends what nobody means to a server over raw sockets, for so many seconds: `npm run fuzz -- --seconds 60 [--seed N]`. Exits
// with 1 where an answer is a 5xx that the contract does not name, a connection hangs, the server goes down, or an honest
// login beside it is not served.
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGenerator, createRandom } from './generator.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    sockets: { type: 'string', default: '8' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
/** The server's own bounds are 1 s for a body and 4 s for a request; the rest is for a machine that is busy. */
const HANG_MS = 60_000;
const HEAP_GROWTH = 64 * 2 ** 20;

const count = { requests: 0, answers: 0, honest: 0, statuses: {} };
const problems = [];
const report = (what, sent) => {
  if (problems.length < 10)
    problems.push(sent ? `${what}\n${JSON.stringify(sent.toString('latin1').slice(0, 4000))}` : what);
};

const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: ['--expose-gc'] });
const waiting = new Map();
let asked = 0;
let isOver = false;
const { port } = await new Promise((resolve, reject) => {
  child.on('message', (message) => {
    if (message.port) resolve(message);
    if (message.crashed) report(`the server went down. ${message.crashed}`);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  child.once('exit', (code) => {
    if (!isOver) report(`the server ended with ${code}`);
    isOver = true;
    for (const answer of waiting.values()) answer({});
    reject(new Error('the server did not start'));
  });
});
const ask = (what) =>
  new Promise((resolve) => {
    if (isOver || !child.connected) return resolve({});
    asked += 1;
    waiting.set(asked, resolve);
    child.send({ id: asked, asked: what }, (error) => error && resolve({}));
  });

/** Writes the parts, and resolves with all that came back once the connection is closed. */
function exchange({ parts, delayMs, ending }) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let hangs;
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      received += text;
    });
    // A server that refuses what it has not read resets the connection.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(hangs);
      resolve({ received, isHung: false });
    });
    socket.on('connect', async () => {
      for (const part of parts) {
        socket.write(part);
        if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      }
      if (ending === 'half') socket.end();
      // A client that goes away is no answer to wait for; one that stays is sent away by the time-outs.
      if (ending === 'reset') setTimeout(() => socket.destroy(), 5);
    });
    hangs = setTimeout(() => {
      socket.destroy();
      resolve({ received, isHung: true });
    }, HANG_MS);
  });
}

const isNamed = (answer) =>
  answer.startsWith('503') && answer.includes('"temporarily_unavailable"') && /\r\nretry-after: /i.test(answer);

async function attack(number) {
  const random = createRandom(seed + number);
  const make = createGenerator(random);
  let code = 'no code';
  while (performance.now() < endsAt && !isOver) {
    if (random.chance(0.2)) ({ code = 'no code' } = await ask('code'));
    const made = make(code);
    const sent = Buffer.concat(made.parts);
    const { received, isHung } = await exchange(made);
    count.requests += 1;
    if (isHung) report(`a connection hung for ${HANG_MS} ms (${made.ending})`, sent);
    for (const answer of received.split(/(?:^|(?<=[\n}]))HTTP\/1\.1 (?=\d{3} )/).filter(Boolean)) {
      const status = answer.slice(0, 3);
      count.answers += 1;
      count.statuses[status] = (count.statuses[status] ?? 0) + 1;
      if (status.startsWith('5') && !isNamed(answer)) report(`answered with ${answer.slice(0, 300)}`, sent);
    }
  }
}

/** A login and a refresh, over and over: whoever is honest is served beside all that. */
async function beHonest() {
  const post = async (form) => {
    const url = `http://127.0.0.1:${port}/oauth/token`;
    const signal = AbortSignal.timeout(HANG_MS);
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'spa', ...form }),
      signal,
    });
    return { status: answer.status, body: await answer.json() };
  };
  while (performance.now() < endsAt && !isOver) {
    const { code } = await ask('code');
    if (!code) return;
    try {
      const redeemed = await post({
        grant_type: 'authorization_code',
        code,
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
        redirect_uri: 'https://app.example/callback',
      });
      const refreshed = await post({ grant_type: 'refresh_token', refresh_token: String(redeemed.body.refresh_token) });
      if (redeemed.status !== 200 || refreshed.status !== 200) {
        report(`an honest client was answered with ${JSON.stringify([redeemed, refreshed])}`);
      }
      count.honest += 1;
    } catch (error) {
      if (!isOver) report(`an honest client was not served: ${error}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

console.log(`fuzz: seed ${seed}, ${seconds} s, ${values.sockets} sockets`);
const before = await ask('memory');
const endsAt = performance.now() + seconds * 1000;
await Promise.all([beHonest(), ...Array.from({ length: Number(values.sockets) }, (_, index) => attack(index))]);
const after = await ask('memory');
for (const [reason, fault] of after.failures ?? []) report(`a request failed with ${reason}: ${fault}`);
const grown = after.heap - before.heap;
if (grown > HEAP_GROWTH) report(`the heap grew by ${(grown / 2 ** 20).toFixed(1)} MiB`);
if (count.honest === 0) report('no honest client was served');
if (count.answers === 0) report('nothing that was sent was worth an answer');
isOver = true;
if (child.connected) child.disconnect();

const statuses = Object.entries(count.statuses).map(([status, times]) => `${status}: ${times}`);
console.log(`fuzz: ${count.requests} connections, ${count.answers} answers (${statuses.join(', ')})`);
console.log(
  `fuzz: ${count.honest} honest logins with a refresh served beside it, heap ${(grown / 2 ** 20).toFixed(1)} MiB more`,
);
for (const problem of problems) console.error(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? 'fuzz: nothing found' : `fuzz: FAILED, run it again with --seed ${seed}`);
process.exitCode = problems.length === 0 ? 0 : 1;
