import cors from 'cors';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import type { InspectOptions } from '../../lib/testing';
import { APP, createApp, dpop, type Host, inspect, URL } from './inspected-host';

/** Something in front of the router. */
const inFront =
  (handler: express.RequestHandler): NonNullable<Host['before']> =>
  (app) =>
    app.use(handler);
/** Something that changes the head of each answer before it leaves. */
const changing = (change: (res: express.Response, req: express.Request) => unknown) =>
  inFront((req, res, next) => {
    const writeHead = res.writeHead;
    res.writeHead = ((...given: never[]) => {
      change(res, req);
      return Reflect.apply(writeHead, res, given);
    }) as never;
    next();
  });
/** Each app has a limit of its own, which has counted nothing yet. */
const limit =
  (most: number, handler?: express.RequestHandler): NonNullable<Host['before']> =>
  (app) =>
    app.use(rateLimit({ limit: most, validate: false, ...(handler && { handler }) }));
/** Something that answers JSON itself. */
const ofJson = (answer: (res: express.Response) => unknown) =>
  inFront((req, res, next) => {
    if (req.method === 'POST' && String(req.headers['content-type']).startsWith('application/json')) answer(res);
    else next();
  });
/** A parser that passes over empty bodies, and refuses what it does not know. */
const parserWithout = (field: string, unknown: string) =>
  inFront((req, res, next) => {
    const isEmpty = req.headers['content-length'] === '0';
    if (!isEmpty && String(req.headers[field]).endsWith(unknown)) res.status(415).type('text').send('no');
    else next();
  });

const answered = (method: string, how: string, path = '/oauth/token') =>
  `Another handler answers ${method} ${path} before the token router, with ${how}. Mount the router before your login, CSRF filter, rate limit and redirects, or let them leave out ${path}.`;
const cached = (how: string) =>
  `Cache-Control of the answers is ${how}, and the router writes no-store (RFC 6749 §5.1): a cache could keep tokens. Let no middleware change or remove it.`;
const open = (how: string, listed = "'https://app.example'") =>
  `Pages of every site can use the endpoint: to https://attacker.example it answers Access-Control-Allow-Origin: ${how}. Write allowedOrigins: [${listed}], and let no cors() of yours answer before the router. If every site is meant to use it, ignore this finding.`;
const parsed = (what: string, how: string) =>
  `A body parser runs before the token router and answers ${what} itself, with ${how}: clients cannot read that. Mount the router before express.json() and express.urlencoded().`;
const unreachable =
  "Pages of https://app.example cannot use the endpoint: the preflight is not allowed; answers have no Access-Control-Allow-Origin. Write allowedOrigins: ['https://app.example'], and let no cors() of yours answer before the router.";
const TEXT = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

