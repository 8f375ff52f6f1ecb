// Not the global timers, because tests of the host may fake those.
import { clearTimeout, setTimeout } from 'node:timers';
import type { Request, Response } from 'express';

/** How much of a body is read and dropped after the answer, so that the client can still read the answer. */
const MAX_DROPPED_BYTES = 256 * 1024;
/** An honest client needs 180 pieces of a network packet for that. Each one costs CPU, however small it is. */
const MAX_DROPPED_PIECES = 2000;
const MAX_DROPPING_MS = 1000;

const closing = new WeakSet<object>();

/** Closes the connection after the answer to this request (RFC 9112 §9.6). Call it before the answer. */
export function closeAfterAnswer(req: Request): void {
  closing.add(req);
}

export function isClosedAfterAnswer(req: Request | undefined): boolean {
  return closing.has(req as Request);
}

/** Whether an earlier request has closed this connection. Later requests on it are not answered. */
export function isBehindClose(req: Request): boolean {
  return closing.has(req.socket);
}

/**
 * Sends the body of the last answer on a connection. Node destroys the socket as soon as the answer ends, and a client that
 * is still sending could lose the answer. So it ends when the rest of the request is dropped (RFC 9112 §9.6).
 */
export function endAndClose(res: Response, body: string): void {
  const { req } = res;
  closing.add(req.socket);
  res.write(body);
  dropRest(req, () => res.end());
}

/** Drops the rest of a request that was answered. Cuts the client off if it goes on sending for too long. */
export function letGo(res: Response): void {
  const { req } = res;
  if (req?.complete !== false) return;
  const drop = () =>
    dropRest(req, () => {
      if (!req.complete) req.socket.destroy();
    });
  if (res.writableFinished) drop();
  else res.once('finish', drop);
}

function dropRest(req: Request, done: () => void): void {
  // A request that did not come over a socket has no `complete`.
  if (req.complete !== false || req.destroyed) {
    done();
    return;
  }
  const { socket } = req;
  const { bytesRead } = socket;
  let pieces = 0;
  const timer = setTimeout(end, MAX_DROPPING_MS);
  req.on('data', drop).on('end', end).on('close', end).resume();

  // Counts bytes on the wire: a chunk of one byte takes six.
  function drop(): void {
    pieces += 1;
    if (pieces > MAX_DROPPED_PIECES || socket.bytesRead - bytesRead > MAX_DROPPED_BYTES) end();
  }

  function end(): void {
    clearTimeout(timer);
    req.off('data', drop).off('end', end).off('close', end).pause();
    done();
  }
}
