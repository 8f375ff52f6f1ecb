import type { ServerResponse } from 'node:http';
import type { FetchDocument } from '../../lib/clients';
import { fetchJson } from '../../lib/clients/json-document';
import { createDocumentsServer, type DocumentsServer } from './support/documents-server';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const LIMIT = 64 * 1024;
const MIN_LIFETIME_MS = 60_000;
const DEFAULT_LIFETIME_MS = 600_000;
const MAX_LIFETIME_MS = 86_400_000;

let server: DocumentsServer;
let next = 0;
beforeAll(async () => {
  server = await createDocumentsServer();
});
afterAll(() => server.close());

/** Reads what the server answers once. */
const readAnswer = (answer: (res: ServerResponse) => void, timeoutMs?: number) => {
  next += 1;
  server.serve(`/${next}`, (_req, res) => answer(res));
  return fetchJson(server.createFetch(), server.urlOf(`/${next}`), timeoutMs);
};
/** Whether the connection of an answer was closed before its end. */
const closed = (res: ServerResponse) =>
  new Promise<boolean>((resolve) => res.on('close', () => resolve(!res.writableFinished)));

describe('A document is read', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/jwk-set+json',
    'application/cimd+json ; v=1',
  ])('as %s', async (type) => {
    const { json } = await readAnswer((res) => res.writeHead(200, { 'Content-Type': type }).end('{"a":1}'));
    expect(json).toEqual({ a: 1 });
  });

  it('of exactly 64 KiB', async () => {
    const text = JSON.stringify('x'.repeat(LIMIT - 2));
    const { json } = await readAnswer((res) => res.writeHead(200, JSON_TYPE).end(text));
    expect(json).toHaveLength(LIMIT - 2);
  });

  it('of exactly 64 KiB, which its length says', async () => {
    const text = JSON.stringify('x'.repeat(LIMIT - 2));
    const { json } = await readAnswer((res) => {
      res.writeHead(200, { ...JSON_TYPE, 'Content-Length': String(LIMIT) }).end(text);
    }, 60_000);
    expect(json).toHaveLength(LIMIT - 2);
  });

  it('in pieces', async () => {
    const { json } = await readAnswer((res) => {
      res.writeHead(200, JSON_TYPE).write('{"a":');
      setTimeout(() => res.end('1}'), 20);
    });
    expect(json).toEqual({ a: 1 });
  });

  it('with its encoding named identity', async () => {
    const { json } = await readAnswer((res) => {
      res.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'identity' }).end('1');
    });
    expect(json).toBe(1);
  });
});

