import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net';
import { createHttpsFetch, type HttpsOptions } from '../../lib/clients/https';
import { fetchJson } from '../../lib/clients/json-document';
import { createCertificate } from './support/certificate';
import { createDocumentsServer, type DocumentsServer, HOST } from './support/documents-server';

let server: DocumentsServer;
beforeAll(async () => {
  server = await createDocumentsServer();
  server.serveJson('/document', { good: true });
});
afterAll(() => server.close());
afterEach(() => jest.restoreAllMocks());
beforeEach(() => {
  server.asked.length = 0;
  server.resolved.length = 0;
});

const read = (url: string, options: HttpsOptions = {}) => fetchJson(server.createFetch(options), url);
const publicOnly = { isAllowedAddress: undefined };

describe('A document is fetched', () => {
  it('from the address that the name has', async () => {
    expect((await read(server.urlOf('/document'))).json).toEqual({ good: true });
    expect([server.asked, server.resolved]).toEqual([['/document'], [HOST]]);
  });

  it('with its query', async () => {
    server.serveJson('/document?a=1', { query: 1 });
    expect((await read(server.urlOf('/document?a=1'))).json).toEqual({ query: 1 });
  });

  it('from an address that stands in the URL, without a resolver', async () => {
    expect((await read(`https://127.0.0.1:${server.port}/document`)).json).toEqual({ good: true });
    expect(server.resolved).toEqual([]);
  });

  it('with the name of the URL as Host, and nothing that says who asks', async () => {
    let seen: unknown;
    server.serve('/headers', ({ headers }, res) => {
      seen = headers;
      res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
    await read(server.urlOf('/headers'));
    expect(seen).toEqual({
      host: `${HOST}:${server.port}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
      connection: 'close',
    });
  });

  it('with all fields of one name', async () => {
    server.serve('/fields', (_req, res) => {
      const fields = { 'Content-Type': 'application/json', 'Cache-Control': ['max-age=7200', 'no-store'] };
      res.writeHead(200, fields).end('{}');
    });
    expect((await read(server.urlOf('/fields'))).lifetimeMs).toBe(60_000);
  });

  it('from the second address where the first does not answer', async () => {
    // Nobody listens on the first one.
    const resolve = async () => ['127.0.0.2', '127.0.0.1'];
    const { json } = await read(server.urlOf('/document'), { resolve, isAllowedAddress: () => true });
    expect(json).toEqual({ good: true });
  });

  it('if Node.js asks for only one address of a name', async () => {
    const isDefault = getDefaultAutoSelectFamily();
    setDefaultAutoSelectFamily(false);
    try {
      expect((await read(server.urlOf('/document'))).json).toEqual({ good: true });
    } finally {
      setDefaultAutoSelectFamily(isDefault);
    }
  });

  it('from localhost without a name server, where that is allowed', async () => {
    const certificate = createCertificate(['localhost']);
    const local = await createDocumentsServer(certificate);
    try {
      local.serveJson('/document', { local: true });
      const fetch = createHttpsFetch({ ca: certificate.cert, isAllowedAddress: () => true });
      expect((await fetchJson(fetch, `https://localhost:${local.port}/document`)).json).toEqual({ local: true });
    } finally {
      await local.close();
    }
  });
});

describe('No connection is made', () => {
  const leadingTo =
    (...addresses: string[]) =>
    async () =>
      addresses;

  it.each([
    'https://127.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://017700000001/',
    'https://127.1/',
    'https://0/',
    'https://①②⑦.0.0.1/',
  ])('to a literal that is not public: %s', async (url) => {
    await expect(read(url, publicOnly)).rejects.toThrow(/leads to \S+, port 443, which is not allowed$/);
    expect([server.asked, server.resolved]).toEqual([[], []]);
  });

  it.each([
    ['a private address', ['10.0.0.1']],
    ['one public and one private address', ['93.184.216.34', '10.0.0.1']],
    ['one private and one public address', ['127.0.0.1', '93.184.216.34']],
    ['a private IPv6 address beside a public IPv4 address', ['93.184.216.34', 'fd00::1']],
    ['what is no address', ['internal.example']],
  ])('to a name that has %s', async (_what, addresses) => {
    const reading = read(`https://${HOST}/document`, { ...publicOnly, resolve: leadingTo(...addresses) });
    await expect(reading).rejects.toThrow(/which is not allowed$/);
    expect(server.asked).toEqual([]);
  });

  it('to another port than 443', async () => {
    const reading = read('https://93.184.216.34:8443/', publicOnly);
    await expect(reading).rejects.toThrow('93.184.216.34 leads to 93.184.216.34, port 8443, which is not allowed');
  });

  it('to a name without an address', async () => {
    const reading = read(server.urlOf('/document'), { resolve: leadingTo() });
    await expect(reading).rejects.toThrow(`${HOST} has no address`);
  });

  it('to localhost, by default', async () => {
    for (const name of ['localhost', 'LOCALHOST', 'a.localhost', 'localhost.']) {
      await expect(fetchJson(createHttpsFetch(), `https://${name}/`)).rejects.toThrow('leads to 127.0.0.1');
    }
  });

  it('to localhost, if one of its two addresses is not allowed', async () => {
    const asked: unknown[] = [];
    const isAllowedAddress = (address: string, port: number) => {
      asked.push([address, port]);
      return address !== '::1';
    };
    const reading = fetchJson(createHttpsFetch({ isAllowedAddress }), 'https://localhost:8443/');
    await expect(reading).rejects.toThrow('localhost leads to ::1, port 8443, which is not allowed');
    expect(asked).toEqual([
      ['127.0.0.1', 8443],
      ['::1', 8443],
    ]);
  });

  it.each(['localhost.example', 'localhost.example.', 'mylocalhost', 'localhosts'])(
    'to %s as to localhost: name servers are asked for it',
    async (name) => {
      const asked: string[] = [];
      const answer = (async (asks: string) => {
        asked.push(asks);
        return ['10.0.0.1'];
      }) as never;
      jest.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(answer);
      jest.spyOn(dns.Resolver.prototype, 'resolve6').mockImplementation(answer);
      await expect(fetchJson(createHttpsFetch(), `https://${name}/`)).rejects.toThrow(`${name} leads to 10.0.0.1`);
      expect(asked).toEqual([name, name]);
    },
  );

  it('to an address among those of both families that name servers know', async () => {
    const { prototype } = dns.Resolver;
    const resolve4 = jest.spyOn(prototype, 'resolve4').mockImplementation((async () => ['93.184.216.34']) as never);
    const resolve6 = jest.spyOn(prototype, 'resolve6').mockImplementation((async () => ['fd00::1']) as never);
    const reading = fetchJson(createHttpsFetch(), 'https://client.example/');
    await expect(reading).rejects.toThrow('client.example leads to fd00::1, port 443');
    expect([resolve4.mock.calls, resolve6.mock.calls]).toEqual([[['client.example']], [['client.example']]]);
  });

  it('to a name that no name server knows', async () => {
    const unknown = (async () => Promise.reject(new Error('ENOTFOUND'))) as never;
    jest.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(unknown);
    jest.spyOn(dns.Resolver.prototype, 'resolve6').mockImplementation(unknown);
    await expect(fetchJson(createHttpsFetch(), 'https://client.invalid/')).rejects.toThrow(
      'client.invalid has no address',
    );
  });

  it('to a name whose name server is silent, which is asked twice for each family', async () => {
    const silent = createSocket('udp4');
    const asked: number[] = [];
    // The type of a question is in the last but one of its 16-bit fields (RFC 1035 §4.1.2), before any extension.
    const typeOf = (question: Buffer) => question.readUInt16BE(question.indexOf(Buffer.from([0]), 12) + 1);
    silent.on('message', (question) => asked.push(typeOf(question))).bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const { resolve4 } = dns.Resolver.prototype;
    let restore = () => {};
    jest.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(function (this: dns.Resolver, name: string) {
      const servers = this.getServers();
      restore = () => this.setServers(servers);
      this.setServers([`127.0.0.1:${silent.address().port}`]);
      return Reflect.apply(resolve4, this, [name]);
    } as never);
    const given = { headers: {}, redirect: 'manual', signal: new AbortController().signal } as const;
    try {
      await expect(createHttpsFetch()('https://client.example/', given)).rejects.toThrow(
        'client.example has no address',
      );
    } finally {
      restore();
      silent.close();
    }
    expect(asked.sort((a, b) => a - b)).toEqual([1, 1, 28, 28]);
  }, 60_000);

  it('to another address where the name changes between the check and the connection', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const resolve = async () => answers.shift() ?? ['127.0.0.3'];
    const { json } = await read(server.urlOf('/document'), { resolve });
    expect([json, answers]).toEqual([{ good: true }, [['127.0.0.2']]]);
  });

  it('to a server with the certificate of another name', async () => {
    const other = await createDocumentsServer(createCertificate(['other.example']));
    try {
      other.serveJson('/document', {});
      await expect(fetchJson(other.createFetch(), other.urlOf('/document'))).rejects.toThrow(/altnames/);
      expect(other.asked).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('to a server with a certificate that nobody signed', async () => {
    await expect(read(server.urlOf('/document'), { ca: undefined })).rejects.toThrow(/self-signed certificate/);
    expect(server.asked).toEqual([]);
  });
});

describe('isAllowedAddress', () => {
  it.each<[string, () => unknown]>([
    ['a promise', () => Promise.resolve(false)],
    ['a promise of true', () => Promise.resolve(true)],
    ['a word', () => 'no'],
    ['1', () => 1],
    ['nothing', () => {}],
  ])('allows with true and nothing else: %s', async (_what, isAllowedAddress) => {
    const reading = read(server.urlOf('/document'), { isAllowedAddress: isAllowedAddress as () => boolean });
    await expect(reading).rejects.toThrow('which is not allowed');
    expect(server.asked).toEqual([]);
  });
});
