// One node of several: an app in a process of its own, on the package as it is built, in front of a store that all share.
// It tells its parent its port, and on demand which grants it has made tokens for and which reasons it gave.
const express = require('express');
const { createTokenRouter } = require('../../dist/index.js');
const { createStore } = require('./store.js');

const { STORE, STORE_PORT, ADAPTER_TIMEOUT = '4000', CLOCK_OFFSET = '0' } = process.env;

// A node whose clock is wrong: all that asks for the time gets it wrong.
let offset = Number(CLOCK_OFFSET);
const now = Date.now.bind(Date);
Date.now = () => now() + offset;

async function main() {
  const store = await createStore(STORE, Number(STORE_PORT));
  const issued = [];
  const reasons = {};
  let dieBeforeAnswer = false;

  const app = express();
  app.use(
    createTokenRouter({
      findCode: store.codes.findCode,
      consumeCode: store.codes.consumeCode,
      revokeTokens: store.codes.revokeTokens,
      async issueTokens({ code }) {
        if (dieBeforeAnswer) process.kill(process.pid, 'SIGKILL');
        issued.push(code.grantId);
        await store.countIssued?.(code.grantId);
        return { access_token: code.grantId, expires_in: 60 };
      },
      rateLimit: false,
      adapterTimeout: Number(ADAPTER_TIMEOUT),
      onOutcome({ reason }) {
        reasons[reason] = (reasons[reason] ?? 0) + 1;
      },
    }),
  );
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  server.keepAliveTimeout = 60_000;

  process.on('message', (message) => {
    if (message === 'report') process.send({ issued, reasons });
    if (typeof message === 'number') offset += message;
    if (message === 'die before the answer') dieBeforeAnswer = true;
  });
  process.on('disconnect', () => process.exit());
}

main();
