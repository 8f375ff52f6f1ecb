import express, { type Request } from 'express';
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

describe('The address of a client', () => {
  it.each<[string | undefined, string | undefined]>([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['[::FFFF:203.0.113.9]:80', '203.0.113.9'],
    ['203.0.113.999', undefined],
    ['unknown', undefined],
    ['_hidden', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p is %p', (ip, expected) => {
    expect(addressOf({ ip } as Request)).toBe(expected);
  });

  it('is digested, so that a store need not keep it', () => {
    const digest = digestOfAddress({ ip: '203.0.113.9' } as Request);
    expect(digest).toMatch(/^[\w-]{43}$/);
    expect(digest).toBe(digestOfAddress({ ip: '::ffff:203.0.113.9' } as Request));
    expect(digest).not.toBe(digestOfAddress({ ip: undefined } as never));
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

  it('the event never counts before what Express finds', async () => {
    expect(await addressIn(express(), '198.51.100.7', { event: REST })).toBe('198.51.100.7');
  });
});
