import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { createRequest, createResponse } from 'node-mocks-http';
import request from 'supertest';
import { readBody } from '../../lib/http/body';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { chunk, chunkedHead, rawPost, sendBytes, withServer } from '../support/raw';

const FORM = 'application/x-www-form-urlencoded';
const form = new URLSearchParams(goodForm()).toString();
const json = JSON.stringify(goodForm());
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** A limiter that takes its time, so that whatever flows has time to flow away. */
const slow: Partial<Options> = { rateLimit: { skip: () => wait(50).then(() => true) } };

const handlers: [string, RequestHandler][] = [
  ['a listener that reads along', (req, _res, next) => void next(void req.on('data', () => {}))],
  [
    'a listener that collects the text',
    (req, _res, next) => {
      const kept = Object.assign(req, { rawBody: '' }).setEncoding('utf8');
      kept.on('data', (text) => {
        kept.rawBody += text;
      });
      next();
    },
  ],
  [
    'a listener that collects the bytes and leaves them in the end',
    (req, _res, next) => {
      const kept: Buffer[] = [];
      req.on('data', (bytes) => kept.push(bytes)).on('end', () => Object.assign(req, { rawBody: Buffer.concat(kept) }));
      next();
    },
  ],
  [
    'a stream that is piped elsewhere',
    (req, _res, next) => void next(void req.pipe(new Writable({ write: (_piece, _encoding, done) => done() }))),
  ],
  ['a stream that flows', (req, _res, next) => void next(void req.resume())],
  ['a stream that is paused', (req, _res, next) => void next(void req.pause())],
  ['a reader that pulls', (req, _res, next) => void next(void req.on('readable', () => void req.read()))],
  ['a listener for readable that never reads', (req, _res, next) => void next(void req.on('readable', () => {}))],
  ['a stream in base64', (req, _res, next) => void next(void req.setEncoding('base64'))],
  ['a stream in latin1', (req, _res, next) => void next(void req.setEncoding('latin1'))],
];

describe('A host that reads along changes nothing', () => {
  describe.each(handlers)('with %s', (_what, before) => {
    it.each<[string, string, string]>([
      ['a form', FORM, form],
      ['JSON', 'application/json', json],
    ])('%s is served, with and without a slow limiter', async (_type, type, body) => {
      for (const options of [slow, {}]) {
        const endpoint = createEndpoint(options);
        const app = express().use(before, endpoint.router);
        const answer = await request(app).post('/oauth/token').type(type).send(body);
        expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
      }
    });

    it('a body in many pieces is served, and one that is too large is refused', async () => {
      const endpoint = createEndpoint(slow);
      const app = express().use(before, endpoint.router);
      const head = chunkedHead([`Content-Type: ${FORM}`, 'Connection: close']);
      const inPieces = [...form].map((letter) => chunk(letter)).join('');
      const large = chunk('x'.repeat(1000)).repeat(17);
      await withServer(app, async (port) => {
        expect((await sendBytes(port, `${head}${inPieces}${chunk()}`)).status).toBe(200);
        expect((await sendBytes(port, `${head}${large}${chunk()}`)).status).toBe(413);
      });
      expect(endpoint.reasons()).toEqual(['code_redeemed', 'body_too_large']);
    });
  });

  it('sees the whole body itself', async () => {
    let seen = '';
    const log: RequestHandler = (req, _res, next) => {
      req.on('data', (bytes) => {
        seen += bytes;
      });
      next();
    };
    const { router } = createEndpoint(slow);
    await request(express().use(log, router)).post('/oauth/token').type(FORM).send(form);
    expect(seen).toBe(form);
  });
});

describe('A body that flows before the router is reached', () => {
  const late =
    (leave: (req: Request, bytes: Buffer) => void): RequestHandler =>
    (req, _res, next) => {
      const kept: Buffer[] = [];
      req.on('data', (bytes) => kept.push(bytes)).on('end', () => leave(req, Buffer.concat(kept)));
      req.once('data', () => next());
    };
  const send = async (before: RequestHandler) => {
    const endpoint = createEndpoint();
    const app = express().use(before, endpoint.router);
    const { status } = await request(app).post('/oauth/token').type(FORM).send(form);
    return [status, endpoint.reasons()];
  };

  it('is served from what the host leaves when it ends', async () => {
    expect(await send(late((req, bytes) => Object.assign(req, { rawBody: bytes })))).toEqual([200, ['code_redeemed']]);
    expect(await send(late((req, bytes) => Object.assign(req, { body: String(bytes) })))).toEqual([
      200,
      ['code_redeemed'],
    ]);
  });

  it('is a fault of the host where it leaves nothing', async () => {
    expect(await send(late(() => {}))).toEqual([500, ['body_taken']]);
  });
});

