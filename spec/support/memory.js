/** A server that tells what it holds. With `slow` its limiter never comes to an end. */
const express = require('express');
const { createTokenRouter } = require('../../dist');

const rateLimit = process.argv[2] === 'slow' ? { skip: () => new Promise(() => {}) } : {};
const never = () => null;
const router = createTokenRouter({
  findCode: never,
  consumeCode: () => false,
  issueTokens: never,
  adapterTimeout: 9000,
  actTimeout: 500,
  bodyTimeout: 60_000,
  rateLimit,
});
const sockets = [];
const server = express()
  .use(router)
  .listen(0, '127.0.0.1', () => process.send(server.address().port));
server.on('connection', (socket) => sockets.push(socket));
process.on('message', (asked) => {
  if (asked === 'bytes') process.send(sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0));
  else {
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send({ rss, heap: heapUsed + external });
  }
});
process.on('disconnect', () => process.exit());
