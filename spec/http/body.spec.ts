import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import express, { type Request, type RequestHandler } from 'express';
import request from 'supertest';
import { holdBody, interruptBody, readBody } from '../../lib/http/body';
import { createEndpoint, goodForm } from '../support/endpoint';
import { hangUpAfter, rawPost, sendBytes, withServer } from '../support/raw';
import { expectRedeemable, expectRefusal, type Refusal } from '../support/refusals';

const FORM = 'application/x-www-form-urlencoded';
const form = new URLSearchParams(goodForm()).toString();
const json = JSON.stringify(goodForm());

const send = (endpoint: ReturnType<typeof createEndpoint>, type: string, body: string | Buffer, headers = {}) =>
  request(endpoint.app)
    .post('/oauth/token')
    .set(headers)
    .type(type)
    .serialize((sent) => sent)
    .send(body as string);

const unsupported: Refusal = { status: 415, error: 'invalid_request', reason: 'media_type_unsupported' };
const charset: Refusal = { status: 415, error: 'invalid_request', reason: 'charset_unsupported' };
const coding: Refusal = { status: 415, error: 'invalid_request', reason: 'content_encoding_unsupported' };
const malformed: Refusal = { error: 'invalid_request', reason: 'body_malformed' };

describe('POST /oauth/token accepts', () => {
  it.each([
    ['a form', FORM, form],
    ['a form that names its charset', `${FORM};charset=utf-8`, form],
    ['a form that names its charset in capitals', `${FORM}; charset=UTF-8`, form],
    ['a form that quotes its charset', `${FORM}; charset="utf-8"`, form],
    ['a form in capitals', 'Application/X-WWW-Form-URLencoded', form],
    ['a form that claims ISO-8859-1', `${FORM}; charset=ISO-8859-1`, form],
    ['a form with other bytes in a parameter we do not know', FORM, Buffer.from(`${form}&state=\xff%FF`, 'latin1')],
    ['a form whose names are percent-encoded', FORM, form.replace('code=', 'c%6Fde=')],
    ['a JSON object', 'application/json', json],
    ['a JSON object that names its charset', 'application/json; charset=utf-8', json],
    ['a JSON object with a blank before the semicolon', 'application/json ; charset=utf-8', json],
    ['a JSON object with a parameter that only begins like charset', 'application/json; charsets=utf-16', json],
    ['a JSON object in capitals', 'APPLICATION/JSON;CHARSET=UTF-8', json],
    ['a JSON object behind a byte order mark', 'application/json', Buffer.from(`\ufeff${json}`)],
  ])('%s', async (_what, type, body) => {
    const endpoint = createEndpoint();
    const answer = await send(endpoint, type, body);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('a body that names the identity coding', async () => {
    const endpoint = createEndpoint();
    const answer = await send(endpoint, FORM, form, { 'Content-Encoding': 'identity' });
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });
});

describe('POST /oauth/token refuses', () => {
  it.each<[string, string, string | Buffer, Refusal]>([
    ['text', 'text/plain', form, unsupported],
    ['multipart', 'multipart/form-data; boundary=x', form, unsupported],
    ['a media type that only begins like ours', 'application/jsonp', json, unsupported],
    ['a structured suffix', 'application/vnd.api+json', json, unsupported],
    ['a media type list', `${FORM}, application/json`, form, unsupported],
    ['UTF-16', 'application/json; charset=utf-16', json, charset],
    ['JSON that claims ISO-8859-1', 'application/json; charset=iso-8859-1', json, charset],
    ['a form in UTF-7, without a blank', `${FORM};charset=utf-7`, form, charset],
    ['a form in UTF-7, with blanks', `${FORM};  charset = utf-7`, form, charset],
    ['a form in UTF-7', `${FORM}; charset=utf-7`, form, charset],
    ['a charset that begins like ours', `${FORM}; charset=utf-8x`, form, charset],
    ['a charset that ends like ours', `${FORM}; charset=xutf-8`, form, charset],
    ['a form whose charset only begins like ISO-8859-1', `${FORM}; charset=iso-8859-15`, form, charset],
    ['a form whose charset only ends like ISO-8859-1', `${FORM}; charset=x-iso-8859-1`, form, charset],
    ['two charsets, the second of which is wrong', `${FORM}; charset=utf-8; charset=utf-16`, form, charset],
    ['JSON cut short', 'application/json', json.slice(0, -1), malformed],
    ['JSON that is empty', 'application/json', '', malformed],
    ['JSON in bytes that are no UTF-8', 'application/json', Buffer.from('{"code":"\xff"}', 'latin1'), malformed],
    ['a JSON array', 'application/json', `[${json}]`, malformed],
    ['a JSON string', 'application/json', '"code"', malformed],
    ['JSON null', 'application/json', 'null', malformed],
    ['a JSON number', 'application/json', '1', malformed],
    [
      'thousands of parameters',
      FORM,
      `${form}${'&a'.repeat(2000)}`,
      { error: 'invalid_request', reason: 'parameters_too_many' },
    ],
  ])('%s', async (_what, type, body, refusal) => {
    const endpoint = createEndpoint();
    expectRefusal(await send(endpoint, type, body), endpoint, refusal);
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });

  it.each([
    ['no media type', []],
    ['an empty media type', ['Content-Type:']],
  ])('a body of %s', async (_what, headers) => {
    const endpoint = createEndpoint();
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, rawPost(headers, form)));
    expect([answer.status, endpoint.reasons()]).toEqual([415, ['media_type_unsupported']]);
  });

  it.each([
    ['gzip', gzipSync(form)],
    ['GZIP', gzipSync(form)],
    ['br', form],
    ['identity, gzip', gzipSync(form)],
    ['xidentity', form],
  ])('a body in the coding %s', async (encoding, body) => {
    const endpoint = createEndpoint();
    expectRefusal(await send(endpoint, FORM, body, { 'Content-Encoding': encoding }), endpoint, coding);
    expect(endpoint.calls).toEqual([]);
  });
});