describe('inspectTokenRouter says of the answers', () => {
  it.each<[string, Host, InspectOptions, [code: string, message: string][]]>([
    [
      'that a login is in front',
      { before: inFront((_req, res) => void res.status(401).json({ error: 'login' })) },
      {},
      [['answered_before_router', answered('PUT', `401 and ${JSON_TYPE}`)]],
    ],
    [
      'that a login page is in front, and where',
      { at: '/auth', before: inFront((_req, res) => res.redirect('/login')) },
      { path: '/auth/oauth/token' },
      [['answered_before_router', answered('PUT', '302 and text/plain; charset=utf-8', '/auth/oauth/token')]],
    ],
    [
      'that something without a body is in front',
      { before: inFront((_req, res) => void res.status(403).end()) },
      {},
      [['answered_before_router', answered('PUT', '403 and no media type')]],
    ],
    [
      'that a CSRF filter is in front',
      {
        before: inFront((req, res, next) => {
          if (req.method === 'POST') res.status(403).send('Forbidden');
          else next();
        }),
      },
      { origins: [APP] },
      [['answered_before_router', answered('POST', `403 and ${TEXT}`)]],
    ],
    ...[1, 2, 3, 4, 5].map((most): [string, Host, InspectOptions, [string, string][]] => [
      `that a limit of ${most} is in front`,
      { before: limit(most) },
      { origins: ['https://unlisted.example'] },
      [['answered_before_router', answered('POST', `429 and ${TEXT}`)]],
    ]),
    [
      'that a limit is in front of a preflight and an answer',
      { router: { allowedOrigins: [APP] }, before: limit(6) },
      { origins: [APP] },
      [['answered_before_router', answered('PUT', `429 and ${TEXT}`)]],
    ],
    [
      'that a limit in JSON is in front',
      { before: limit(4, (_req, res) => void res.status(429).json({ error: 'too_many' })) },
      {},
      [['answered_before_router', answered('POST', `429 and ${JSON_TYPE}`)]],
    ],
    [
      'that a filter of JSON is in front, and not that every site can read what it says',
      { before: ofJson((res) => res.status(403).set('Access-Control-Allow-Origin', '*').json({ error: 'filter' })) },
      {},
      [['answered_before_router', answered('POST', `403 and ${JSON_TYPE}`)]],
    ],
    [
      'that a parser of JSON is in front',
      { before: (app) => app.use(express.json()) },
      {},
      [['body_parser_answers', parsed('malformed JSON', `400 and ${TEXT}`)]],
    ],
    [
      'that a parser of JSON is in front, and that a page cannot use them',
      { before: (app) => app.use(express.json()) },
      { origins: [APP] },
      [
        ['body_parser_answers', parsed('malformed JSON', `400 and ${TEXT}`)],
        ['origin_unreachable', unreachable],
      ],
    ],
    [
      'that a parser that knows one charset is in front',
      { before: parserWithout('content-type', '; charset=utf-7') },
      {},
      [['body_parser_answers', parsed('a charset that is not UTF-8', '415 and text/plain; charset=utf-8')]],
    ],
    [
      'that a parser that cannot unzip is in front',
      { before: parserWithout('content-encoding', 'gzip') },
      {},
      [['body_parser_answers', parsed('a body with Content-Encoding: gzip', '415 and text/plain; charset=utf-8')]],
    ],
    [
      'that a parser that unzips is in front',
      { before: (app) => app.use(express.raw({ type: '*/*' })) },
      {},
      [['body_parser_answers', parsed('a body with Content-Encoding: gzip', `400 and ${TEXT}`)]],
    ],
    ...[{ message: 'no' }, { error: { code: 1 } }, null].map(
      (body): [string, Host, InspectOptions, [string, string][]] => [
        `that an error in front is JSON of another kind: ${JSON.stringify(body)}`,
        { before: ofJson((res) => res.status(400).json(body)) },
        {},
        [['body_parser_answers', parsed('malformed JSON', `400 and ${JSON_TYPE}`)]],
      ],
    ),
    [
      'that an error in front is no JSON by its type',
      { before: ofJson((res) => res.status(400).type('text').send('{"error":"invalid_request"}')) },
      {},
      [['body_parser_answers', parsed('malformed JSON', '400 and text/plain; charset=utf-8')]],
    ],
    [
      'that they may be cached',
      { before: changing((res) => res.setHeader('Cache-Control', 'public, max-age=60')) },
      {},
      [['cache_control_changed', cached("'public, max-age=60'")]],
    ],
    [
      'that a directive like no-store is in them',
      { before: changing((res) => res.setHeader('Cache-Control', 'x-no-store, no-stores')) },
      {},
      [['cache_control_changed', cached("'x-no-store, no-stores'")]],
    ],
    [
      'that nothing keeps them out of caches',
      { before: changing((res) => res.removeHeader('Cache-Control')) },
      {},
      [['cache_control_changed', cached('missing')]],
    ],
    ['that every origin can read them', { before: inFront(cors()) }, {}, [['origin_unrestricted', open('*')]]],
    [
      'that every origin can read them, with credentials',
      { before: inFront(cors({ origin: true, credentials: true, exposedHeaders: ['DPoP-Nonce'] })), router: dpop() },
      { origins: [APP, 'https://two.example'] },
      [
        [
          'origin_unrestricted',
          open('https://attacker.example, and allows credentials', "'https://app.example', 'https://two.example'"),
        ],
      ],
    ],
    [
      'that a function allows every origin',
      { router: { allowedOrigins: () => true } },
      { origins: [APP] },
      [['origin_unrestricted', open('https://attacker.example')]],
    ],
    [
      'that a middleware opens them at the end',
      { before: changing((res) => res.setHeader('Access-Control-Allow-Origin', '*')) },
      {},
      [['origin_unrestricted', open('*')]],
    ],
  ])('%s', async (_what, host, options, findings) => {
    expect(await inspect(host, options)).toEqual(findings);
  });
});

describe('inspectTokenRouter says nothing of answers', () => {
  it.each<[string, Host, InspectOptions]>([
    [
      'of a host that asks for https behind its proxy',
      {
        router: { tokenEndpoint: URL },
        before: (app) =>
          app.set('trust proxy', 1).use((req, res, next) => {
            if (req.secure) next();
            else res.redirect(308, `https://auth.example${req.originalUrl}`);
          }),
      },
      { proxies: 1 },
    ],
    [
      'of a host that asks for its own name',
      {
        router: { tokenEndpoint: 'https://auth.example:8443/oauth/token' },
        before: inFront((req, res, next) => {
          if (req.headers.host === 'auth.example:8443') next();
          else res.status(421).send('Misdirected');
        }),
      },
      {},
    ],
    ['of a limit that is high enough', { before: limit(8), router: { allowedOrigins: [APP] } }, { origins: [APP] }],
    [
      'of a cors() that refuses unknown origins with an error',
      {
        before: inFront(
          cors({
            origin: (origin, done) =>
              origin === undefined || origin === APP ? done(null, true) : done(new Error('Not allowed by CORS')),
          }),
        ),
      },
      { origins: [APP] },
    ],
    [
      'of a preflight that is allowed for POST alone',
      {
        router: { allowedOrigins: [APP] },
        before: inFront((req, res, next) => {
          const method = req.headers['access-control-request-method'];
          if (req.method === 'OPTIONS' && method !== 'POST') res.status(405).end();
          else next();
        }),
      },
      { origins: [APP] },
    ],
    [
      'of a page of the host that is at the same path',
      {
        router: { allowedOrigins: [APP] },
        before: (app) => app.get('/oauth/token', (_req, res) => void res.send('How to get a token')),
      },
      { origins: [APP] },
    ],
    [
      'of a directive beside no-store',
      { before: changing((res) => res.setHeader('Cache-Control', 'private, no-store')) },
      {},
    ],
    [
      'of parsers whose errors the host answers with 413 or 422',
      {
        before: (app) => {
          app.use(express.json());
          app.use(((_error, _req, res, _next) => {
            res.status(422).json({ error: 'invalid_request' });
          }) as express.ErrorRequestHandler);
        },
      },
      {},
    ],
  ])('%s', async (_what, host, options) => {
    expect(createApp(host)).toBeDefined();
    expect(await inspect(host, options)).toEqual([]);
  });
});
