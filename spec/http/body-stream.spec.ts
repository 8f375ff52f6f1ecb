import { Readable } from 'node:stream';
import type { Request } from 'express';
import fc from 'fast-check';
import { BodyStream } from '../../lib/http/body-stream';
import { createOverdueWatch } from '../../lib/http/overdue';

const watch = createOverdueWatch();
const endOf = (stream: BodyStream) => stream.ended(performance.now() + 60_000, watch);

/** A request that no socket brought, with its body in these pieces. */
const requestOf = (pieces: Iterable<Uint8Array>, headers: Record<string, string> = {}) =>
  Object.assign(Readable.from(pieces, { objectMode: false }), { headers }) as unknown as Request;

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
const lengthOf = (all: readonly Uint8Array[]) => all.reduce((sum, { length }) => sum + length, 0);

describe('A body in any pieces', () => {
  it('is whole byte for byte, or too large by at least one byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.integer({ min: 1, max: 4000 }),
        fc.constantFrom(undefined, 'latin1' as const, 'base64' as const, 'hex' as const, 'utf8' as const),
        async (all, limit, encoding) => {
          // Only text survives utf8: the other encodings give back every byte.
          const sent = encoding === 'utf8' ? all.map((piece) => piece.map((byte) => byte & 127)) : all;
          const req = requestOf(sent);
          if (encoding) req.setEncoding(encoding);
          const stream = new BodyStream(req, { limit, isComplete: true });
          const end = await endOf(stream);
          expect(end).toBe(lengthOf(sent) > limit ? 'too_large' : 'whole');
          if (end === 'whole') expect(stream.bytes.equals(Buffer.concat(sent))).toBe(true);
        },
      ),
    );
  });

  it('takes one buffer that never outgrows the limit, or what Node allots at once', async () => {
    const limit = 16 * 1024;
    const stream = new BodyStream(requestOf(Array.from({ length: 16_000 }, () => Buffer.from('x'))), {
      limit,
      isComplete: true,
    });
    expect(await endOf(stream)).toBe('whole');
    expect(stream.bytes).toHaveLength(16_000);
    expect(stream.bytes.buffer.byteLength).toBeLessThanOrEqual(limit);
  });

  it.each([
    ['the limit', 16 * 1024, [512, 1024, 2048, 4096, 8192, 16_384]],
    ['a limit that is no power of two', 10_000, [512, 1024, 2048, 4096, 8192, 10_000]],
    ['a limit that is small', 300, [300]],
  ])('is copied a few times, and not for each piece, up to %s', async (_what, limit, expected) => {
    const allotted = jest.spyOn(Buffer, 'allocUnsafe');
    const pieces = Array.from({ length: limit }, () => Buffer.from('x'));
    const stream = new BodyStream(requestOf(pieces), { limit, isComplete: true });
    allotted.mockClear();
    expect(await endOf(stream)).toBe('whole');
    const sizes = allotted.mock.calls.map(([size]) => size);
    allotted.mockRestore();
    expect(sizes).toEqual(expected);
  });

  it('is copied once where it comes in one piece', async () => {
    const allotted = jest.spyOn(Buffer, 'allocUnsafe');
    const stream = new BodyStream(requestOf([Buffer.alloc(3000)]), { limit: 16_384, isComplete: true });
    allotted.mockClear();
    await endOf(stream);
    const sizes = allotted.mock.calls.map(([size]) => size);
    allotted.mockRestore();
    expect(sizes).toEqual([3000]);
  });
});

describe('A body', () => {
  it.each([
    [10, 'whole'],
    [11, 'too_large'],
  ])('of the announced length %i is %s by a limit of 10, before a byte of it has come', async (length, expected) => {
    const req = requestOf([Buffer.alloc(length)], { 'content-length': String(length) });
    const stream = new BodyStream(req, { limit: 10, isComplete: true });
    expect(await endOf(stream)).toBe(expected);
    expect(req.readableDidRead).toBe(expected === 'whole');
  });

  it('that somebody else has begun to read is only followed to its end, however long it is', async () => {
    const stream = new BodyStream(requestOf([Buffer.alloc(100)], { 'content-length': '100' }), {
      limit: 10,
      isComplete: false,
    });
    expect([await endOf(stream), stream.bytes.length]).toEqual(['whole', 0]);
  });

  it.each<[string, (req: Request) => void]>([
    ['breaks', (req) => void req.destroy(new Error('reset'))],
    ['is cut off', (req) => void req.destroy()],
  ])('that %s is truncated', async (_how, cut) => {
    const req = requestOf([Buffer.alloc(5)]);
    const stream = new BodyStream(req, { limit: 10, isComplete: true });
    cut(req);
    expect(await endOf(stream)).toBe('truncated');
  });

  it('of a stream that is destroyed already is truncated', async () => {
    const req = requestOf([]);
    req.destroy();
    await new Promise((resolve) => req.once('close', resolve));
    expect(await endOf(new BodyStream(req, { limit: 10, isComplete: true }))).toBe('truncated');
  });

  it('that is stopped stays stopped: what still comes changes nothing', async () => {
    const req = requestOf([Buffer.alloc(5)]);
    const stream = new BodyStream(req, { limit: 10, isComplete: true });
    stream.stop('too_late');
    stream.stop('whole');
    req.resume();
    await new Promise((resolve) => req.once('close', resolve));
    expect([await endOf(stream), stream.bytes.length]).toEqual(['too_late', 0]);
  });

  it('that a listener holds back is read at once where it is there already, though no event tells of it again', async () => {
    const req = requestOf([Buffer.from('code=a')]);
    await new Promise<void>((resolve) => req.once('readable', resolve));
    req.on('readable', () => {});
    await new Promise(setImmediate);
    const stream = new BodyStream(req, { limit: 10, isComplete: true });
    expect([await endOf(stream), stream.bytes.toString()]).toEqual(['whole', 'code=a']);
  });

  it('that a listener holds back is not read on once it is too large', async () => {
    let read = 0;
    const pieces = (function* () {
      for (; read < 100; read += 1) yield Buffer.alloc(6);
    })();
    const req = requestOf(pieces);
    req.on('readable', () => {});
    const stream = new BodyStream(req, { limit: 10, isComplete: true });
    expect(await endOf(stream)).toBe('too_large');
    await new Promise(setImmediate);
    expect(read).toBeLessThan(10);
  });

  it('of a function host may come as text', async () => {
    const req = Object.assign(Readable.from(['code=', 'ü']), { headers: {} }) as unknown as Request;
    const stream = new BodyStream(req, { limit: 7, isComplete: true });
    expect([await endOf(stream), stream.bytes.toString()]).toEqual(['whole', 'code=ü']);
  });
});
