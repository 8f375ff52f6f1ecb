import type { Request } from 'express';
import { fault, OAuthError } from '../errors';
import type { Reason } from '../reasons';
import { type BodyEnd, BodyStream } from './body-stream';
import { parseBody } from './body-text';
import { closeAfterAnswer, isBehindClose } from './connection';
import { hasContent, leftBy, parseLeft } from './left-body';
import { parseMediaType } from './media-type';
import { createOverdueWatch } from './overdue';
import type { Body } from './parameters';

/** What bounds a body. */
export interface BodyLimits {
  /** Bytes. */
  limit: number;
  /** Milliseconds, counted from `holdBody`. */
  timeoutMs: number;
}

interface Held {
  /** `undefined` where the body is not read: it was before, or a host has left it beside the stream. */
  stream: BodyStream | undefined;
  heldAt: number;
}

const held = new WeakMap<Request, Held>();
const watch = createOverdueWatch();

const refuse = (reason: Reason, description: string, status: number) =>
  new OAuthError('invalid_request', description, { reason, status });

/** Whoever hangs up was not refused for what it sent: that does not count against its address. */
const truncated = () =>
  new OAuthError('invalid_request', 'The request body ended too early', { reason: 'body_truncated', counts: false });

const REFUSALS: Readonly<Record<Exclude<BodyEnd, 'whole'>, () => OAuthError>> = {
  truncated,
  too_large: () => refuse('body_too_large', 'The request body is too large', 413),
  too_late: () => refuse('body_timeout', 'The request body did not arrive in time', 408),
};

/**
 * Takes the body before anything is awaited, so that no listener of the host's lets it flow away meanwhile: from here on it
 * is collected, up to the limit. The router's first call.
 */
export function holdBody(req: Request, limit: number): void {
  hold(req, limit);
}

/** Forgets the body of a request that is over. */
export function releaseBody(req: Request): void {
  held.delete(req);
}

/**
 * Reads a form or a JSON object, whichever the media type says. A body that the host has read, or parsed, already is taken
 * from `req.rawBody` or `req.body`.
 *
 * Not express's own parsers: those inflate, guess charsets, quote the body in their errors and answer other media types
 * with an empty object.
 */
export async function readBody(req: Request, { limit, timeoutMs }: BodyLimits): Promise<Body> {
  const mediaType = parseMediaType(req);
  if (isBehindClose(req)) throw truncated();
  const { stream, heldAt } = hold(req, limit);
  if (stream) {
    const end = await stream.ended(heldAt + timeoutMs, watch);
    if (end !== 'whole') throw refuseToRead(req, end);
    if (stream.isComplete) return parseBody(stream.bytes, mediaType);
  }
  const left = leftBy(req);
  if (left !== undefined) return parseLeft(left, req, mediaType);
  if (isStream(req) && req.readableDidRead) {
    throw fault(
      'body_taken',
      new TypeError('A middleware before the router read the body and left nothing in req.body'),
    );
  }
  return parseBody(Buffer.alloc(0), mediaType);
}

/** Reads no further: whoever waits for the body is told that it was truncated. */
export function interruptBody(req: Request): void {
  held.get(req)?.stream?.stop('truncated');
}

function hold(req: Request, limit: number): Held {
  const known = held.get(req);
  if (known) return known;
  const taken = { stream: openStream(req, limit), heldAt: performance.now() };
  held.set(req, taken);
  return taken;
}

function openStream(req: Request, limit: number): BodyStream | undefined {
  if (!isStream(req) || req.readableEnded) return undefined;
  // Somebody reads it now: what is left of it is known when it ends.
  if (req.readableDidRead) return new BodyStream(req, { limit, isComplete: false });
  return hasContent(leftBy(req)) ? undefined : new BodyStream(req, { limit, isComplete: true });
}

/** The rest of the body is not read, so the connection cannot be used again. */
function refuseToRead(req: Request, end: Exclude<BodyEnd, 'whole'>): OAuthError {
  closeAfterAnswer(req);
  return REFUSALS[end]();
}

/** Mocks and function hosts make requests that are no streams. */
function isStream(req: Request): boolean {
  return Reflect.has(req, '_readableState');
}
