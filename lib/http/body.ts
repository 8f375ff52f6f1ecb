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

/** The limits of a body. */
export interface BodyLimits {
  /** Bytes. */
  limit: number;
  /** Milliseconds, counted from `holdBody`. */
  timeoutMs: number;
}

interface Held {
  /** `undefined` if the body is not read here: the host has read it, or has left it beside the stream. */
  stream: BodyStream | undefined;
  heldAt: number;
}

const held = new WeakMap<Request, Held>();
const watch = createOverdueWatch();

const refuse = (reason: Reason, description: string, status: number) =>
  new OAuthError('invalid_request', description, { reason, status });

/** A client that hangs up is not refused for what it sent, so this does not count against its address. */
const truncated = () =>
  new OAuthError('invalid_request', 'The request body ended too early', { reason: 'body_truncated', counts: false });

const REFUSALS: Readonly<Record<Exclude<BodyEnd, 'whole'>, () => OAuthError>> = {
  truncated,
  too_large: () => refuse('body_too_large', 'The request body is too large', 413),
  too_late: () => refuse('body_timeout', 'The request body did not arrive in time', 408),
};

/**
 * Starts to collect the body, up to the limit. This is the router's first call, before anything is awaited: otherwise a
 * listener of the host could make the data flow away.
 */
export function holdBody(req: Request, limit: number): void {
  hold(req, limit);
}

/** Forgets the body of a request that is over. */
export function releaseBody(req: Request): void {
  held.delete(req);
}

/**
 * Reads a form or a JSON object, by the media type. Takes a body that the host has read or parsed from `req.rawBody` or
 * `req.body`.
 *
 * Does not use the parsers of Express: they inflate, guess charsets, quote the body in their errors, and return an
 * empty object for other media types.
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
      new TypeError(
        'A middleware before the router read the body and left nothing in req.body. Mount the router first.',
      ),
    );
  }
  return parseBody(Buffer.alloc(0), mediaType);
}

/** Stops reading. The body then counts as truncated. */
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
  // Somebody else is reading it. What they leave is known at its end.
  if (req.readableDidRead) return new BodyStream(req, { limit, isComplete: false });
  return hasContent(leftBy(req)) ? undefined : new BodyStream(req, { limit, isComplete: true });
}

/** Refuses a body. Its rest is not read, so the connection cannot be used again. */
function refuseToRead(req: Request, end: Exclude<BodyEnd, 'whole'>): OAuthError {
  closeAfterAnswer(req);
  return REFUSALS[end]();
}

/** Whether the request is a stream. Those of mocks and function hosts may not be. */
function isStream(req: Request): boolean {
  return Reflect.has(req, '_readableState');
}