describe('The number of parameters', () => {
  const known = Object.keys(goodForm()).length;

  it.each([
    [1000, 200, 'code_redeemed'],
    [1001, 400, 'parameters_too_many'],
  ])('of %i gives %i', async (count, status, reason) => {
    const endpoint = createEndpoint();
    const answer = await send(endpoint, FORM, `${form}${'&a'.repeat(count - known)}`);
    expect([answer.status, endpoint.reasons()]).toEqual([status, [reason]]);
  });

  it('is told to whoever sends too many', async () => {
    const endpoint = createEndpoint();
    const answer = await send(endpoint, FORM, `${form}${'&a'.repeat(1000)}`);
    expect(answer.body.error_description).toBe('The request has too many parameters');
  });
});

describe('The size of the body', () => {
  const padded = (bytes: number) => `${form}&pad=`.padEnd(bytes, 'x');
  const tooLarge: Refusal = {
    status: 413,
    error: 'invalid_request',
    description: 'The request body is too large',
    reason: 'body_too_large',
  };

  it.each([
    ['the default', {}, 16 * 1024],
    ['a number of bytes', { bodyLimit: 400 }, 400],
    ['a string', { bodyLimit: '400b' }, 400],
    ['a string without a unit', { bodyLimit: '400' }, 400],
    ['kilobytes', { bodyLimit: '2KB' }, 2048],
    ['megabytes', { bodyLimit: '1mb' }, 1024 * 1024],
  ])('may be as large as the limit and not one byte more: %s', async (_what, options, limit) => {
    const endpoint = createEndpoint(options);
    expectRefusal(await send(endpoint, FORM, padded(limit + 1)), endpoint, tooLarge);
    expect(endpoint.calls).toEqual([]);
    expect((await send(endpoint, FORM, padded(limit))).status).toBe(200);
  });

  it('is counted where no Content-Length tells it', async () => {
    const endpoint = createEndpoint();
    const head = ['POST /oauth/token HTTP/1.1', 'Host: a', `Content-Type: ${FORM}`, 'Transfer-Encoding: chunked'];
    const piece = `${'a='.padEnd(4096, 'x')}`;
    const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
    const bytes = `${head.join('\r\n')}\r\nConnection: close\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`;
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, bytes));
    expect([answer.status, JSON.parse(answer.body).error, endpoint.reasons()]).toEqual([
      413,
      'invalid_request',
      ['body_too_large'],
    ]);
  });

  it('of 10 MB ends in a refusal, and the connection serves on', async () => {
    const endpoint = createEndpoint();
    await withServer(endpoint.app, async (port) => {
      const url = `http://127.0.0.1:${port}/oauth/token`;
      const headers = { 'Content-Type': FORM };
      const answer = await fetch(url, { method: 'POST', headers, body: padded(10_000_000) });
      expect([answer.status, endpoint.reasons()]).toEqual([413, ['body_too_large']]);
      expect((await fetch(url, { method: 'POST', headers, body: form })).status).toBe(200);
    });
  });
});

