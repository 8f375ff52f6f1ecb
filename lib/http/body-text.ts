import { parse as parseForm } from 'node:querystring';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';
import { isJson, type MediaType } from './media-type';
import type { Body } from './parameters';

const MAX_PARAMETERS = 1000;

const refuse = (reason: Reason, description: string) => new OAuthError('invalid_request', description, { reason });

export const malformed = () => refuse('body_malformed', 'The request body is malformed');

/** Parses a form, or a JSON object. Invalid UTF-8 is refused in JSON; forms hold ASCII where it counts. */
export function parseBody(bytes: Buffer, mediaType: MediaType): Body {
  if (isJson(mediaType)) return checkObject(parseJson(bytes));
  // Bytes beyond ASCII stay what they are, and are refused wherever they stand in a parameter that counts.
  const text = bytes.toString('latin1');
  if (text.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) {
    throw refuse('parameters_too_many', 'The request has too many parameters');
  }
  return parseForm(text, '&', '=', { maxKeys: 0 });
}

/** What a parser of the host left, if it is an object of parameters. */
export function checkObject(body: unknown): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed();
  return body as Body;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed();
  }
}