/** What middleware and function hosts leave beside the stream. */
const left: [string, Record<string, unknown>, string][] = [
  ['a string in body', { body: form }, FORM],
  ['a Buffer in body', { body: Buffer.from(form) }, FORM],
  ['an ArrayBuffer in body', { body: new TextEncoder().encode(form).buffer }, FORM],
  ['a part of an ArrayBuffer in body', { body: new TextEncoder().encode(`xx${form}`).subarray(2) }, FORM],
  ['a DataView in body', { body: new DataView(new TextEncoder().encode(`xx${form}x`).buffer, 2, form.length) }, FORM],
  ['URLSearchParams in body', { body: new URLSearchParams(form) }, FORM],
  ['URLSearchParams in body, though the type says JSON', { body: new URLSearchParams(form) }, 'application/json'],
  ['a Map in body', { body: new Map(Object.entries(goodForm())) }, FORM],
  ['an object in body', { body: goodForm() }, 'application/json'],
  ['an object without a prototype in body', { body: Object.assign(Object.create(null), goodForm()) }, FORM],
  ['JSON text in body', { body: json }, 'application/json'],
  ['a string in rawBody', { rawBody: form }, FORM],
  ['a Buffer in rawBody', { rawBody: Buffer.from(json) }, 'application/json'],
  ['rawBody and an empty object', { rawBody: form, body: {} }, FORM],
  ['rawBody, which comes before body', { rawBody: form, body: { code: 'x' } }, FORM],
  ['an empty rawBody beside a body', { rawBody: '', body: goodForm() }, FORM],
];