describe('A body that does not end', () => {
  const head = ['POST /oauth/token HTTP/1.1', 'Host: a', `Content-Type: ${FORM}`, 'Content-Length: 1000'];
  const begun = `${head.join('\r\n')}\r\nConnection: close\r\n\r\n${form}`;

  it('is refused after bodyTimeout, with a sentence that says so', async () => {
    const endpoint = createEndpoint({ bodyTimeout: 300 });
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, begun));
    expect([answer.status, JSON.parse(answer.body), endpoint.reasons()]).toEqual([
      408,
      { error: 'invalid_request', error_description: 'The request body did not arrive in time' },
      ['body_timeout'],
    ]);
  });

  it('counts as truncated as soon as it is interrupted', async () => {
    const req = Object.assign(new Readable({ read() {} }), {
      headers: { 'content-type': FORM },
      rawHeaders: ['content-type', FORM],
    }) as unknown as Request;
    const reading = readBody(req, { limit: 100, timeoutMs: 60_000 });
    interruptBody(req);
    await expect(reading).rejects.toMatchObject({ error: 'invalid_request', reason: 'body_truncated', counts: false });
  });

  it('may be interrupted where nobody has begun to read it', () => {
    const unread = Object.assign(new Readable({ read() {} }), { headers: {} }) as unknown as Request;
    expect(() => interruptBody(unread)).not.toThrow();
    const parsed = { headers: { 'content-type': FORM }, body: { code: 'a' } } as unknown as Request;
    holdBody(parsed, 100);
    expect(() => interruptBody(parsed)).not.toThrow();
  });
});

describe('A client that hangs up', () => {
  const reported = async (endpoint: ReturnType<typeof createEndpoint>) => {
    while (endpoint.outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return endpoint.reasons();
  };
  const half = rawPost([`Content-Type: ${FORM}`], form).subarray(0, -10);
  it('before its body is whole is reported, and nothing was called', async () => {
    const endpoint = createEndpoint();
    await withServer(endpoint.app, async (port) => {
      await hangUpAfter(port, half);
      expect(await reported(endpoint)).toEqual(['body_truncated']);
    });
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'refused', status: 400, error: 'invalid_request' }]);
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });

  it('of a function host, which can still be answered, is told what is wrong', async () => {
    const headers = { 'content-type': FORM };
    const req = Object.assign(new Readable({ read() {} }), { headers, socket: {} }) as unknown as Request;
    const reading = readBody(req, { limit: 1000, timeoutMs: 60_000 });
    req.destroy();
    await expect(reading).rejects.toMatchObject({
      error: 'invalid_request',
      error_description: 'The request body ended too early',
      reason: 'body_truncated',
      counts: false,
    });
  });

  it('before the router begins to read is reported as well', async () => {
    const endpoint = createEndpoint();
    const wait: RequestHandler = (req, _res, next) => void req.socket.once('close', () => setTimeout(next, 5));
    const app = express().use(wait, endpoint.router);
    await withServer(app, async (port) => {
      await hangUpAfter(port, half);
      expect(await reported(endpoint)).toEqual(['body_truncated']);
    });
  });

  it('while the adapters work changes nothing for them', async () => {
    let release = () => {};
    const gone = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = createEndpoint({
      async issueTokens(_exchange, req) {
        req.socket.once('close', release);
        await gone;
        return { access_token: 'too late', expires_in: 60 };
      },
    });
    await withServer(endpoint.app, async (port) => {
      await hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], form));
      expect(await reported(endpoint)).toEqual(['code_redeemed']);
    });
    expect(endpoint.outcomes).toHaveLength(1);
  });
});

