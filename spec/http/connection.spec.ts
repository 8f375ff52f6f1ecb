import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import express, { type RequestHandler, type Response } from 'express';
import { letGo } from '../../lib/http/connection';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { chunk, chunkedHead, openConnection, type RawConnection, withServer } from '../support/raw';

const TYPE = 'Content-Type: application/x-www-form-urlencoded';
const form = new URLSearchParams(goodForm()).toString();
const post = (length: number, ...headers: string[]) =>
  `${['POST /oauth/token HTTP/1.1', 'Host: a', TYPE, `Content-Length: ${length}`, ...headers].join('\r\n')}\r\n\r\n`;
const whole = `${post(form.length)}${form}`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

/** Serves an endpoint behind the middleware given, with a connection to it and the server's end of that connection. */
async function withConnection(
  options: Partial<Options>,
  use: (connection: RawConnection, endpoint: ReturnType<typeof createEndpoint>, server: Socket) => Promise<void>,
  ...before: RequestHandler[]
): Promise<void> {
  const endpoint = createEndpoint(options);
  await withServer(express().use(...before, endpoint.router), async (port, server) => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const connection = await openConnection(port);
    try {
      await use(connection, endpoint, await accepted);
    } finally {
      connection.destroy();
    }
  });
}

/** Writes until the server cuts the connection, or the pieces are used up. */
async function flood(connection: RawConnection, piece: string, pieces: number): Promise<void> {
  let isOpen = true;
  void connection.closed.then(() => {
    isOpen = false;
  });
  for (let left = pieces; left > 0 && isOpen; left -= 1) await connection.write(piece);
}

describe('A body that is too large closes the connection', () => {
  it('at once where its length tells it: the answer comes before the body', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(post(20_000));
      const answer = await connection.until(/reading|too large/);
      expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
      expect(endpoint.reasons()).toEqual(['body_too_large']);
      // Whoever sends nothing more is not waited for.
      expect(await connection.closed).toBe(answer);
    });
  });

  it('behind the answer, which a client that first sends everything can still read', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(`${post(200_000)}${'x'.repeat(200_000)}`);
      const text = await connection.closed;
      expect([statuses(text), /\r\nConnection: close\r\n/.test(text), endpoint.reasons()]).toEqual([
        [413],
        true,
        ['body_too_large'],
      ]);
    });
  });

  it.each([
    ['after two thousand pieces of one byte', `${chunk('x').repeat(10_000)}`, 2000 * 6],
    ['after a quarter of a megabyte in large pieces', chunk('x'.repeat(60_000)), 262_144],
  ])('%s, however it goes on', async (_how, piece, dropped) => {
    await withConnection({}, async (connection, endpoint, server) => {
      await connection.write(chunkedHead([TYPE]));
      await flood(connection, piece, 300);
      expect(statuses(await connection.closed)).toEqual([413]);
      // An abrupt end would cost many clients the answer.
      expect(server.bytesRead).toBeGreaterThan(dropped);
      // The body within the limit (six bytes on the wire for each of it), what is dropped, and two reads of the kernel's.
      expect(server.bytesRead).toBeLessThan(16_384 * 6 + dropped + 2 * 65_536);
      expect(endpoint.reasons()).toEqual(['body_too_large']);
    });
  });

  it('also where it only drips on', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(`${chunkedHead([TYPE])}${chunk('x'.repeat(17_000))}`);
      const timer = setInterval(() => void connection.write(chunk('x')), 50);
      expect(statuses(await connection.closed)).toEqual([413]);
      clearInterval(timer);
      expect(endpoint.reasons()).toEqual(['body_too_large']);
    });
  });

  it('also where a listener of the host reads along, which waits with us', async () => {
    let seen = 0;
    const count: RequestHandler = (req, _res, next) => {
      req.on('data', (piece: Buffer) => {
        seen += piece.length;
      });
      next();
    };
    await withConnection(
      {},
      async (connection) => {
        await connection.write(chunkedHead([TYPE]));
        await flood(connection, chunk('x'.repeat(60_000)), 300);
        expect(statuses(await connection.closed)).toEqual([413]);
      },
      count,
    );
    expect(seen).toBeLessThan(500_000);
  });

  it('and what is pipelined behind it spends nothing, for it could not be answered', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(`${chunkedHead([TYPE])}${chunk('x'.repeat(17_000))}${chunk()}${whole}`);
      expect(statuses(await connection.closed)).toEqual([413]);
      expect(endpoint.calls).not.toContain('consumeCode');
      expect(endpoint.isSpent()).toBe(false);
    });
  });

  it('without a wait where all of it has come', async () => {
    const skip = () => new Promise<boolean>((resolve) => setTimeout(resolve, 300, true));
    await withConnection({ bodyLimit: 100, rateLimit: { skip } }, async (connection, endpoint) => {
      await connection.write(`${chunkedHead([TYPE])}${chunk('x'.repeat(200))}${chunk()}`);
      expect(statuses(await connection.closed)).toEqual([413]);
      expect(endpoint.reasons()).toEqual(['body_too_large']);
    });
  });

  it('for a client that hangs up first as well', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(post(20_000));
      await connection.until(/too large/);
      connection.destroy();
      await connection.closed;
      expect(endpoint.reasons()).toEqual(['body_too_large']);
    });
  });

  it('which keeps its answer where the client waits for 100 Continue', async () => {
    await withConnection({}, async (connection) => {
      await connection.write(post(20_000, 'Expect: 100-continue'));
      expect(statuses(await connection.closed)).toEqual([100, 413]);
    });
  });
});

