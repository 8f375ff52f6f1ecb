import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chunk, chunkedHead, openConnection } from '../support/raw';

const REQUESTS = 40;
const PIECES = 16_000;
const MB = 1024 * 1024;

/** What the server holds, after the collector has run. */
type Held = { rss: number; heap: number };

it.each([
  ['while it is read', ''],
  ['while the limiter asks its store', 'slow'],
])(
  'Bodies of one-byte pieces cost no more than they are long: %s',
  async (_when, mode) => {
    const server = fork(join(__dirname, '../support/memory.js'), [mode], { execArgv: ['--expose-gc'] });
    try {
      const [port] = (await once(server, 'message')) as [number];
      const measure = async (): Promise<Held> => {
        server.send('measure');
        const [held] = (await once(server, 'message')) as [Held];
        return held;
      };
      const before = await measure();
      const head = chunkedHead(['Content-Type: application/x-www-form-urlencoded']);
      const body = chunk('x').repeat(PIECES);
      const connections = [];
      for (let sent = 0; sent < REQUESTS; sent += 1) {
        const connection = await openConnection(port);
        await connection.write(`${head}${body}`);
        connections.push(connection);
      }
      // Each body is whole but for its end: all of them are held at once.
      for (let bytes = 0; bytes < REQUESTS * PIECES * 6; ) {
        server.send('bytes');
        [bytes] = (await once(server, 'message')) as [number];
      }
      const held = await measure();
      // 3.8 MB came over the wire. One object for each piece was 250 MB.
      expect(held.rss - before.rss).toBeLessThan(90 * MB);
      expect(held.heap - before.heap).toBeLessThan(15 * MB);
      for (const connection of connections) connection.destroy();
    } finally {
      server.kill();
    }
  },
  60_000,
);
