import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { startExample } from './example';

jest.setTimeout(60_000);

const folder = join(__dirname, '../../examples');
// Before they listen, these look for a store, and there is none.
const NEED_A_STORE = ['cluster', 'postgres', 'redis'];
const names = readdirSync(folder).filter(
  (name) => existsSync(join(folder, name, 'server.js')) && !NEED_A_STORE.includes(name),
);

describe('An example whose port is taken', () => {
  const other = createServer();
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    ({ port } = other.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => other.close(resolve)));

  it.each(names)('says so and ends, and does not say that it serves: %s', async (name) => {
    const { printed, ended } = await startExample(name, {}, { port });
    expect([printed, await ended]).toEqual([expect.stringMatching(/EADDRINUSE|is taken/), 1]);
    expect(printed).not.toContain('Ctrl-C');
  });
});
