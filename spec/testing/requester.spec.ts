import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import request from 'supertest';
import { tokenEndpoint } from '../../lib/testing';
import { createSend, fetchFrom, NoAnswer } from '../../lib/testing/requester';
import { countResources } from '../support/resources';

const redemption = { code: 'a', codeVerifier: 'b' };
const sent = { method: 'GET', path: '/x', headers: {} };

it('Requests of the kit end where the app never answers, also under fake timers', async () => {
  const before = countResources('TCPSERVERWRAP');
  jest.useFakeTimers();
  try {
    const silent = express().use(() => {});
    const endless = express().use((_req, res) => {
      res.write('{');
    });
    const refused = [silent, endless].map((app) => expect(tokenEndpoint(app).redeem(redemption)).rejects);
    const none =
      'POST /oauth/token had no answer within 15 s: a middleware before the router did not call next(), or replaced res.end() and does not call the original one';
    const half =
      'POST /oauth/token had no whole answer within 15 s: the answer 200 was begun and did not end. Let the middleware that replaces res.end() or res.write() call the original one, and change no header there';
    await Promise.all([refused[0]?.toThrow(new NoAnswer(none)), refused[1]?.toThrow(new NoAnswer(half))]);
  } finally {
    jest.useRealTimers();
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(countResources('TCPSERVERWRAP')).toBe(before);
}, 60_000);

it('A request to a server of somebody else says that there was no answer, and closes its connection', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const server = createServer((req) => {
    closed = new Promise((resolve) => req.once('close', resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(fetchFrom(port, sent, { patience: 1000 })).rejects.toThrow(
    new NoAnswer('GET /x had no answer within 1 s'),
  );
  await closed;
  await new Promise((resolve) => server.close(resolve));
}, 30_000);

const showsConnection = express().use(({ socket: { remoteAddress, localPort } }, res) => {
  res.json({ remoteAddress, localPort });
});

it('A request of the kit comes from 127.0.0.1', async () => {
  const { body } = await createSend(showsConnection)(sent);
  expect(body).toMatchObject({ remoteAddress: '127.0.0.1' });
});

it('Nobody answers at the port of a request of the kit after its answer', async () => {
  const { body } = await createSend(showsConnection)(sent);
  await expect(fetchFrom(Number(Object(body).localPort), sent, {})).rejects.toThrow(/ECONNREFUSED/);
});

it('A request without a body has none over supertest', async () => {
  const app = express().use(express.text({ type: () => true }), ({ method, headers, body }, res) => {
    res.json({ method, length: headers['content-length'], type: headers['content-type'], body });
  });
  const { body } = await createSend(request(app))(sent);
  expect(body).toEqual({ method: 'GET' });
});

describe('A request that is held', () => {
  /** Sends it to a server that tells the parts of the body as they come. */
  async function hold(body: string | undefined, held: (release: () => void, arrived: Promise<string>) => void) {
    let tell = (_part: string) => {};
    const arrived = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const server = createServer(async (req, res) => {
      let text = '';
      for await (const part of req) {
        text += part;
        tell(text);
      }
      res.end(JSON.stringify({ text }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await fetchFrom(
      port,
      { method: 'POST', path: '/', headers: {}, body },
      { hold: (release) => held(release, arrived) },
    );
    await new Promise((resolve) => server.close(resolve));
    return answer.body;
  }

  it('has all of its body sent but the last byte, until it is released', async () => {
    const before: string[] = [];
    const body = await hold('a=b', async (release, arrived) => {
      before.push(await arrived);
      release();
    });
    expect({ before, body }).toEqual({ before: ['a='], body: { text: 'a=b' } });
  });

  it('is sent at once where it has no body', async () => {
    const held = jest.fn();
    expect(await hold(undefined, held)).toEqual({ text: '' });
    expect(held).not.toHaveBeenCalled();
  });
});

it('A request of the kit leaves no timer behind, which would keep the process alive', async () => {
  const before = countResources('Timeout');
  await createSend(showsConnection)(sent);
  for (let turn = 0; turn < 100 && countResources('Timeout') > before; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(countResources('Timeout')).toBe(before);
});
