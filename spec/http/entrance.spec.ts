import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Request, type Response } from 'express';
import request from 'supertest';
import type { Deadline } from '../../lib/http/deadline';
import { createEntrance, type Enter } from '../../lib/http/entrance';
import type { Place } from '../../lib/http/place';
import { createRateLimit } from '../../lib/http/rate-limit';
import { createEndpoint, goodForm } from '../support/endpoint';
import { createGate } from '../support/gate';
import { type RawAnswer, rawPost, sendBytes, withServer } from '../support/raw';
import { expectRefusal } from '../support/refusals';
import { untilTrue } from '../support/until';

jest.setTimeout(120_000);

const FORM = 'application/x-www-form-urlencoded';
const ORIGIN = 'https://app.example';
/** Milliseconds for the bodies of thousands of requests: a busy machine takes its time to open them. */
const PATIENCE = 300_000;
const unavailable = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'The authorization server is not available now, try again',
};

const good = () => new URLSearchParams(goodForm()).toString();
const behindProxy = ({ router }: ReturnType<typeof createEndpoint>) => express().set('trust proxy', 1).use(router);
const postFrom = (port: number, address: string): Promise<RawAnswer> =>
  sendBytes(port, rawPost([`Content-Type: ${FORM}`, `X-Forwarded-For: ${address}`], good()));

/** Opens requests from one address whose body never ends, and notes what they are answered. */
async function drip(port: number, address: string, times: number) {
  const bytes = rawPost([`Content-Type: ${FORM}`, `X-Forwarded-For: ${address}`], good()).subarray(0, -10);
  const answers: string[] = [];
  const sockets: Socket[] = [];
  for (let i = 0; i < times; i += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', (chunk) => answers.push(chunk.toString('latin1')));
    await new Promise<void>((resolve) => socket.once('connect', () => socket.write(bytes, () => resolve())));
    sockets.push(socket);
  }
  return {
    answers,
    closed: () => sockets.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('Beyond maxInFlight', () => {
  it('the answer is 503, nothing is read, spent or counted, and the next one is served', async () => {
    const gate = createGate();
    const endpoint = createEndpoint({
      maxInFlight: 1,
      rateLimit: { limit: 1 },
      async findCode() {
        await gate.opened;
        return endpoint.code;
      },
    });
    const first = endpoint.post().then(({ status }) => status);
    await sleep(100);
    for (let i = 0; i < 3; i += 1) {
      const answer = await endpoint.post({});
      expectRefusal(answer, endpoint, { ...unavailable, reason: 'too_many_in_flight' });
      expect([answer.headers['retry-after'], answer.headers.ratelimit]).toEqual(['1', undefined]);
    }
    expect(endpoint.outcomes.at(-1)).toMatchObject({ outcome: 'failed', fault: expect.any(Error) });
    gate.open();
    expect(await first).toBe(200);
    expect((await endpoint.post({})).status).toBe(400);
  });

  it('a request counts until its last adapter has settled, though it has its answer', async () => {
    const gate = createGate();
    const endpoint = createEndpoint({
      maxInFlight: 1,
      adapterTimeout: 1000,
      findCode: () => gate.opened.then(() => null),
    });
    expect((await endpoint.post()).status).toBe(503);
    await endpoint.post();
    gate.open();
    await sleep(50);
    expect((await endpoint.post()).status).toBe(400);
    expect(endpoint.reasons()).toEqual(['adapter_timeout', 'too_many_in_flight', 'code_unknown']);
  });
});

describe('Beyond maxInFlightPerAddress', () => {
  const createBounded = (options: Parameters<typeof createEndpoint>[0] = {}) => {
    const gate = createGate();
    let asked = 0;
    const endpoint = createEndpoint({
      maxInFlightPerAddress: 2,
      consumeCode: () => true,
      async findCode() {
        asked += 1;
        if (asked <= 2) await gate.opened;
        return endpoint.code;
      },
      ...options,
    });
    return { endpoint, gate, untilBusy: () => untilTrue(() => asked >= 2) };
  };

  it('the answer is 503, and other addresses are served', async () => {
    const { endpoint, gate, untilBusy } = createBounded();
    await withServer(behindProxy(endpoint), async (port) => {
      const busy = [postFrom(port, '203.0.113.9'), postFrom(port, '203.0.113.9:4711')];
      await untilBusy();
      const refused = await postFrom(port, '::ffff:cb00:7109');
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect(endpoint.reasons()).toEqual(['too_many_in_flight_of_address']);
      expect((await postFrom(port, '203.0.113.10')).status).toBe(200);
      gate.open();
      expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200]);
    });
  });

  it('an address is a whole subnet of IPv6', async () => {
    const { endpoint, gate, untilBusy } = createBounded();
    await withServer(behindProxy(endpoint), async (port) => {
      const busy = [postFrom(port, '2001:db8::1'), postFrom(port, '[2001:db8::2]:4711')];
      await untilBusy();
      expect((await postFrom(port, '2001:db8::3')).status).toBe(503);
      gate.open();
      await Promise.all(busy);
    });
  });

  it.each<[string, Parameters<typeof createEndpoint>[0]]>([
    ['skip exempts them', { rateLimit: { skip: async ({ ip }) => ip === '203.0.113.9' } }],
    ['there is no limit', { rateLimit: false, maxInFlightPerAddress: undefined }],
  ])('requests are served where %s', async (_what, options) => {
    const { endpoint, gate, untilBusy } = createBounded(options);
    await withServer(behindProxy(endpoint), async (port) => {
      const busy = [postFrom(port, '203.0.113.9'), postFrom(port, '203.0.113.9')];
      await untilBusy();
      expect((await postFrom(port, '203.0.113.9')).status).toBe(200);
      gate.open();
      await Promise.all(busy);
    });
  });

  it('a skip that hangs does not hold the request for ever', async () => {
    const { endpoint, gate, untilBusy } = createBounded({
      adapterTimeout: 1500,
      rateLimit: { skip: async (req) => req.headers['x-hang'] === 'yes' && new Promise<boolean>(() => {}) },
    });
    const busy = [endpoint.post().then(() => 0), endpoint.post().then(() => 0)];
    await untilBusy();
    await Promise.all(busy);
    const answer = await endpoint.post().set('X-Hang', 'yes');
    expectRefusal(answer, endpoint, { ...unavailable, reason: 'adapter_timeout' });
    expect(String(endpoint.outcomes.at(-1)?.fault)).toMatch(/^Error: rateLimit did not answer/);
    gate.open();
  });
});