describe('A document is refused where', () => {
  it.each([
    ['the status is 201', 201, {}],
    ['the status is 204', 204, {}],
    ['the status is 404', 404, {}],
    ['the status is 500', 500, {}],
    ['the server redirects for good', 301, { Location: '/document' }],
    ['the server redirects', 302, { Location: 'https://127.0.0.1/' }],
    ['the server redirects and keeps the method', 307, { Location: 'http://169.254.169.254/' }],
    ['the server redirects for good and keeps the method', 308, { Location: '/document' }],
  ])('%s', async (_what, status, headers) => {
    const before = server.asked.length;
    const reading = readAnswer((res) => res.writeHead(status, { ...JSON_TYPE, ...headers }).end());
    await expect(reading).rejects.toThrow(`the status is ${status} and not 200`);
    expect(server.asked.length - before).toBe(1);
  });

  it.each([
    ['HTML', { 'Content-Type': 'text/html' }],
    ['JavaScript', { 'Content-Type': 'application/javascript' }],
    ['a type that goes on', { 'Content-Type': 'application/jsonp' }],
    ['JSON by another tree', { 'Content-Type': 'text/json' }],
    ['a type that ends so', { 'Content-Type': 'text/x-application/json' }],
    ['no type', {}],
  ])('it is %s', async (_what, headers) => {
    const reading = readAnswer((res) => res.writeHead(200, headers).end('{}'));
    await expect(reading).rejects.toThrow('the Content-Type is not JSON');
  });

  it.each(['gzip', 'br', 'identity, gzip'])('it is compressed: %s', async (encoding) => {
    const reading = readAnswer((res) => res.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': encoding }).end('{}'));
    await expect(reading).rejects.toThrow('the answer is compressed');
  });

  it.each([
    ['HTML', '<html></html>'],
    ['empty', ''],
    ['cut short', '{"a":'],
    ['two documents', '{}{}'],
  ])('its text is %s', async (_what, text) => {
    await expect(readAnswer((res) => res.writeHead(200, JSON_TYPE).end(text))).rejects.toThrow(SyntaxError);
  });

  it('its text is no UTF-8', async () => {
    const reading = readAnswer((res) => res.writeHead(200, JSON_TYPE).end(Buffer.from('"ÿ"', 'latin1')));
    await expect(reading).rejects.toThrow('not valid for encoding utf-8');
  });

  it('it says that it is longer than 64 KiB: no byte of it is read', async () => {
    const ends: Promise<boolean>[] = [];
    const reading = readAnswer((res) => {
      ends.push(closed(res));
      res.writeHead(200, { ...JSON_TYPE, 'Content-Length': String(2 ** 30) });
      res.flushHeaders();
    });
    await expect(reading).rejects.toThrow('the answer is longer than 65536 bytes');
    expect(await Promise.all(ends)).toEqual([true]);
  });

  it('it is longer than 64 KiB by one byte', async () => {
    const reading = readAnswer((res) => res.writeHead(200, JSON_TYPE).end(JSON.stringify('x'.repeat(LIMIT - 1))));
    await expect(reading).rejects.toThrow('the answer is longer than 65536 bytes');
  });

  it('it does not end: a gigabyte is not read, and the connection is closed', async () => {
    const ends: Promise<boolean>[] = [];
    let sent = 0;
    const reading = readAnswer((res) => {
      ends.push(closed(res));
      res.writeHead(200, JSON_TYPE);
      const piece = Buffer.alloc(16 * 1024, 0x20);
      const pour = () => {
        while (!res.destroyed && sent < 2 ** 30) {
          sent += piece.length;
          if (!res.write(piece)) {
            res.once('drain', pour);
            return;
          }
        }
      };
      pour();
    });
    await expect(reading).rejects.toThrow('the answer is longer than 65536 bytes');
    expect(await Promise.all(ends)).toEqual([true]);
    expect(sent).toBeLessThan(2 ** 26);
  });

  it('it comes byte by byte: it must be whole in time, and the connection is closed', async () => {
    const ends: Promise<boolean>[] = [];
    const reading = readAnswer((res) => {
      ends.push(closed(res));
      res.writeHead(200, JSON_TYPE);
      const timer = setInterval(() => res.write(' '), 20);
      res.on('close', () => clearInterval(timer));
    }, 400);
    await expect(reading).rejects.toThrow('no whole answer within 400 ms');
    expect(await Promise.all(ends)).toEqual([true]);
  });

  it('nothing comes', async () => {
    await expect(readAnswer(() => {}, 300)).rejects.toThrow('no whole answer within 300 ms');
  });

  it('the server hangs up', async () => {
    const reading = readAnswer((res) => {
      res.writeHead(200, { ...JSON_TYPE, 'Content-Length': '10' }).write('{');
      setTimeout(() => res.destroy(), 20);
    });
    await expect(reading).rejects.toThrow();
  });
});

describe('A fetch of the host’s', () => {
  const answer = (more: object = {}): ReturnType<FetchDocument> =>
    Promise.resolve({
      status: 200,
      headers: new Headers({ 'content-type': 'application/json' }),
      body: (async function* () {
        yield Buffer.from('{"a":1}');
      })(),
      ...more,
    });

  it('gets what it needs, and is asked not to follow redirects', async () => {
    const seen: unknown[] = [];
    const { json } = await fetchJson((...given) => {
      seen.push(given);
      return answer();
    }, 'https://client.example/');
    expect(json).toEqual({ a: 1 });
    expect(seen).toEqual([
      [
        'https://client.example/',
        {
          headers: { accept: 'application/json', 'accept-encoding': 'identity' },
          redirect: 'manual',
          signal: expect.any(AbortSignal),
        },
      ],
    ]);
  });

  it('is refused if it followed a redirect anyway', async () => {
    const reading = fetchJson(() => answer({ redirected: true }), 'https://client.example/');
    await expect(reading).rejects.toThrow('the answer came by a redirect');
  });

  it('that returns no body is refused, because that is no JSON', async () => {
    await expect(fetchJson(() => answer({ body: null }), 'https://client.example/')).rejects.toThrow(SyntaxError);
  });

  it('may be the global one', async () => {
    const response = new Response('{"a":2}', { headers: JSON_TYPE });
    const { json } = await fetchJson(async () => response as never, 'https://client.example/');
    expect(json).toEqual({ a: 2 });
  });

  it('is not waited for where it ignores its signal', async () => {
    const reading = fetchJson(() => new Promise(() => {}), 'https://client.example/', 50);
    await expect(reading).rejects.toThrow('no whole answer within 50 ms');
  });

  it('has its signal aborted once the document is read', async () => {
    let signal: AbortSignal | undefined;
    await fetchJson((_url, init) => {
      signal = init.signal;
      return answer();
    }, 'https://client.example/');
    expect(signal?.aborted).toBe(true);
  });
});

describe('A document is kept', () => {
  const HOUR = 3_600_000;
  const lifetimeOf = async (headers: Record<string, string>) => {
    const document = await fetchJson(
      async () => ({
        status: 200,
        headers: new Headers({ 'content-type': 'application/json', ...headers }),
        body: [Buffer.from('1')] as never,
      }),
      'https://client.example/',
    );
    return document.lifetimeMs;
  };

  it.each<[string, Record<string, string>, number]>([
    ['ten minutes where nothing is said', {}, DEFAULT_LIFETIME_MS],
    ['as long as max-age says', { 'cache-control': 'public, max-age=7200' }, 2 * HOUR],
    ['as long as max-age says, in capitals and quotes', { 'cache-control': 'MAX-AGE="7200"' }, 2 * HOUR],
    [
      'as long as max-age says, whatever shared caches may do',
      { 'cache-control': 's-maxage=1,max-age=7200' },
      2 * HOUR,
    ],
    ['as long as max-age says, whatever Expires says', { 'cache-control': 'max-age=7200', expires: '0' }, 2 * HOUR],
    [
      'as long as max-age says, whatever a name that ends so says',
      { 'cache-control': 'x-max-age=1,max-age=7200, not-no-store' },
      2 * HOUR,
    ],
    ['less by its age', { 'cache-control': 'max-age=7200', age: '3600' }, HOUR],
    ['not longer for an age below zero', { 'cache-control': 'max-age=7200', age: '-3600' }, 2 * HOUR],
    ['not longer for an age that is no number', { 'cache-control': 'max-age=7200', age: 'old' }, 2 * HOUR],
    ['not longer for an age with a unit', { 'cache-control': 'max-age=7200', age: '3600s' }, 2 * HOUR],
    ['a minute at least', { 'cache-control': 'max-age=0' }, MIN_LIFETIME_MS],
    ['a minute where it is older than it may be', { 'cache-control': 'max-age=10', age: '20' }, MIN_LIFETIME_MS],
    ['a minute where it must not be stored', { 'cache-control': 'no-store, max-age=7200' }, MIN_LIFETIME_MS],
    ['a minute where it must not be stored, said last', { 'cache-control': 'max-age=7200, no-store' }, MIN_LIFETIME_MS],
    ['a minute where it must be looked after', { 'cache-control': 'max-age=7200,no-cache' }, MIN_LIFETIME_MS],
    ['a day at most', { 'cache-control': 'max-age=31536000' }, MAX_LIFETIME_MS],
    [
      'until Expires, by the clock of the server',
      { date: 'Thu, 01 Jan 2026 00:00:00 GMT', expires: 'Thu, 01 Jan 2026 02:00:00 GMT' },
      2 * HOUR,
    ],
    ['a minute where Expires is over', { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }, MIN_LIFETIME_MS],
    ['a minute where Expires is 0', { expires: '0' }, MIN_LIFETIME_MS],
    ['a minute where Expires is no date', { expires: 'never' }, MIN_LIFETIME_MS],
    ['ten minutes where max-age is no number', { 'cache-control': 'max-age=soon' }, DEFAULT_LIFETIME_MS],
  ])('%s', async (_what, headers, lifetimeMs) => {
    expect(await lifetimeOf(headers)).toBe(lifetimeMs);
  });

  it('until Expires, by our clock where the server has none', async () => {
    const lifetimeMs = await lifetimeOf({ expires: new Date(Date.now() + HOUR).toUTCString() });
    expect(Math.abs(lifetimeMs - HOUR)).toBeLessThan(60_000);
  });
});
