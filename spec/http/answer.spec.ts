import express from 'express';
import { createRequest, createResponse } from 'node-mocks-http';
import request from 'supertest';
import { answer } from '../../lib/http/answer';
import { closeAfterAnswer } from '../../lib/http/connection';
import { createEndpoint } from '../support/endpoint';

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

  it('writes nothing where the host has answered already', async () => {
    const app = answering((res) => {
      res.status(503).send('too late');
      answer(res, 200, '{}', { 'X-A': 'b' });
    });
    const { status, text, headers } = await request(app).get('/');
    expect([status, text, headers['x-a']]).toEqual([503, 'too late', undefined]);
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
