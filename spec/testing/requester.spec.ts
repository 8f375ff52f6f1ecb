import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { tokenEndpoint } from '../../lib/testing';
import { fetchFrom, NoAnswer } from '../../lib/testing/requester';

const redemption = { code: 'a', codeVerifier: 'b' };
const sent = { method: 'GET', path: '/x', headers: {} };

const portsInUse = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP').length;

it('Requests of the kit end where the app never answers, also under fake timers', async () => {
  const before = portsInUse();
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
  expect(portsInUse()).toBe(before);
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
