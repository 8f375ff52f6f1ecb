import { parse as parseForm } from 'node:querystring';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';
import { isJson, type MediaType } from './media-type';
import type { Body } from './parameters';

const MAX_PARAMETERS = 1000;

const refuse = (reason: Reason, description: string) => new OAuthError('invalid_request', description, { reason });

export const malformed = () => refuse('body_malformed', 'The request body is malformed');

/** Parses a form, or a JSON object. Refuses invalid UTF-8 in JSON; known parameters of a form must be ASCII anyway. */
export function parseBody(bytes: Buffer, mediaType: MediaType): Body {
  if (isJson(mediaType)) return parseJson(bytes);
  // Keeps bytes beyond ASCII, which are refused in every known parameter.
  const text = bytes.toString('latin1');
  if (text.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) {
    throw refuse('parameters_too_many', 'The request has too many parameters');
  }
  return parseForm(text, undefined, undefined, { maxKeys: 0 });
}

/** Returns what a parser of the host left, if it is an object of parameters. */
export function checkObject(body: unknown): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed();
  return body as Body;
}

function parseJson(bytes: Buffer): Body {
  try {
    return checkObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    throw malformed();
  }
}
