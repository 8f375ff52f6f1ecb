import { types } from 'node:util';
import type { Request } from 'express';
import { checkObject, malformed, parseBody } from './body-text';
import { isJson, type MediaType } from './media-type';
import type { Body } from './parameters';

/** The bytes of a byte order mark, which text parsers remove. */
const BOM_LENGTH = 3;

/** What a middleware or a function host left of the body: `rawBody` where it has bytes, else `body`. */
export function leftBy(req: Request): unknown {
  const { rawBody } = req as Request & { rawBody?: unknown };
  return holdsText(rawBody) ? rawBody : bodyOf(req);
}

/** Some hosts parse the body when `req.body` is first read, and throw there. */
class Unreadable {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

function bodyOf(req: Request): unknown {
  try {
    return req.body;
  } catch (thrown) {
    return new Unreadable(thrown);
  }
}

/** Whether there is something in it. Express 4 leaves `{}` beside a body that no parser has read. */
export function hasContent(left: unknown): boolean {
  if (typeof left === 'string' || isBytes(left)) return holdsText(left);
  if (types.isMap(left)) return left.size > 0;
  if (isSearchParams(left)) return left.size > 0;
  return typeof left === 'object' && left !== null && Object.keys(left).length > 0;
}

/** Parses text and bytes as the body itself. Takes what the host has parsed as it is. */
export function parseLeft(left: unknown, req: Request, mediaType: MediaType): Body {
  if (left instanceof Unreadable) throw isMalformed(left.thrown) ? malformed() : left.thrown;
  if (isBytes(left)) return parseBody(toBuffer(left), mediaType);
  if (typeof left === 'string') {
    const bytes = Buffer.from(left);
    if (left === req.body && wasParsed(bytes, req, mediaType)) throw malformed();
    return parseBody(bytes, mediaType);
  }
  if (isSearchParams(left)) return parseBody(Buffer.from(left.toString()), 'application/x-www-form-urlencoded');
  return checkObject(types.isMap(left) ? Object.fromEntries(left) : left);
}

/** What a parser throws for a body that is the client's fault: everything else is the host's. */
function isMalformed(thrown: unknown): boolean {
  const { name, status, statusCode = status } = Object(thrown);
  return name === 'SyntaxError' || (statusCode >= 400 && statusCode < 500);
}

/**
 * Whether the string is a parsed JSON string and not the text of the body. Then it is shorter than the body: two quotes
 * are gone, and a backslash for each quote inside. `express.json({ strict: false })` leaves such a string. It must not
 * be parsed twice.
 */
function wasParsed(text: Buffer, { headers }: Request, mediaType: MediaType): boolean {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length) > text.length + BOM_LENGTH;
  return headers['transfer-encoding'] !== undefined && isJson(mediaType);
}

function holdsText(left: unknown): boolean {
  return typeof left === 'string' ? left !== '' : isBytes(left) && left.byteLength > 0;
}

// Not instanceof, because test runners and workers have globals of their own.
function isBytes(left: unknown): left is ArrayBufferView | ArrayBufferLike {
  return ArrayBuffer.isView(left) || types.isAnyArrayBuffer(left);
}

function toBuffer(bytes: ArrayBufferView | ArrayBufferLike): Buffer {
  if (!ArrayBuffer.isView(bytes)) return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isSearchParams(left: unknown): left is URLSearchParams {
  return Object.prototype.toString.call(left) === '[object URLSearchParams]';
}