describe('A body that is not whole in time closes the connection', () => {
  const late = { bodyTimeout: 100 };

  it.each<[string, string[]]>([
    ['nothing of it comes', [post(form.length)]],
    ['a part of it comes', [post(form.length), form.slice(0, 20)]],
    ['its last byte is missing', [post(form.length), form.slice(0, -1)]],
    ['its last chunk is missing', [chunkedHead([TYPE]), chunk(form)]],
    ['it is announced and never comes', [post(form.length, 'Expect: 100-continue')]],
  ])('%s', async (_what, pieces) => {
    await withConnection(late, async (connection, endpoint) => {
      for (const piece of pieces) await connection.write(piece);
      const text = await connection.closed;
      expect(text).toMatch(/HTTP\/1\.1 408 .*\r\nConnection: close\r\n.*"error":"invalid_request"/s);
      expect(endpoint.outcomes).toMatchObject([{ outcome: 'refused', status: 408, reason: 'body_timeout' }]);
      expect(endpoint.calls).toEqual([]);
    });
  });

  it('where it drips for ever', async () => {
    await withConnection(late, async (connection, endpoint) => {
      await connection.write(chunkedHead([TYPE]));
      const timer = setInterval(() => void connection.write(chunk('x')), 20);
      expect(statuses(await connection.closed)).toEqual([408]);
      clearInterval(timer);
      expect(endpoint.reasons()).toEqual(['body_timeout']);
    });
  });

  it('also behind an answer of the host, so that nobody parks a connection that way', async () => {
    const giveUp: RequestHandler = (_req, res, next) => {
      setTimeout(() => res.status(504).send('gave up'), 20);
      next();
    };
    await withConnection(
      late,
      async (connection, endpoint) => {
        await connection.write(post(form.length));
        expect(statuses(await connection.closed)).toEqual([504]);
        expect(endpoint.reasons()).toEqual(['body_timeout']);
      },
      giveUp,
    );
  });
});

describe('A body that is whole', () => {
  it('in time is served, however long the limit takes afterwards', async () => {
    const skip = () => new Promise<boolean>((resolve) => setTimeout(resolve, 400, true));
    await withConnection({ bodyTimeout: 200, rateLimit: { skip } }, async (connection, endpoint) => {
      await connection.write(whole);
      expect(statuses(await connection.until(/access_token/))).toEqual([200]);
      expect(endpoint.reasons()).toEqual(['code_redeemed']);
    });
  });

  it('leaves the connection open, for the next request and for those that are pipelined', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(whole);
      await connection.until(/access_token/);
      await connection.write(`${whole}${whole}`);
      await connection.until(/(?:HTTP.*){3}/s);
      expect(statuses(connection.received())).toEqual([200, 400, 400]);
      expect(connection.received()).not.toMatch(/connection: close/i);
      expect(endpoint.reasons()).toEqual(['code_redeemed', 'code_replayed', 'code_replayed']);
    });
  });

  it('may be refused by its media type, and the connection serves on', async () => {
    await withConnection({}, async (connection, endpoint) => {
      await connection.write(`${whole.replace('x-www-form-urlencoded', 'x')}${whole}`);
      await connection.until(/access_token/);
      expect(statuses(connection.received())).toEqual([415, 200]);
      expect(endpoint.reasons()).toEqual(['media_type_unsupported', 'code_redeemed']);
    });
  });
});

