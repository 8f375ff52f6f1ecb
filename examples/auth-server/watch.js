// What the page shows of the wire: each request of one browser, its answer, and the outcome that the router reported.
// For a demo only: it shows tokens. A browser sees its own requests, by a cookie, and no others.
const { randomBytes } = require('node:crypto');
const express = require('express');
const { cookieNameOf, isSecure } = require('./configuration');

const COOKIE = cookieNameOf('demo.watch');
const COOKIE_VALUE = new RegExp(`(?:^|; )${COOKIE.replace('.', '\\.')}=([\\w-]{22})(?:;|$)`);
const WATCHED = /^\/(?:authorize|login|consent|oauth\/token|userinfo|api\/notes|v2\/logout|oidc\/logout)(?:\?|$)/;
// So much is kept: 100 browsers, of each the newest exchanges, as JSON.
const MAX_WATCHES = 100;
const MAX_EXCHANGES = 60;
const MAX_KEPT = 512 * 1024;
const MAX_BODY = 16 * 1024;
const HIDDEN_FIELDS = /^(?:cookie|set-cookie)$/i;

function createWatch() {
  const watches = new Map();

  function findWatch(req) {
    const [, id] = COOKIE_VALUE.exec(req.headers.cookie ?? '') ?? [];
    return watches.get(id);
  }

  /** Sets the cookie. Called for the page itself. */
  function begin(req, res, next) {
    if (!findWatch(req)) {
      const id = randomBytes(16).toString('base64url');
      watches.set(id, { exchanges: [], listeners: new Set() });
      if (watches.size > MAX_WATCHES) watches.delete(watches.keys().next().value);
      res.cookie(COOKIE, id, { httpOnly: true, sameSite: 'strict', secure: isSecure });
    }
    next();
  }

  let lastId = 0;
  function record(req, res, next) {
    const watch = WATCHED.test(req.url) && findWatch(req);
    if (!watch) return next();
    lastId += 1;
    const exchange = { id: lastId, at: Date.now(), method: req.method, url: req.originalUrl };
    req.demoExchange = exchange;
    if (!res.headersSent) res.setHeader('X-Demo-Exchange', exchange.id);
    const bodies = { req: copy(req, 'push'), res: copy(res, 'write', 'end') };
    res.once('close', () => {
      exchange.requestFields = toPairs(req.rawHeaders);
      exchange.requestBody = maskPassword(bodies.req(), req);
      exchange.status = res.statusCode;
      exchange.responseFields = Object.entries(readFields(res)).filter(([name]) => name !== 'X-Demo-Exchange');
      exchange.responseBody = /json/.test(String(res.getHeader('content-type') ?? readFields(res)['Content-Type']))
        ? bodies.res()
        : '';
      keep(watch, { id: exchange.id, text: JSON.stringify(exchange) });
    });
    return next();
  }

  /** For `onOutcome`: it is called before the answer closes. */
  function onOutcome({ fault, ...outcome }, req) {
    if (fault) console.error(fault);
    if (req.demoExchange)
      req.demoExchange.outcome = { ...outcome, durationMs: Math.round(outcome.durationMs * 10) / 10 };
  }

  const streams = new Set();
  const router = express.Router();
  router.get('/demo/events', (req, res) => {
    const watch = findWatch(req);
    if (!watch) return res.status(204).end();
    const after = Number(req.get('last-event-id') ?? 0);
    const send = ({ id, text }) => {
      if (res.writableLength > MAX_KEPT) return res.destroy(); // It does not read. It may come again.
      return res.write(`id: ${id}\ndata: ${text}\n\n`);
    };
    res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).flushHeaders();
    res.write('retry: 1000\n\n');
    for (const exchange of watch.exchanges) if (exchange.id > after) send(exchange);
    watch.listeners.add(send);
    streams.add(res);
    return res.once('close', () => {
      watch.listeners.delete(send);
      streams.delete(res);
    });
  });

  /** Ends what would never end by itself. */
  function end() {
    for (const res of streams) res.end();
  }

  return { begin, record, onOutcome, router, end };
}

function keep({ exchanges, listeners }, exchange) {
  exchanges.push(exchange);
  let size = exchanges.reduce((sum, { text }) => sum + text.length, 0);
  while (exchanges.length > MAX_EXCHANGES || size > MAX_KEPT) size -= exchanges.shift().text.length;
  for (const send of listeners) send(exchange);
}

/** Keeps what passes through these methods, the first 16 KiB; returns a function that tells it. */
function copy(stream, ...methods) {
  const chunks = [];
  let size = 0;
  for (const name of methods) {
    const original = stream[name];
    stream[name] = function passOn(chunk, ...rest) {
      if ((typeof chunk === 'string' || Buffer.isBuffer(chunk)) && size < MAX_BODY) {
        chunks.push(Buffer.from(chunk).subarray(0, MAX_BODY - size));
        size += chunk.length;
      }
      return original.call(this, chunk, ...rest);
    };
  }
  return () => Buffer.concat(chunks).toString('utf8');
}

function toPairs(raw) {
  const pairs = [];
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index], mask(raw[index], raw[index + 1])]);
  return pairs;
}

/** The header as it was sent: fields that were given to writeHead are in no getHeaders(). */
function readFields(res) {
  const [, ...lines] = String(res._header ?? '')
    .trim()
    .split('\r\n');
  return Object.fromEntries(
    lines.map((line) => {
      const name = line.slice(0, line.indexOf(':'));
      return [name, mask(name, line.slice(name.length + 2))];
    }),
  );
}

const mask = (name, value) => (HIDDEN_FIELDS.test(name) ? '(hidden)' : value);
const maskPassword = (text, req) =>
  req.path === '/login' ? text.replace(/(^|&)password=[^&]*/, '$1password=(hidden)') : text;

module.exports = { createWatch };
