import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';
import { readFields } from './parameters';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** The media types that a request body may have (RFC 6749 §3.2; JSON is what Auth0's clients send). */
export type MediaType = typeof FORM | typeof JSON_TYPE;

const CHARSET = /;\s*charset\s*=\s*("[^"]*"|'[^']*'|[^;\s]*)/gi;
const UTF_8 = /^(?:utf[-_]?8|us-ascii)?$/i;
/** Old Java clients claim this charset for forms, whose known parameters must be ASCII anyway. */
const LATIN_1 = /^(?:iso[-_]?8859-1|latin-?1)$/i;

const refuse = (reason: Reason, description: string) =>
  new OAuthError('invalid_request', description, { reason, status: 415 });

/** Parses the media type of the body. Refuses other types, other charsets, and compressed bodies. */
export function parseMediaType(req: Request): MediaType {
  const fields = readFields(req, 'content-type');
  const [contentType = ''] = fields;
  const mediaType = fields.length > 1 ? undefined : findMediaType(contentType);
  if (mediaType === undefined) {
    throw refuse('media_type_unsupported', `The request body must be ${FORM} or ${JSON_TYPE}`);
  }
  // Nearly all clients send exactly this.
  if (contentType === mediaType && req.headers['content-encoding'] === undefined) return mediaType;
  const charsets = [...contentType.matchAll(CHARSET)].map(([, charset]) => String(charset).replaceAll(/["']/g, ''));
  if (!charsets.every((charset) => isReadable(charset, mediaType))) {
    throw refuse('charset_unsupported', 'The request body must be encoded in UTF-8');
  }
  // Some clients write the charset into this field.
  const coding = readFields(req, 'content-encoding').join();
  if (!/^identity$/i.test(coding) && !isReadable(coding, mediaType)) {
    throw refuse('content_encoding_unsupported', 'The request body must not be compressed');
  }
  return mediaType;
}

/** Whether the body is JSON by its media type. */
export function isJson(mediaType: MediaType): boolean {
  return mediaType === JSON_TYPE;
}

function findMediaType(contentType: string): MediaType | undefined {
  const mediaType = contentType.replace(/;.*/s, '').trim().toLowerCase();
  return mediaType === FORM || mediaType === JSON_TYPE ? mediaType : undefined;
}

function isReadable(charset: string, mediaType: MediaType): boolean {
  return UTF_8.test(charset) || (mediaType === FORM && LATIN_1.test(charset));
}