describe('A request that is answered before its body has come', () => {
  it.each<[string, number, string, Partial<Options>]>([
    ['by its media type', 415, 'text/plain', {}],
    ['by the limit', 429, 'application/x-www-form-urlencoded', { rateLimit: { limit: 0, validate: false } }],
  ])('%s is read on for a while, and then cut off', async (_why, status, type, options) => {
    await withConnection(options, async (connection, _endpoint, server) => {
      await connection.write(chunkedHead([`Content-Type: ${type}`]));
      await connection.until(/HTTP/);
      await flood(connection, chunk('x'.repeat(60_000)), 300);
      expect(statuses(await connection.closed)).toEqual([status]);
      expect(server.bytesRead).toBeLessThan(16_384 + 262_144 + 2 * 65_536);
    });
  });

  it('is cut off where it never comes', async () => {
    await withConnection({}, async (connection) => {
      await connection.write(post(form.length).replace('urlencoded', 'x'));
      expect(statuses(await connection.closed)).toEqual([415]);
    });
  });

  it('serves on where it comes a little later', async () => {
    await withConnection({}, async (connection) => {
      await connection.write(post(form.length).replace('urlencoded', 'x'));
      await connection.until(/HTTP/);
      await connection.write(`${form}${whole}`);
      expect(statuses(await connection.until(/access_token/))).toEqual([415, 200]);
    });
  });
});

describe('A request that came whole before its answer had left', () => {
  it.each([
    ['keeps its connection', { complete: true }],
    ['is left alone where it is destroyed', { destroyed: true, complete: true }],
  ])('%s', (_what, later) => {
    const destroy = jest.fn();
    const req = { complete: false, socket: { destroy } };
    const res = {
      req,
      writableFinished: false,
      once(_event: string, drop: () => void) {
        Object.assign(req, later);
        drop();
      },
    };
    letGo(res as unknown as Response);
    expect(destroy).not.toHaveBeenCalled();
  });

  it('is cut off where it was destroyed before it was whole', () => {
    const destroy = jest.fn();
    const req = { complete: false, destroyed: true, socket: { destroy } };
    letGo({ req, writableFinished: true } as unknown as Response);
    expect(destroy).toHaveBeenCalledTimes(1);
  });
});

describe('What still comes after the answer', () => {
  it.each([
    ['is dropped', 256 * 1024, 0],
    ['ends the connection once it is more than 256 KiB', 256 * 1024 + 1, 1],
  ])('%s', (_what, bytesRead, times) => {
    const socket = { bytesRead: 0, destroy: jest.fn() };
    const req = Object.assign(new PassThrough(), { complete: false, socket });
    letGo({ req, writableFinished: true } as unknown as Response);
    socket.bytesRead = bytesRead;
    req.emit('data', Buffer.from('x'));
    expect(socket.destroy).toHaveBeenCalledTimes(times);
    req.complete = true;
    req.emit('end');
  });

  it('is dropped as soon as the answer is finished, and not before', () => {
    const req = Object.assign(new PassThrough(), { complete: false, socket: { bytesRead: 0, destroy: jest.fn() } });
    const res = Object.assign(new EventEmitter(), { req, writableFinished: false });
    letGo(res as unknown as Response);
    expect(req.listenerCount('data')).toBe(0);
    res.emit('finish');
    expect(req.listenerCount('data')).toBe(1);
    req.emit('end');
  });

  it('ends the connection once it is more than two thousand pieces, and once only', () => {
    const socket = { bytesRead: 0, destroy: jest.fn() };
    const req = Object.assign(new PassThrough(), { complete: false, socket });
    letGo({ req, writableFinished: true } as unknown as Response);
    for (let piece = 0; piece < 2000; piece += 1) req.emit('data', Buffer.from('x'));
    expect(socket.destroy).not.toHaveBeenCalled();
    req.emit('data', Buffer.from('x'));
    expect([socket.destroy.mock.calls.length, req.isPaused()]).toEqual([1, true]);
    for (const event of ['data', 'end', 'close']) req.emit(event, Buffer.from('x'));
    expect(socket.destroy).toHaveBeenCalledTimes(1);
  });

  it.each(['end', 'close'])('leaves no listener behind: %s', (event) => {
    const socket = { bytesRead: 0, destroy: jest.fn() };
    const req = Object.assign(new PassThrough(), { complete: false, socket });
    const numbers = () => ['data', 'end', 'close'].map((name) => req.listenerCount(name));
    const before = numbers();
    letGo({ req, writableFinished: true } as unknown as Response);
    expect(numbers()).toEqual(before.map((number) => number + 1));
    req.emit(event);
    expect(numbers()).toEqual(before);
  });
});
