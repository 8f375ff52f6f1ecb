import express, { type Request } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { addressOf, digestOfAddress } from '../lib/address';

/** The address of a request whose socket has `remoteAddress`, as an Express app sees it. */
async function addressIn(
  app: express.Express,
  remoteAddress: string | undefined,
  { event, headers = {} }: { event?: unknown; headers?: Record<string, string> } = {},
): Promise<unknown> {
  app.use((req, res) => {
    Object.defineProperty(req.socket, 'remoteAddress', { value: remoteAddress });
    if (event !== undefined) Object.assign(req, { requestContext: event });
    res.json(addressOf(req) ?? null);
  });
  return (await request(app).get('/').set(headers)).body;
}

const behind = (hops: number) => {
  const app = express();
  app.set('trust proxy', hops);
  return app;
};

/** The address that is found where a gateway writes this into `X-Forwarded-For`. */
async function addressBehindProxy(forwarded: string): Promise<string | undefined> {
  let found: string | undefined;
  const app = express().set('trust proxy', 1);
  app.use((req, res) => {
    found = addressOf(req);
    res.end();
  });
  await request(app).get('/').set('X-Forwarded-For', forwarded);
  return found;
}

const seenAs = (ip: string | undefined) => ({ ip }) as Request;

describe('The address of a client', () => {
  it.each([
    ['IPv4', '203.0.113.9', '203.0.113.9'],
    ['IPv4 with a port', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv4 in brackets, as nobody should write it', '[203.0.113.9]:4711', '203.0.113.9'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ['IPv6 in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 with a port', '[2001:db8::1]:4711', '2001:db8::1'],
    ['IPv6 in another letter case', '2001:DB8::AF', '2001:db8::af'],
    ['IPv6 in another spelling', '2001:0db8:0000:0:0::0001', '2001:db8::1'],
    ['a zone', 'fe80::1%eth0', 'fe80::1'],
    ['a zone with a dot and a hyphen', 'fe80::1%br-lan.100', 'fe80::1'],
    ['a zone and a port', '[fe80::1%eth0]:4711', 'fe80::1'],
    ['IPv4 written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['IPv4 written as IPv6 in hexadecimal', '::ffff:cb00:7109', '203.0.113.9'],
    ['IPv4 written as IPv6 in hexadecimal, small', '::ffff:a00:1', '10.0.0.1'],
    ['IPv4 written as IPv6 in hexadecimal, zero', '::ffff:0:0', '0.0.0.0'],
    ['IPv4 written as IPv6 in full', '0000:0000:0000:0000:0000:ffff:203.0.113.9', '203.0.113.9'],
    ['IPv4 written as IPv6, in capitals', '::FFFF:203.0.113.9', '203.0.113.9'],
    ['IPv4 written as IPv6, with a port', '[::ffff:203.0.113.9]:4711', '203.0.113.9'],
    ['IPv4 written as IPv6, with a port but no brackets', '::ffff:203.0.113.9:4711', '203.0.113.9'],
    ['IPv4 written as IPv6, with a zone', '::ffff:203.0.113.9%1', '203.0.113.9'],
    ['an IPv6 address that only looks like IPv4', '64:ff9b::cb00:7109', '64:ff9b::cb00:7109'],
    ['an IPv6 address that ends as IPv4 does', '2001:db8::ffff:cb00:7109', '2001:db8::ffff:cb00:7109'],
    ['an IPv6 address that begins as IPv4 does', '::ffff:cb00:7109:1', '::ffff:cb00:7109:1'],
    ['the highest address', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('is read from %s', async (_what, forwarded, expected) => {
    expect(await addressBehindProxy(forwarded)).toBe(expected);
    expect(addressOf(seenAs(forwarded))).toBe(expected);
  });

  it.each([
    ['a word', 'unknown'],
    ['an obfuscated name', '_hidden'],
    ['a name of a host', 'client.example'],
    ['a name of a host with a port', 'client.example:4711'],
    ['IPv4 with too many parts', '203.0.113.9.9'],
    ['IPv4 with leading zeros', '203.000.113.009'],
    ['IPv4 with a part that is too large', '203.0.113.256:4711'],
    ['IPv4 with a port of six digits', '203.0.113.9:123456'],
    ['IPv4 with an empty port', '203.0.113.9:'],
    ['IPv4 as a number', '3405803785'],
    ['a bracket that does not close', '[2001:db8::1'],
    ['a bracket with something behind it', '[2001:db8::1]x'],
    ['a bracket with something before it', 'x[2001:db8::1]'],
    ['a bracket with a port and something before it', 'x[2001:db8::1]:4711'],
    ['IPv4 with a port and a bracket before it', ']203.0.113.9:4711'],
    ['IPv4 with a port and another before it', '[198.51.100.7]203.0.113.9:4711'],
    ['brackets in brackets', '[[2001:db8::1]]:4711'],
    ['nothing in brackets', '[]:4711'],
    ['nothing but a zone', '%eth0'],
    ['nothing but a port', ':4711'],
    ['a URL', 'http://203.0.113.9'],
    ['what would end the host of a URL', '2001:db8::1]/?x=['],
    ['a space', '203.0.113.9 4711'],
  ])('is unknown if there is %s instead of it', async (_what, forwarded) => {
    expect(await addressBehindProxy(forwarded)).toBeUndefined();
    expect(addressOf(seenAs(forwarded))).toBeUndefined();
  });

  it('is unknown over a Unix socket, and if the client is gone', () => {
    expect(addressOf(seenAs(undefined))).toBeUndefined();
  });

  it('is the same, however the gateway writes it', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(65_535), (ipv4, port) => {
        const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
        const hex = `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
        for (const written of [ipv4, `${ipv4}:${port}`, `::ffff:${ipv4}`, hex, `[${hex}]:${port}`, `${hex}%eth0`]) {
          expect(addressOf(seenAs(written))).toBe(ipv4);
        }
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.nat(65_535), (ipv6, port) => {
        const expected = addressOf(seenAs(ipv6));
        expect(expected).toEqual(expect.any(String));
        for (const written of [`[${ipv6}]`, `[${ipv6}]:${port}`, `${ipv6}%eth0`, ipv6.toUpperCase(), expected]) {
          expect(addressOf(seenAs(written))).toBe(expected);
        }
      }),
    );
  });

  it('is always a valid address or undefined, and never throws', () => {
    const alphabet = fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.[]%xX/ '), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), alphabet), (written) => {
        const address = addressOf(seenAs(written));
        expect(address === undefined || /^[\da-f:.]+$/.test(address)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('The digest of an address', () => {
  it('is the same for each spelling, and does not hold the address', () => {
    const digest = digestOfAddress(seenAs('203.0.113.9'));
    expect(digest).toMatch(/^[\w-]{43}$/);
    expect(digestOfAddress(seenAs('[::ffff:cb00:7109]:4711'))).toBe(digest);
    for (const other of ['203.0.113.10', 'unknown', undefined]) {
      expect(digestOfAddress(seenAs(other))).not.toBe(digest);
    }
  });
});

describe('On a function host, where no socket has an address,', () => {
  const REST = { identity: { sourceIp: '203.0.113.9' } };
  const HTTP = { http: { sourceIp: '2001:db8::9' } };
  const ALB = { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a' } };

  it.each<[string, unknown, string | null]>([
    ['that of a REST API’s event', REST, '203.0.113.9'],
    ['that of an HTTP API’s event', HTTP, '2001:db8::9'],
    ['none where the event has none', ALB, null],
    ['none where the event is null', null, null],
    ['none where the identity is null', { identity: null, http: null }, null],
    ['none where the address is something else', { identity: { sourceIp: 'test-invoke-source-ip' } }, null],
    ['none where it is no text', { identity: { sourceIp: ['203.0.113.9'] } }, null],
    ['none without an event', undefined, null],
  ])('it is %s', async (_what, event, expected) => {
    expect(await addressIn(express(), '', { event })).toBe(expected);
    expect(await addressIn(express(), undefined, { event })).toBe(expected);
  });

  it('behind an ALB, it is the last one of X-Forwarded-For, once that proxy is trusted', async () => {
    const headers = { 'X-Forwarded-For': '198.51.100.66, 203.0.113.9' };
    expect(await addressIn(express(), '', { event: ALB, headers })).toBeNull();
    expect(await addressIn(behind(1), '', { event: ALB, headers })).toBe('203.0.113.9');
  });

  it('an ip that a package writes over Express’s does not hide what trust proxy finds', async () => {
    const headers = { 'X-Forwarded-For': '198.51.100.66, 203.0.113.9' };
    const overwrite: express.RequestHandler = (req, _res, next) => {
      Object.defineProperty(req, 'ip', { value: '192.0.2.1' });
      next();
    };
    expect(await addressIn(behind(1).use(overwrite), '192.0.2.1', { headers })).toBe('203.0.113.9');
    expect(await addressIn(express().use(overwrite), '192.0.2.7', { headers })).toBe('192.0.2.1');
  });

  it('the address that Express finds counts before the one of the event', async () => {
    expect(await addressIn(express(), '198.51.100.7', { event: REST })).toBe('198.51.100.7');
  });
});

describe('Inside Fastify, which writes ip and ips of its own,', () => {
  // Fastify's ips begin with the proxy. Express's begin with the client.
  const fastify = (ip: string, ips: string[] | undefined): express.RequestHandler => {
    return (req, _res, next) => {
      for (const [name, value] of Object.entries({ ip, ips })) Object.defineProperty(req, name, { value });
      next();
    };
  };

  it.each<[string, string[] | undefined]>([
    ['that Fastify found behind its proxies', ['10.0.0.1', '203.0.113.9']],
    ['of the socket where Fastify trusts no proxy', undefined],
  ])('the address is the one %s', async (_what, ips) => {
    for (const hops of [0, 1]) {
      const headers = { 'X-Forwarded-For': '198.51.100.66' };
      expect(await addressIn(behind(hops).use(fastify('203.0.113.9', ips)), '10.0.0.1', { headers })).toBe(
        '203.0.113.9',
      );
    }
  });
});
