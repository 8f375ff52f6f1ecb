import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKER, attackerAt, toPost } from '../traffic.mjs';
import { success } from './limiter.mjs';

const CHUNK = '1\r\nx\r\n';
const CHUNKED = ['Transfer-Encoding: chunked'];
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** Bodies and headers that come slowly, in crumbs, or for ever. */
export const bodies = [
  {
    name: 'crumbs',
    row: '5',
    title: '100 requests at once, each body sent as 16,000 chunks of one byte (9.6 MB in all)',
    host: {},
    async drive({ traffic, codes, note }) {
      const given = await codes(100);
      const honest = traffic.offerHonest(given, { rate: 20, seconds: 5 });
      await sleep(500);
      const body = CHUNK.repeat(16_000);
      const connections = times(100, (index) => start(traffic, attackerAt(index % 10)));
      for (const connection of connections) {
        connection.write(body);
        await connection.drain();
      }
      note('MiB sent', (100 * body.length) / 2 ** 20);
      await sleep(2000);
      await Promise.all(connections.map((connection) => finish(traffic, connection, '0\r\n\r\n')));
      await honest;
    },
    check: ({ honest, figures, notes }) => [
      success(honest, 1, 0.95),
      // The bytes sent and a constant.
      { what: 'growth of RSS in MiB', is: figures.rssGrowth, atMost: notes['MiB sent'] + 64, widelyAtMost: 192 },
    ],
  },
  {
    name: 'endless',
    row: '6',
    title: 'one address parks 200 bodies that never end',
    host: {},
    quickHost: { router: { bodyTimeout: 2000 } },
    async drive({ traffic, codes, note, isQuick }) {
      const seconds = isQuick ? 4 : 14;
      const given = await codes(20 * seconds);
      const honest = traffic.offerHonest(given, { rate: 20, seconds });
      const connections = times(200, () => start(traffic, ATTACKER));
      const ended = await Promise.all(
        connections.map(async (connection) => {
          connection.write(CHUNK);
          const [, ms] = await Promise.all([
            finish(traffic, connection, '', seconds * 1000),
            connection.ended(seconds * 1000),
          ]);
          return ms;
        }),
      );
      note('still open at the end', ended.filter((ms) => ms === undefined).length);
      await honest;
    },
    check: ({ honest, notes }) => [
      success(honest, 1, 0.95),
      { what: 'bodies that are still waited for', is: notes['still open at the end'], atMost: 0 },
    ],
  },
  {
    name: 'after-413',
    row: '7',
    title: '300,000 chunks of one byte after the 413',
    host: {},
    async drive({ traffic, codes, look, note }) {
      const given = await codes(60);
      const before = await look();
      const connection = start(traffic, ATTACKER);
      connection.write(`5000\r\n${'x'.repeat(0x5000)}\r\n`);
      const answering = finish(traffic, connection, '', 4000);
      await Promise.race([answering, sleep(500)]);
      const slice = CHUNK.repeat(10_000);
      let written = 0;
      for (let part = 0; part < 30 && connection.isOpen(); part += 1) {
        connection.write(slice);
        await Promise.race([connection.drain(), sleep(500)]);
        if (connection.isOpen()) written += 10_000;
        await sleep(5);
      }
      const ended = await connection.ended(2000);
      const { cpuMs } = await look();
      note('chunks the server let in', written);
      note('connection', ended === undefined ? 'still open' : 'closed');
      note('CPU ms', cpuMs - before.cpuMs);
      await traffic.offerHonest(given, { rate: 20, seconds: 3 });
      await answering;
    },
    check: ({ honest, notes }) => [
      success(honest, 1, 0.95),
      { what: 'CPU ms', is: notes['CPU ms'], atMost: 200, widelyAtMost: 400 },
      { what: 'connections read on', is: notes.connection === 'closed' ? 0 : 1, atMost: 0 },
    ],
  },
  {
    name: 'slow-headers',
    row: 'slow-loris',
    title: '500 connections of one address send a byte of a header now and then',
    host: {},
    async drive({ traffic, codes, isQuick }) {
      const seconds = isQuick ? 3 : 10;
      const given = await codes(20 * seconds);
      const honest = traffic.offerHonest(given, { rate: 20, seconds });
      const connections = times(500, () => traffic.open(ATTACKER));
      for (const connection of connections)
        connection.write('POST /oauth/token HTTP/1.1\r\nHost: auth.example\r\nX-A: ');
      await drip(connections, 'a', seconds);
      await honest;
    },
    check: ({ honest }) => [success(honest, 1, 0.95)],
  },
  {
    name: 'slow-bodies',
    row: 'slow-loris',
    title: '500 bodies of one address that come a byte at a time',
    host: {},
    ...dripping({ addresses: 1, each: 500 }),
  },
  {
    name: 'two-drip',
    row: 'two addresses',
    title: 'two addresses drip 1,000 bodies each',
    host: {},
    ...dripping({ addresses: 2, each: 1000 }),
  },
  {
    name: 'four-drip',
    row: 'four addresses',
    title: 'four addresses drip 1,000 bodies each',
    host: {},
    ...dripping({ addresses: 4, each: 1000 }),
  },
];

function dripping({ addresses, each }) {
  return {
    async drive({ traffic, codes, note, isQuick }) {
      const seconds = isQuick ? 3 : 15;
      const given = await codes(20 * seconds);
      const connections = [];
      const waiting = [];
      for (let index = 0; index < addresses * each; index += 1) {
        const connection = start(traffic, attackerAt(index % addresses));
        connections.push(connection);
        waiting.push(finish(traffic, connection, '', seconds * 1000));
        // All at once they would not fit into the queue of the listening socket.
        if (index % 50 === 49) await sleep(10);
      }
      const honest = traffic.offerHonest(given, { rate: 20, seconds });
      await drip(connections, CHUNK, seconds);
      note('still open at the end', connections.filter((connection) => connection.isOpen()).length);
      await honest;
      await Promise.all(waiting);
    },
    check: ({ honest }) => [success(honest, 1, 0.9)],
  };
}

/** Begins a chunked request. */
function start(traffic, address) {
  const connection = traffic.open(address);
  connection.startedAt = performance.now();
  connection.write(`${toPost({}, { address, headers: CHUNKED }).head}\r\n\r\n`);
  return connection;
}

async function finish(traffic, connection, bytes, patienceMs) {
  connection.write(bytes);
  const { status } = await connection.answer(patienceMs);
  traffic.attack.record(status, performance.now() - connection.startedAt);
}

/** A byte a second to each, in slices: the generator must stay free for the honest ones. */
async function drip(connections, bytes, seconds) {
  const SLICES = 20;
  for (let tick = 0; tick < seconds * SLICES; tick += 1) {
    for (let index = tick % SLICES; index < connections.length; index += SLICES) connections[index].write(bytes);
    await sleep(1000 / SLICES);
  }
}
