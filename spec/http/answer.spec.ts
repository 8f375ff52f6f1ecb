import express from 'express';
import { createRequest, createResponse } from 'node-mocks-http';
import request from 'supertest';
import { answer } from '../../lib/http/answer';
import { closeAfterAnswer } from '../../lib/http/connection';
import { createEndpoint, goodForm } from '../support/endpoint';

const answering = (write: (res: express.Response) => void) =>
  express()
    .set('etag', 'strong')
    .get('/', (_req, res) => write(res));

describe('answer', () => {
  it('writes JSON as it is: no charset, no ETag, the length in bytes', async () => {
    const body = '{"name":"Zoë €"}';
    const app = answering((res) => answer(res, 418, body, { 'X-A': 'b' }));
    const { status, text, headers } = await request(app).get('/').set('If-None-Match', '*');
    expect([status, text, headers['x-a']]).toEqual([418, body, 'b']);
    expect([headers['content-type'], headers['content-length'], headers.etag]).toEqual([
      'application/json',
      String(Buffer.byteLength(body)),
      undefined,
    ]);
  });

  it('keeps the fields that are set already, and its own media type', async () => {
    const app = answering((res) => {
      res.set({ 'Cache-Control': 'no-store', 'Content-Type': 'text/html' });
      answer(res, 200, '{}', {});
    });
    const { headers } = await request(app).get('/');
    expect([headers['cache-control'], headers['content-type']]).toEqual(['no-store', 'application/json']);
  });

  it('without a body has no media type, and a length of nothing', async () => {
    const { status, text, headers } = await request(
      answering((res) => answer(res, 200, undefined, { 'X-A': 'b' })),
    ).get('/');
    expect([status, text, headers['x-a']]).toEqual([200, '', 'b']);
    expect([headers['content-type'], headers['content-length']]).toEqual([undefined, '0']);
  });

  it('writes nothing where the host has answered already', async () => {
    const app = answering((res) => {
      res.status(503).send('too late');
      answer(res, 200, '{}', { 'X-A': 'b' });
    });
    const { status, text, headers } = await request(app).get('/');
    expect([status, text, headers['x-a']]).toEqual([503, 'too late', undefined]);
  });
});

describe('A response of a host with peculiarities', () => {
  it('gets the status before its head, for hosts that write the head themselves when the answer ends', async () => {
    const app = answering((res) => {
      const writeHead = res.writeHead.bind(res);
      const headers = new Map<string, string>();
      Object.assign(res, { writeHead: (_status: number, more: object) => headers.set('x-seen', JSON.stringify(more)) });
      const end = res.end.bind(res);
      Object.assign(res, {
        end: (body: string) => {
          writeHead(res.statusCode, Object.fromEntries(headers));
          end(body);
        },
      });
      answer(res, 400, '{}', {});
    });
    const { status, text, headers } = await request(app).get('/');
    expect([status, text]).toEqual([400, '{}']);
    expect(headers['x-seen']).toContain('application/json');
  });

  /** What @fastify/express does: a headersSent that knows of its own answers only. */
  const hideHead = (res: express.Response) => Object.defineProperty(res, 'headersSent', { get: () => false });

  it('is not answered twice where its headersSent is not Node’s', async () => {
    for (const before of [(res: express.Response) => res.end('host'), (res: express.Response) => res.write('host')]) {
      const app = answering((res) => {
        before(hideHead(res));
        answer(res, 200, '{}', { 'X-A': 'b' });
        res.end();
      });
      const { status, text, headers } = await request(app).get('/');
      expect([status, text, headers['x-a']]).toEqual([200, 'host', undefined]);
    }
  });

  it('spends no code where the host has answered and its headersSent is not Node’s', async () => {
    const endpoint = createEndpoint({
      async findCode(_code, req) {
        hideHead(req.res as express.Response);
        req.res?.status(504).send('gave up');
        return endpoint.code;
      },
    });
    const { status, text } = await endpoint.post();
    expect([status, text, endpoint.reasons()]).toEqual([504, 'gave up', ['answered_by_host']]);
    expect(endpoint.isSpent()).toBe(false);
  });

  it('is destroyed, and the fault reported, where a hook of the host throws as the head is written', async () => {
    const hook = new Error('a hook of a session store');
    const before: express.RequestHandler = (_req, res, next) => {
      Object.assign(res, {
        writeHead: () => {
          throw hook;
        },
      });
      next();
    };
    for (const form of [goodForm(), { ...goodForm(), code: 'unknown' }]) {
      const faults: unknown[] = [];
      const endpoint = createEndpoint({
        onOutcome: ({ reason, status, fault }) => faults.push([reason, status, fault]),
      });
      const app = express().use(before, endpoint.router);
      await expect(request(app).post('/oauth/token').type('form').send(form)).rejects.toThrow('socket hang up');
      expect(faults).toEqual([['unexpected', 500, hook]]);
    }
  });
});

describe('A host that answers in the middle of an exchange', () => {
  it('is heard, and the outcome is still reported', async () => {
    const endpoint = createEndpoint({
      issueTokens(_exchange, req) {
        req.res?.status(504).send('gave up');
        return { access_token: 'SECRET', expires_in: 1 };
      },
    });
    const { status, text } = await endpoint.post();
    expect([status, text, endpoint.reasons()]).toEqual([504, 'gave up', ['code_redeemed']]);
  });
});

describe('An answer that closes the connection', () => {
  it('ends at once for a request that no socket brought', () => {
    const req = createRequest<express.Request>();
    const res = createResponse<express.Response>({ req });
    closeAfterAnswer(Object.assign(req, { socket: {} }));
    answer(Object.assign(res, { req }), 413, '{}', {});
    expect([res.writableEnded, res.statusCode, res._getData(), res.getHeader('Connection')]).toEqual([
      true,
      413,
      '{}',
      'close',
    ]);
  });
});