describe('A body that the host has read', () => {
  const hosts: [string, RequestHandler][] = [
    ['express.urlencoded', express.urlencoded({ extended: false })],
    ['express.urlencoded, extended', express.urlencoded({ extended: true })],
    ['express.json', express.json()],
    ['express.text', express.text({ type: () => true })],
    ['express.raw', express.raw({ type: () => true })],
  ];
  const behind = (endpoint: ReturnType<typeof createEndpoint>, ...before: RequestHandler[]) =>
    request(express().use(...before, endpoint.router)).post('/oauth/token');

  describe.each(hosts)('with %s', (_name, parser) => {
    it.each([
      ['a form', FORM, form],
      ['JSON', 'application/json', json],
    ])('is served: %s', async (_what, type, body) => {
      const endpoint = createEndpoint();
      const answer = await behind(endpoint, parser).type(type).send(body);
      expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
    });

    it('is refused where a parameter is repeated', async () => {
      const endpoint = createEndpoint();
      const answer = await behind(endpoint, parser).type(FORM).send(`${form}&code=x`);
      expectRefusal(answer, endpoint, { error: 'invalid_request', reason: 'parameter_repeated' });
    });

    it('is refused in a media type that is not ours', async () => {
      const endpoint = createEndpoint();
      expectRefusal(await behind(endpoint, parser).type('text/plain').send(form), endpoint, unsupported);
    });
  });

  it('is refused, not coerced, where the extended parser made an object of a value', async () => {
    const endpoint = createEndpoint();
    const sent = form.replace('code=', 'code[a]=');
    const answer = await behind(endpoint, express.urlencoded({ extended: true }))
      .type(FORM)
      .send(sent);
    expectRefusal(answer, endpoint, { error: 'invalid_request', reason: 'parameter_no_string' });
    await expectRedeemable(endpoint);
  });

  it('is refused where it is JSON but no object', async () => {
    const endpoint = createEndpoint();
    expectRefusal(await behind(endpoint, express.json()).type('json').send('[]'), endpoint, malformed);
  });

  it('is refused where it was inflated', async () => {
    const endpoint = createEndpoint();
    const answer = await behind(endpoint, express.urlencoded({ extended: false }))
      .type(FORM)
      .set('Content-Encoding', 'gzip')
      .serialize((sent) => sent)
      .send(gzipSync(form) as unknown as string);
    expectRefusal(answer, endpoint, coding);
  });

  it('is served although it is larger than our own limit', async () => {
    const endpoint = createEndpoint({ bodyLimit: 10 });
    const answer = await behind(endpoint, express.json()).type('json').send(json);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it.each<[string, RequestHandler]>([
    ['a parser of express', express.urlencoded({ extended: false })],
    ['a middleware that only waits', (req, _res, next) => void req.resume().once('end', next)],
  ])('is answered where it was empty, with and without a limiter before it: %s', async (_who, before) => {
    for (const rateLimit of [false, {}] as const) {
      const endpoint = createEndpoint({ rateLimit });
      const bytes = `POST /oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
      const app = express().use(before, endpoint.router);
      const { status } = await withServer(app, (port) => sendBytes(port, bytes));
      expect([status, endpoint.reasons()]).toEqual([400, ['parameter_missing']]);
    }
  });

  it('is a fault of the host where nothing was left of it', async () => {
    const endpoint = createEndpoint();
    const take: RequestHandler = (req, _res, next) => void req.resume().once('end', next);
    const answer = await behind(endpoint, take).type(FORM).send(form);
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'body_taken' });
    expect(endpoint.outcomes.at(-1)?.fault).toEqual(
      new TypeError(
        'A middleware before the router read the body and left nothing in req.body. Mount the router first.',
      ),
    );
  });

  it('is read as text where the host gave the stream an encoding', async () => {
    const endpoint = createEndpoint();
    const encode: RequestHandler = (req, _res, next) => {
      req.setEncoding('utf8');
      next();
    };
    const answer = await behind(endpoint, encode).type(FORM).send(form);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });
});