describe('A skip that fails where a bound is reached', () => {
  const fails: [string, () => Promise<boolean>][] = [
    [
      'throws',
      () => {
        throw new Error('config gone');
      },
    ],
    ['rejects', () => Promise.reject(new Error('config gone'))],
  ];

  it.each(fails)('exempts nobody, and is no fault of the request, where it %s', async (_how, fail) => {
    const gate = createGate();
    let asked = 0;
    const endpoint = createEndpoint({
      maxInFlightPerAddress: 1,
      rateLimit: { skip: (req) => req.headers['x-fails'] === 'yes' && fail() },
      async findCode() {
        asked += 1;
        await gate.opened;
        return endpoint.code;
      },
    });
    await withServer(endpoint.app, async (port) => {
      const busy = postFrom(port, '203.0.113.9');
      await untilTrue(() => asked === 1);
      const refused = await sendBytes(port, rawPost([`Content-Type: ${FORM}`, 'X-Fails: yes'], good()));
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect(endpoint.outcomes).toMatchObject([
        { outcome: 'failed', reason: 'rate_limit_store_failed', fault: new Error('config gone') },
      ]);
      gate.open();
      expect((await busy).status).toBe(200);
    });
  });
});

describe('An entrance', () => {
  const bounds = { maxInFlight: 10, maxInFlightPerAddress: 5000 };
  const deadlineOf = () => ({}) as Deadline;
  const requestOf = (members: object) => members as Request;
  const enterAs = (enter: Enter, members: object) => enter(requestOf(members), {} as Response) as Place;

  it('without a limit tells those who send apart by the address of their connection', () => {
    const enter = createEntrance({ ...bounds, rateLimit: false }, { limit: undefined, deadlineOf });
    const [honest, attacker] = ['203.0.113.9', '198.51.100.66'].map((remoteAddress) => ({ socket: { remoteAddress } }));
    const first = enterAs(enter, honest as object);
    const attack = Array.from({ length: 4000 }, () => enterAs(enter, attacker as object));
    expect([first.state, attack[0]?.state, attack[1]?.state]).toEqual(['sending', 'lost', 'sending']);
  });

  it('without a limit has no bound for one address', async () => {
    const bound = { ...bounds, maxInFlightPerAddress: 1, rateLimit: false } as const;
    const enter = createEntrance(bound, { limit: undefined, deadlineOf });
    const places = [enterAs(enter, {}), await enterAs(enter, {})];
    expect(places.map(({ state }) => state)).toEqual(['sending', 'sending']);
  });

  it('without a limit takes requests that no socket brought', () => {
    const enter = createEntrance({ ...bounds, rateLimit: false }, { limit: undefined, deadlineOf });
    const [one, another] = [enterAs(enter, {}), enterAs(enter, { socket: {} })];
    expect(one.caller).toBe(another.caller);
  });

  it.each([
    [56, true],
    [64, false],
  ])('with a limit tells them apart by subnets of /%i: %p', (ipv6Subnet, isSame) => {
    const rateLimit = { ipv6Subnet };
    const enter = createEntrance({ ...bounds, rateLimit }, { limit: createRateLimit(rateLimit), deadlineOf });
    const [one, another] = ['2001:db8:0:100::1', '2001:db8:0:101::1'].map((ip) => enterAs(enter, { ip }).caller);
    expect(one === another).toBe(isSame);
  });
});

