import express from 'express';
import serverlessHttp from 'serverless-http';
import { createEndpoint, goodForm } from '../support/endpoint';

interface FunctionAnswer {
  statusCode: number;
  body: string;
}
type Handle = (event: object) => Promise<FunctionAnswer>;

type App = ReturnType<typeof express>;

/** Its types want those of aws-lambda. */
const serverlessExpress = jest.requireActual<
  (options: { app: App }) => (event: object, context: object) => Promise<FunctionAnswer>
>('@codegenie/serverless-express');

const PACKAGES: Record<string, (app: App) => Handle> = {
  'serverless-http': (app) => {
    const handle = serverlessHttp(app as never);
    return async (event) => (await handle(event, {})) as FunctionAnswer;
  },
  '@codegenie/serverless-express': (app) => {
    const handle = serverlessExpress({ app });
    return (event) => handle(event, {});
  },
};

const PATH = '/oauth/token';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const listed = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
const encoded = (body: string) => ({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true });

/** Events as AWS documents them, from a client with this address. */
const EVENTS: Record<string, (body: string, address: string) => object> = {
  'API Gateway, payload 1.0': (body, sourceIp) => ({
    version: '1.0',
    httpMethod: 'POST',
    path: PATH,
    headers: FORM,
    multiValueHeaders: listed(FORM),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    requestContext: { identity: { sourceIp }, httpMethod: 'POST', path: PATH, stage: '$default' },
    body,
    isBase64Encoded: false,
  }),
  'API Gateway, payload 2.0': (body, sourceIp) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath: PATH,
    rawQueryString: '',
    headers: FORM,
    requestContext: { http: { method: 'POST', path: PATH, sourceIp }, stage: '$default' },
    body,
    isBase64Encoded: false,
  }),
  'a function URL': (body, sourceIp) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath: PATH,
    rawQueryString: '',
    headers: { ...FORM, 'x-forwarded-for': sourceIp },
    requestContext: { http: { method: 'POST', path: PATH, sourceIp }, domainName: 'abc.lambda-url.eu-west-1.on.aws' },
    ...encoded(body),
  }),
};
/** A load balancer tells of the client in a header alone: behind whatever the client wrote itself. */
const ALB_EVENTS: typeof EVENTS = {
  'a load balancer': (body, address) => ({
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b' } },
    httpMethod: 'POST',
    path: PATH,
    queryStringParameters: {},
    headers: { ...FORM, 'x-forwarded-for': `198.51.100.${Math.ceil(Math.random() * 250)}, ${address}` },
    body,
    isBase64Encoded: false,
  }),
  'a load balancer with lists of headers': (body, address) => ({
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b' } },
    httpMethod: 'POST',
    path: PATH,
    multiValueQueryStringParameters: {},
    multiValueHeaders: listed({ ...FORM, 'x-forwarded-for': address }),
    ...encoded(body),
  }),
};

const form = (more: Record<string, string> = {}) => new URLSearchParams({ ...goodForm(), ...more }).toString();

function createFunction(pack: string, { trustProxy = false as boolean | number } = {}) {
  const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
  const app = express().set('trust proxy', trustProxy).use(endpoint.router);
  const handle = (PACKAGES[pack] as (app: App) => Handle)(app);
  return { endpoint, handle };
}

const rows = Object.keys(PACKAGES).flatMap((pack) =>
  Object.keys(EVENTS).map((event): [string, string] => [pack, event]),
);

describe.each(rows)('On a function host, through %s behind %s,', (pack, event) => {
  const createEvent = EVENTS[event] as (body: string, address: string) => object;

  it('each address has its own count, and the form is served', async () => {
    const { endpoint, handle } = createFunction(pack);
    const [attacker, honest] = ['203.0.113.66', '203.0.113.9'];
    const guess = form({ code: 'a guess' });
    expect((await handle(createEvent(guess, attacker))).statusCode).toBe(400);
    expect((await handle(createEvent(guess, attacker))).statusCode).toBe(429);
    const { statusCode, body } = await handle(createEvent(form(), honest));
    expect([statusCode, JSON.parse(body)]).toMatchObject([200, { access_token: 'an access token' }]);
    expect(endpoint.reasons()).toEqual(['code_unknown', 'rate_limited', 'code_redeemed']);
  });

  it('IPv6 addresses of one subnet share a count', async () => {
    const { handle } = createFunction(pack);
    const guess = form({ code: 'a guess' });
    const statuses = [];
    for (const address of ['2001:db8:1:1::1', '2001:db8:1:1::2', '2001:db8:2:1::1']) {
      statuses.push((await handle(createEvent(guess, address))).statusCode);
    }
    expect(statuses).toEqual([400, 429, 400]);
  });
});

describe.each(Object.keys(ALB_EVENTS))('Through @codegenie/serverless-express behind %s,', (event) => {
  const createEvent = ALB_EVENTS[event] as (body: string, address: string) => object;
  const pack = '@codegenie/serverless-express';

  it('each address has its own count with trust proxy 1, and the form is served', async () => {
    const { endpoint, handle } = createFunction(pack, { trustProxy: 1 });
    const guess = form({ code: 'a guess' });
    const statuses = [];
    for (const address of ['203.0.113.66', '203.0.113.66', '203.0.113.9:4711']) {
      statuses.push((await handle(createEvent(guess, address))).statusCode);
    }
    expect(statuses).toEqual([400, 429, 400]);
    expect((await handle(createEvent(form(), '203.0.113.10'))).statusCode).toBe(200);
    expect(endpoint.reasons().at(-1)).toBe('code_redeemed');
  });

  it('nobody is believed without it: all share one count', async () => {
    const { handle } = createFunction(pack);
    const guess = form({ code: 'a guess' });
    expect((await handle(createEvent(guess, '203.0.113.66'))).statusCode).toBe(400);
    expect((await handle(createEvent(guess, '203.0.113.9'))).statusCode).toBe(429);
  });
});

it('An API Gateway behind a proxy of the host’s own: trust proxy decides, as it does everywhere', async () => {
  const { handle } = createFunction('serverless-http', { trustProxy: 1 });
  const through = (address: string) => ({
    ...(EVENTS['API Gateway, payload 2.0'] as never as (body: string, address: string) => object)(
      form({ code: 'a guess' }),
      '192.0.2.1',
    ),
    headers: { ...FORM, 'x-forwarded-for': address },
  });
  const statuses = [];
  for (const address of ['203.0.113.66', '203.0.113.66', '203.0.113.9']) {
    statuses.push((await handle(through(address))).statusCode);
  }
  expect(statuses).toEqual([400, 429, 400]);
});
