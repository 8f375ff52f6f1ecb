import { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { parseArgs } from 'node:util';
import { createCodes } from './lib/codes.mjs';
import { median } from './lib/figures.mjs';
import { createHandWrittenCheck } from './lib/proofs.mjs';
import { createIssue, createKey } from './lib/tokens.mjs';
import { CLIENT_ID, HOST, PATH, REDIRECT_URI } from './lib/wire.mjs';

/**
 * What JavaScript alone costs: requests are put into the application without a socket, several builds of the package in one
 * process and in turns of a few milliseconds. Good for what `run.mjs` cannot see on a machine that others use: whether a
 * change saves two microseconds. No figure to show to anybody: the socket is most of a request.
 *
 *   node inject.mjs ../dist /tmp/changed/dist
 */
const { values: options, positionals: builds } = parseArgs({
  allowPositionals: true,
  options: {
    limited: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '300' },
    count: { type: 'string', default: '64' },
  },
});

process.env.NODE_ENV = 'production';
const require = createRequire(import.meta.url);
const key = createKey('opaque');
const parts = { mode: 'opaque', key, checkProof: createHandWrittenCheck(), ...createIssue('opaque', key) };
const rounds = Number(options.rounds);
const count = Number(options.count);

const express = require('express');
const { createRig: createBare } = await import('./rigs/bare-express.mjs');
const sides = [createSide('bare Express', createBare), ...builds.map((build) => createSide(build, rigOf(build)))];

for (let round = -Math.ceil(rounds / 3); round < rounds; round += 1) {
  // Whoever comes first in a round is another one each time.
  const turn = ((round % sides.length) + sides.length) % sides.length;
  for (const side of [...sides.slice(turn), ...sides.slice(0, turn)]) {
    const cost = await measure(side);
    if (round >= 0) side.costs.push(cost);
  }
}
for (const { title, costs } of sides) {
  const ratio = median(costs.map((cost, index) => cost / sides[0].costs[index]));
  console.log(`${median(costs).toFixed(1).padStart(7)} µs  ${ratio.toFixed(3)}×  ${title}`);
}

function createSide(title, createRig) {
  const codes = createCodes();
  return { title, codes, app: createRig({ ...parts, codes }), costs: [] };
}

function rigOf(build) {
  const { createTokenRouter } = require(`${build.startsWith('.') ? `${process.cwd()}/` : ''}${build}/index.js`);
  return ({ codes, issue }) =>
    express().use(
      createTokenRouter({
        findCode: codes.find,
        consumeCode: codes.consume,
        issueTokens: ({ code }) => issue(code),
        authenticateClient: ({ clientId }) => (clientId === CLIENT_ID ? { clientId } : undefined),
        ...(!options.limited && { rateLimit: false }),
      }),
    );
}

async function measure({ app, codes }) {
  const bodies = codes.save(count).map(({ code, codeVerifier }) => {
    const form = {
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      code,
      code_verifier: codeVerifier,
      redirect_uri: REDIRECT_URI,
    };
    return Buffer.from(new URLSearchParams(form).toString());
  });
  // Not the clock: other processes are preferred for longer than a turn takes.
  const before = process.cpuUsage();
  const statuses = await Promise.all(bodies.map((body) => inject(app, body)));
  const { user, system } = process.cpuUsage(before);
  const cost = (user + system) / count;
  if (statuses.some((status) => status !== 200)) throw new Error(`answered with ${statuses}`);
  return cost;
}

function inject(app, body) {
  return new Promise((resolve) => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    socket.remoteAddress = '127.0.0.1';
    const req = new IncomingMessage(socket);
    req.method = 'POST';
    req.url = PATH;
    req.httpVersionMajor = 1;
    req.httpVersionMinor = 1;
    const type = 'application/x-www-form-urlencoded';
    req.rawHeaders = ['Host', HOST, 'Content-Type', type, 'Content-Length', String(body.length)];
    req.headers = { host: HOST, 'content-type': type, 'content-length': String(body.length) };
    req.complete = true;
    req.push(body);
    req.push(null);
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    res.on('finish', () => {
      req.destroy();
      resolve(res.statusCode);
    });
    app(req, res);
  });
}