describe('500 preflights at once', () => {
  const preflight = ({ app }: ReturnType<typeof createEndpoint>) =>
    request(app)
      .options('/oauth/token')
      .set({ Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' })
      .then(({ status }) => status);

  it('are bounded while allowedOrigins runs, and all are answered in the end', async () => {
    const gate = createGate();
    let running = 0;
    const endpoint = createEndpoint({
      maxInFlightPerAddress: 20,
      adapterTimeout: 8000,
      actTimeout: 1000,
      async allowedOrigins() {
        running += 1;
        await gate.opened;
        return true;
      },
    });
    await withServer(endpoint.app, async (port) => {
      const bytes = Buffer.from(
        rawPost([`Origin: ${ORIGIN}`, 'Access-Control-Request-Method: POST'], '')
          .toString()
          .replace('POST', 'OPTIONS'),
      );
      const answers = Promise.all(Array.from({ length: 500 }, () => sendBytes(port, bytes)));
      await untilTrue(() => endpoint.outcomes.length === 480);
      expect(running).toBe(20);
      gate.open();
      const statuses = (await answers).map(({ status }) => status);
      expect([204, 503].map((status) => statuses.filter((each) => each === status).length)).toEqual([20, 480]);
      expect(new Set(endpoint.reasons())).toEqual(new Set(['too_many_in_flight_of_address']));
    });
    expect(await preflight(endpoint)).toBe(204);
  });

  it('give their place back where allowedOrigins fails or hangs', async () => {
    const endpoint = createEndpoint({
      maxInFlightPerAddress: 1,
      adapterTimeout: 50,
      allowedOrigins: async () => Promise.reject(new Error('database gone')),
    });
    expect([await preflight(endpoint), await preflight(endpoint)]).toEqual([500, 500]);
  });
});

describe('Addresses that drip bodies', () => {
  it.each([2, 4])('%i of them with 1,000 each refuse no honest client', async (attackers) => {
    const endpoint = createEndpoint({ consumeCode: () => true, bodyTimeout: PATIENCE });
    await withServer(behindProxy(endpoint), async (port) => {
      const drips = await Promise.all(
        Array.from({ length: attackers }, (_, index) => drip(port, `198.51.100.${index}`, 1000)),
      );
      try {
        for (let i = 0; i < 20; i += 1) expect((await postFrom(port, `203.0.113.${i}`)).status).toBe(200);
        expect(endpoint.reasons().filter((reason) => reason === 'code_redeemed').length).toBe(20);
      } finally {
        for (const each of drips) each.end();
      }
    });
  });

  it('lose their oldest where there are too many: it is answered, closed and not counted', async () => {
    const endpoint = createEndpoint({
      consumeCode: () => true,
      rateLimit: { limit: 1 },
      maxInFlightPerAddress: 5000,
      bodyTimeout: PATIENCE,
    });
    await withServer(behindProxy(endpoint), async (port) => {
      const attack = await drip(port, '198.51.100.66', 4000);
      try {
        await sleep(200);
        expect(endpoint.outcomes).toEqual([]);
        expect((await postFrom(port, '203.0.113.9')).status).toBe(200);
        await untilTrue(() => attack.closed() === 1);
        expect(attack.answers.join('')).toMatch(
          /^HTTP\/1\.1 503 .*\r\nConnection: close\r\n.*temporarily_unavailable/s,
        );
        await untilTrue(() => endpoint.outcomes.length === 2);
        expect(new Set(endpoint.reasons())).toEqual(new Set(['sender_displaced', 'code_redeemed']));
      } finally {
        attack.end();
      }
    });
  });
});

describe('With a credential', () => {
  it('20 of one address are in authenticateClient at once, and those that wait too long do not begin', async () => {
    const gate = createGate();
    let begun = 0;
    const endpoint = createEndpoint({
      adapterTimeout: 2000,
      rateLimit: { limit: 1000 },
      async authenticateClient({ method, clientId }) {
        if (method === 'none') return { clientId };
        begun += 1;
        await gate.opened;
        return null;
      },
    });
    await withServer(behindProxy(endpoint), async (port) => {
      const guess = (address: string) =>
        sendBytes(
          port,
          rawPost([`Content-Type: ${FORM}`, `X-Forwarded-For: ${address}`], `${good()}&client_secret=a+guess`),
        );
      const guesses = Promise.all(Array.from({ length: 50 }, () => guess('198.51.100.66')));
      await untilTrue(() => begun === 20);
      const another = guess('198.51.100.67');
      await untilTrue(() => begun === 21);
      expect((await postFrom(port, '198.51.100.66')).status).toBe(200);
      expect(new Set((await guesses).map(({ status }) => status))).toEqual(new Set([503]));
      gate.open();
      await another;
      await sleep(50);
      expect(begun).toBe(21);
    });
  });
});
