// Counts the hidden classes of requests and responses, for fast.spec.ts: in a process of its own. V8 gives up sharing them once
// a program has made very many, and the other specs do. Arguments: the path of Express, and of examples/fast/app-server.js.
const { once } = require('node:events');
const { connect } = require('node:net');
const { setFlagsFromString } = require('node:v8');

setFlagsFromString('--allow-natives-syntax');
/** V8's own answer: objects of one hidden class are read by the same machine code. */
const haveOneClass = new Function('one', 'other', 'return %HaveSameMap(one, other)');
const [, , expressPath, serverPath] = process.argv;
const express = require(expressPath);
const { createAppServer } = require(serverPath);

/** How many of nine requests, and of their responses, have another class than the tenth. */
async function countClasses(serve) {
  const held = [];
  const app = express().use((req, res) => void held.push([req, res]));
  const server = serve(app);
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const sockets = Array.from({ length: 20 }, () => connect(server.address().port, '127.0.0.1'));
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  while (held.length < 20) await new Promise(setImmediate);
  for (const socket of sockets) socket.destroy();
  server.close();
  const others = held.slice(11);
  return [0, 1].map((at) => others.filter((each) => !haveOneClass(each[at], held[10][at])).length);
}

(async () => {
  const own = await countClasses(createAppServer);
  const plain = await countClasses((app) => app.listen(0, '127.0.0.1'));
  console.log(JSON.stringify({ own, plain }));
})();
