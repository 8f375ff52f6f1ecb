import { channel } from 'node:diagnostics_channel';
import type { RequestListener } from 'node:http';
import { createProbe } from '../../lib/testing/inspect-probe';
import { fetchFrom, NoAnswer } from '../../lib/testing/requester';
import { createEndpoint, goodForm } from '../support/endpoint';

const outcomes = channel('express-token-router:outcome');
const GET = { method: 'GET', path: '/token' };

describe('A probe', () => {
  it('serves the app on 127.0.0.1 alone, and nobody answers once it is closed', async () => {
    const app: RequestListener = ({ socket: { localAddress, localPort } }, res) => {
      res.end(JSON.stringify({ localAddress, localPort }));
    };
    const probe = await createProbe(app);
    const { response } = await probe.send(GET);
    probe.close();
    expect(response.body).toMatchObject({ localAddress: '127.0.0.1' });
    const { localPort } = Object(response.body);
    await expect(fetchFrom(localPort, { ...GET, headers: {} }, {})).rejects.toThrow(/ECONNREFUSED/);
  });

  it('cuts off those who are connected, when it is closed', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const probe = await createProbe(() => arrive());
    const unanswered = expect(probe.send(GET)).rejects.toThrow(/the app closed the connection/);
    await arrived;
    probe.close();
    await unanswered;
  });

  it('listens to outcomes until it is closed', async () => {
    const probe = await createProbe(createEndpoint().app);
    const body = new URLSearchParams(goodForm()).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const { outcome, req } = await probe.send({ method: 'POST', path: '/oauth/token', body, headers });
    expect([outcome?.reason, req?.method, outcomes.hasSubscribers]).toEqual(['code_redeemed', 'POST', true]);
    probe.close();
    expect(outcomes.hasSubscribers).toBe(false);
  });

  it.each<[string, RequestListener, string]>([
    [
      'does not answer',
      () => {},
      'no answer within 0.3 s: a middleware before the router did not call next(), or replaced res.end() and does not call the original one',
    ],
    [
      'does not end its answer',
      (_req, res) => void res.writeHead(418).write('{'),
      'no whole answer within 0.3 s: the answer 418 was begun and did not end. Let the middleware that replaces res.end() or res.write() call the original one, and change no header there',
    ],
  ])('gives up after its patience where the app %s', async (_what, app, silence) => {
    const probe = await createProbe(app, 300);
    await expect(probe.send(GET)).rejects.toThrow(new NoAnswer(`GET /token had ${silence}`));
    probe.close();
  });
});
