// Not the global ones: a host's tests may fake those.
import { clearTimeout, setTimeout } from 'node:timers';
import type { Request, Response } from 'express';

/** How much of a body is read and dropped once the answer is on its way, so that the client can still read the answer. */
const MAX_DROPPED_BYTES = 256 * 1024;
const MAX_DROPPING_MS = 1000;

const closing = new WeakSet<object>();

/** Closes the connection behind the answer to this request (RFC 9112 §9.6). Call it before the answer. */
export function closeAfterAnswer(req: Request): void {
  closing.add(req);
}

export function isClosedAfterAnswer(req: Request | undefined): boolean {
  return req !== undefined && closing.has(req);
}

/** Whether an earlier request has closed this connection: nothing that comes behind it is answered any more. */
export function isBehindClose(req: Request): boolean {
  return closing.has(req.socket);
}

/**
 * Sends the body of the last answer of a connection. Node destroys the socket as soon as the answer ends, and the client
 * loses an answer that it has not read while it still sends: so it ends once the rest of the request is dropped.
 */
export function endAndClose(res: Response, body: string): void {
  const { req } = res;
  closing.add(req.socket);
  res.write(body);
  res.end();
}

/** What is left of a request that is answered: it is dropped, and a client that does not come to its end is cut off. */
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
  // A request that no socket brought has no `complete`.
  if (req.complete !== false || req.destroyed) {
    done();
    return;
  }
  const { socket } = req;
  const { bytesRead } = socket;
  const timer = setTimeout(end, MAX_DROPPING_MS);
  req.on('data', drop).on('end', end).on('close', end).resume();

  // What came over the wire: chunks of one byte take six of it.
  function drop(): void {
    if (socket.bytesRead - bytesRead > MAX_DROPPED_BYTES) end();
  }

  function end(): void {
    clearTimeout(timer);
    req.off('data', drop).off('end', end).off('close', end).pause();
    done();
  }
}
