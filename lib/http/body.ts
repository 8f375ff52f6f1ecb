import { parse as parseForm } from 'node:querystring';
import type { Request } from 'express';
import { fault, OAuthError, type OAuthErrorOptions } from '../errors';
import type { Reason } from '../reasons';

/** The parameters as the request sent them: names and values of any kind. */
export type Body = Readonly<Record<string, unknown>>;

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MAX_PARAMETERS = 1000;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/gi;

const refuse = (reason: Reason, description: string, status?: OAuthErrorOptions['status']) =>
  new OAuthError('invalid_request', description, status === undefined ? { reason } : { reason, status });

const truncated = () => refuse('body_truncated', 'The request body ended too early');
const malformed = () => refuse('body_malformed', 'The request body is malformed');

/**
 * Reads a form or a JSON object, whichever the media type says (CONTRACT H1 to H7). A body that the host has parsed
 * already is taken as it is.
 *
 * Not express's own parsers: those inflate, guess charsets, quote the body in their errors and answer other media types
 * with an empty object.
 */
export async function readBody(req: Request, limit: number): Promise<Body> {
  const mediaType = checkMediaType(req.headers['content-type'] ?? '');
  if (!/^(?:identity)?$/i.test(req.headers['content-encoding'] ?? '')) {
    throw refuse('content_encoding_unsupported', 'The request body must not be compressed', 415);
  }
  // A body without a byte that somebody has waited for was not read, and still does not end again.
  const isEmpty = req.readableEnded && !req.readableDidRead;
  if (!req.readableEnded && !req.readableDidRead) return parseBody(await collect(req, limit), mediaType);
  if (req.body instanceof Uint8Array) return parseBody(Buffer.from(req.body), mediaType);
  if (typeof req.body === 'string') return parseBody(Buffer.from(req.body), mediaType);
  if (req.body === undefined && isEmpty) return parseBody(Buffer.alloc(0), mediaType);
  if (req.body === undefined) {
    const cause = new TypeError('A middleware before the router read the body and left nothing in req.body');
    throw fault('body_taken', cause);
  }
  return checkObject(req.body);
}

function checkMediaType(contentType: string): typeof FORM | typeof JSON_TYPE {
  if (contentType === FORM || contentType === JSON_TYPE) return contentType;
  const mediaType = contentType.replace(/;.*/s, '').trim().toLowerCase();
  if (mediaType !== FORM && mediaType !== JSON_TYPE) {
    throw refuse('media_type_unsupported', `The request body must be ${FORM} or ${JSON_TYPE}`, 415);
  }
  // A form holds nothing but ASCII where it counts, and old Java clients claim ISO-8859-1.
  const known = mediaType === FORM ? ['utf-8', 'iso-8859-1'] : ['utf-8'];
  const named = [...contentType.matchAll(CHARSET)].map(([, charset]) => String(charset).toLowerCase());
  if (named.every((charset) => known.includes(charset))) return mediaType;
  throw refuse('charset_unsupported', 'The request body must be encoded in UTF-8', 415);
}

function collect(req: Request, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(refuse('body_too_large', 'The request body is too large', 413));
    if (Number(req.headers['content-length']) > limit) return tooLarge();
    if (req.destroyed) return reject(truncated());

    const chunks: Buffer[] = [];
    let length = 0;
    // The listeners stay once the limit is passed: what still comes is let go of, and the connection lives.
    req.on('data', (chunk: Buffer | string) => {
      length += chunk.length;
      if (length > limit) tooLarge();
      else chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    });
    req.on('end', () => resolve(Buffer.concat(chunks)));
    req.on('error', () => reject(truncated()));
    req.on('close', () => {
      if (!req.readableEnded) reject(truncated());
    });
  });
}

function parseBody(bytes: Buffer, mediaType: typeof FORM | typeof JSON_TYPE): Body {
  if (mediaType === JSON_TYPE) return checkObject(parseJson(bytes));
  // Bytes beyond ASCII stay what they are, and are refused wherever they stand in a parameter that counts.
  const text = bytes.toString('latin1');
  if (text.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) {
    throw refuse('parameters_too_many', 'The request has too many parameters');
  }
  return parseForm(text, '&', '=', { maxKeys: 0 });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed();
  }
}

function checkObject(body: unknown): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed();
  return body as Body;
}
