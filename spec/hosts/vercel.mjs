import { parse as parseForm } from 'node:querystring';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { serveHttp } from './service.mjs';

/** What `@vercel/node` does to a request before it calls a function: it reads the body, and parses it when `req.body` is read. */
function addHelpers(listener) {
  return async (req, res) => {
    const type = req.headers['content-type'];
    const body = type === undefined ? Buffer.alloc(0) : await buffer(req);
    if (type !== undefined) restoreBody(req, body);
    defineLazily(req, 'body', () => parseBody(body, String(type).replace(/;.*/s, '')));
    defineLazily(req, 'query', () => Object.fromEntries(new URL(req.url, 'http://localhost').searchParams));
    defineLazily(req, 'cookies', () => ({}));
    return listener(req, res);
  };
}

/** Whoever listens for the body now gets a copy. */
function restoreBody(req, body) {
  const copy = new PassThrough();
  const on = req.on.bind(req);
  req.read = copy.read.bind(copy);
  req.on = (name, listener) => (['data', 'end'].includes(name) ? copy.on(name, listener) : on(name, listener));
  req.addListener = req.on;
  copy.end(body);
}

function parseBody(body, type) {
  if (type === 'application/x-www-form-urlencoded') return parseForm(String(body));
  if (type === 'text/plain') return String(body);
  if (type !== 'application/json') return undefined;
  try {
    return body.length === 0 ? {} : JSON.parse(String(body));
  } catch {
    throw Object.assign(new Error('Invalid JSON'), { statusCode: 400 });
  }
}

function defineLazily(req, name, get) {
  const options = { configurable: true, enumerable: true };
  const define = (value) => Object.defineProperty(req, name, { ...options, writable: true, value });
  Object.defineProperty(req, name, { ...options, get: () => define(get())[name], set: define });
}

export const VERCEL = {
  'vercel, an app': (service) => serveHttp(service.app, service),

  'vercel, a function': (service) =>
    serveHttp(
      addHelpers((req, res) => service.app(req, res)),
      service,
    ),
};