describe('A function host whose stream never ends', () => {
  const call = async (members: Record<string, unknown>, type: string, endpoint = createEndpoint()) => {
    const leave: RequestHandler = (req, _res, next) => void next(void Object.assign(req, members));
    const app = express().use(leave, endpoint.router);
    // The length is announced, and nothing of it comes.
    const head = rawPost([`Content-Type: ${type}`], form).subarray(0, -form.length);
    const { status } = await withServer(app, (port) => sendBytes(port, head));
    return [status, endpoint.reasons()];
  };

  it.each(left)('is served from what is there: %s', async (_what, members, type) => {
    expect(await call(members, type)).toEqual([200, ['code_redeemed']]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['JSON without any length', { 'content-type': 'application/json' }, json],
    ['a form in chunks', { 'content-type': FORM, 'transfer-encoding': 'chunked' }, form],
  ])('is served from a text that is the body itself: %s', async (_what, headers, body) => {
    const parsed = await readBody({ headers, body } as unknown as Request, { limit: 1000, timeoutMs: 1000 });
    expect({ ...parsed }).toEqual(goodForm());
  });

  it.each<[string, Record<string, unknown>]>([
    ['an empty object', { body: {} }],
    ['an empty string', { body: '', rawBody: '' }],
    ['empty bytes', { body: Buffer.alloc(0) }],
    ['an empty Map', { body: new Map() }],
    ['no parameter', { body: new URLSearchParams() }],
    ['null', { body: null }],
  ])('is waited for where nothing is there: %s', async (_what, members) => {
    expect(await call(members, FORM, createEndpoint({ bodyTimeout: 100 }))).toEqual([408, ['body_timeout']]);
  });

  it.each<[string, unknown, string]>([
    ['a code twice', new URLSearchParams(`${form}&code=x`), 'parameter_repeated'],
    ['a code as an array', { ...goodForm(), code: ['x'] }, 'parameter_repeated'],
    ['a code as an object', { ...goodForm(), code: { a: 'x' } }, 'parameter_no_string'],
    [
      'a number in a Map',
      new Map<string, unknown>([...Object.entries(goodForm()), ['code', 1]]),
      'parameter_no_string',
    ],
    ['an array', [goodForm()], 'body_malformed'],
  ])('is refused as the body itself would be: %s', async (_what, body, reason) => {
    expect(await call({ body }, FORM)).toEqual([400, [reason]]);
  });
});

describe('Beside a body that nobody has read', () => {
  it.each<[string, unknown]>([
    ['the empty object that Express 4 leaves', {}],
    ['an empty string', ''],
    ['null', null],
    ['a number', 0],
    ['an empty Map', new Map()],
  ])('%s does not count', async (_what, body) => {
    const endpoint = createEndpoint();
    const leave: RequestHandler = (req, _res, next) => void next(void Object.assign(req, { body }));
    const answer = await request(express().use(leave, endpoint.router)).post('/oauth/token').type(FORM).send(form);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });
});

describe('JSON text inside JSON is refused', () => {
  const inside = JSON.stringify(json);
  const lax = express.json({ strict: false });
  const text = express.text({ type: () => true });
  const send = async (before: RequestHandler[], bytes: string | Buffer) => {
    const endpoint = createEndpoint();
    const { status } = await withServer(express().use(...before, endpoint.router), (port) => sendBytes(port, bytes));
    return [status, endpoint.reasons()];
  };
  const post = (body: string) => rawPost(['Content-Type: application/json'], body);
  const chunked = (body: string) =>
    `${chunkedHead(['Content-Type: application/json', 'Connection: close'])}${chunk(body)}${chunk()}`;

  it.each<[string, RequestHandler[]]>([
    ['with no parser in front', []],
    ['behind a parser that takes any JSON', [lax]],
    ['behind a parser of text', [text]],
    [
      'behind a parser that keeps the raw body',
      [express.json({ strict: false, verify: (req, _res, rawBody) => void Object.assign(req, { rawBody }) })],
    ],
  ])('%s', async (_where, before) => {
    for (const body of [
      inside,
      `${inside} `,
      ` ${inside}`,
      JSON.stringify(JSON.stringify({ ...goodForm(), a: 'ü' })),
    ]) {
      expect(await send(before, post(body))).toEqual([400, ['body_malformed']]);
      expect(await send(before, chunked(body))).toEqual([400, ['body_malformed']]);
    }
  });

  it('and the text itself in rawBody is not, however the body came', async () => {
    const keep: RequestHandler = (req, _res, next) => void next(void Object.assign(req, { rawBody: req.body }));
    const forget: RequestHandler = (req, _res, next) => void next(void Object.assign(req, { body: undefined }));
    for (const bytes of [post(json), chunked(json)]) {
      expect(await send([text, keep, forget], bytes)).toEqual([200, ['code_redeemed']]);
    }
  });

  it('and the text itself, or behind a byte order mark, is not', async () => {
    for (const body of [json, `\ufeff${json}`, JSON.stringify({ ...goodForm(), a: 'ü' })]) {
      expect(await send([text], post(body))).toEqual([200, ['code_redeemed']]);
    }
  });

  it.each(['null', '1', 'true', '[]', '"grant_type=a"'])('and so is %s', async (body) => {
    for (const before of [[], [lax]]) expect(await send(before, post(body))).toEqual([400, ['body_malformed']]);
  });
});

describe('A host that parses the body when it is first read', () => {
  const apiError = (status: number) => Object.assign(new Error('Invalid JSON'), { statusCode: status });
  const send = async (get: () => unknown, isRead: boolean) => {
    const endpoint = createEndpoint();
    const parse: RequestHandler = (req, _res, next) => {
      Object.defineProperty(req, 'body', { configurable: true, get });
      if (isRead) req.on('end', () => next()).resume();
      else next();
    };
    const answer = await request(express().use(parse, endpoint.router)).post('/oauth/token').type(FORM).send(form);
    expect(answer.type).toBe('application/json');
    return [answer.status, answer.body.error, ...endpoint.reasons()];
  };
  const fails = (thrown: unknown) => () => {
    throw thrown;
  };

  it.each([true, false])('is served (the stream is read before: %s)', async (isRead) => {
    expect(await send(goodForm, isRead)).toEqual([200, undefined, 'code_redeemed']);
  });

  it.each<[string, unknown]>([
    ['an error with statusCode 400, as on Vercel', apiError(400)],
    ['an error with statusCode 413', apiError(413)],
    ['an error with statusCode 499', apiError(499)],
    ['an error with status 400', Object.assign(new Error('x'), { status: 400 })],
    ['a SyntaxError', new SyntaxError('Unexpected end of JSON input')],
  ])('has what is malformed refused in our words where it throws %s', async (_what, thrown) => {
    for (const isRead of [true, false]) {
      expect(await send(fails(thrown), isRead)).toEqual([400, 'invalid_request', 'body_malformed']);
    }
  });

  it.each<[string, unknown]>([
    ['an error', new Error('x')],
    ['an error with status 500', apiError(500)],
    ['an error with status 399', apiError(399)],
    ['nothing', undefined],
    ['text', 'x'],
  ])('is at fault itself where it throws %s', async (_what, thrown) => {
    for (const isRead of [true, false]) {
      expect(await send(fails(thrown), isRead)).toEqual([500, 'server_error', 'unexpected']);
    }
  });
});

describe('node-mocks-http', () => {
  const call = async (options: Parameters<typeof createRequest>[0], change: (req: Request) => void = () => {}) => {
    const endpoint = createEndpoint({ rateLimit: false });
    const req = createRequest<Request>({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': FORM },
      ...options,
    });
    change(req);
    const res = createResponse<Response>({ req, eventEmitter: EventEmitter });
    const ended = new Promise((resolve) => res.on('end', resolve));
    endpoint.router(req, res, () => {});
    await ended;
    return [res.statusCode, endpoint.reasons()];
  };

  it('is served from its body', async () => {
    expect(await call({ body: goodForm() })).toEqual([200, ['code_redeemed']]);
  });

  it('is answered where it has none', async () => {
    expect(await call({})).toEqual([400, ['parameter_missing']]);
    expect(await call({}, (req) => void Reflect.deleteProperty(req, 'body'))).toEqual([400, ['parameter_missing']]);
  });
});
