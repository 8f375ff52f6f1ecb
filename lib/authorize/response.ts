import type { Response } from 'express';
import { isCallbackUrl } from './callback-url';
import { checkEntries, isText, type Rules, show } from './entries';
import { ISSUER } from './options';
import { type AnswerParameters, formPostPage, type Page, webMessagePage } from './pages';
import type { AuthorizationAnswer, AuthorizationTarget } from './types';

/** Keep the answer and the URL of the request out of caches and out of `Referer`. */
const HEADERS = Object.freeze({
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
});

const PRINTABLE_ASCII = /^[\x20-\x7E]+$/;
const ERROR_CODE = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

const matches = (pattern: RegExp) => (value: unknown) => isText(value) && pattern.test(value);
const PARSED =
  'Pass the request of parseAuthorizationRequest; a result of the kind page has none and is never redirected';

const TARGET = {
  responseUri: { isSound: (value) => isText(value) && isCallbackUrl(value, [value]), hint: PARSED },
  responseMode: { isSound: matches(/^(?:query|form_post|web_message)$/), hint: PARSED },
  state: { isSound: (value) => value === null || matches(PRINTABLE_ASCII)(value), hint: PARSED },
  issuer: { isSound: ISSUER.isSound, hint: PARSED },
} satisfies Record<keyof AuthorizationTarget, Rules[string]>;

/**
 * Sends the code or the error to the callback URL of the request (RFC 6749 §4.1.2), by its `response_mode`, with its
 * `state` and with `iss` (RFC 9207). Save the code before: this function does not. Does nothing if the request has been
 * answered already.
 *
 * @throws TypeError if the request does not come from `parseAuthorizationRequest`, or the answer is neither a code nor
 * an error.
 */
export function authorizationResponse(res: Response, request: AuthorizationTarget, answer: AuthorizationAnswer): void {
  checkEntries('authorizationResponse: the request', request, TARGET);
  const parameters: AnswerParameters = {
    ...parseAnswer(answer),
    ...(request.state !== null && { state: request.state }),
    iss: request.issuer,
  };
  if (res.headersSent) return;

  if (request.responseMode === 'query') {
    // 303, so that the browser sends GET, also after a form with the user's password (RFC 9700 §4.12).
    res.writeHead(303, { ...HEADERS, Location: appendQuery(request.responseUri, parameters), 'Content-Length': 0 });
    res.end();
  } else if (request.responseMode === 'form_post') {
    sendPage(res, formPostPage(request, parameters));
  } else {
    // Headers of the host must not block the frame, nor separate the page from its opener.
    res.removeHeader('X-Frame-Options');
    res.setHeader('Cross-Origin-Opener-Policy', 'unsafe-none');
    sendPage(res, webMessagePage(request, parameters));
  }
}

function sendPage(res: Response, { html, contentSecurityPolicy }: Page): void {
  res.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Content-Security-Policy': contentSecurityPolicy,
  });
  res.end(html);
}

/** Appends to the query of the callback URL, which stays as it is byte for byte (RFC 6749 §3.1.2). */
function appendQuery(responseUri: string, parameters: AnswerParameters): string {
  // Write spaces as %20, because not every client decodes the plus sign.
  const query = new URLSearchParams(parameters).toString().replaceAll('+', '%20');
  const separator = /[?&]$/.test(responseUri) ? '' : responseUri.includes('?') ? '&' : '?';
  return `${responseUri}${separator}${query}`;
}

function parseAnswer(answer: AuthorizationAnswer): AnswerParameters {
  const { code, error, error_description: description } = Object(answer) as Record<string, unknown>;
  if (error === undefined && matches(PRINTABLE_ASCII)(code)) return { code: String(code) };
  const isError = code === undefined && matches(ERROR_CODE)(error);
  if (isError && (description === undefined || typeof description === 'string')) {
    const text = (description ?? '').replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
    return { error: String(error), ...(text !== '' && { error_description: text }) };
  }
  // Not the values: one may be the code.
  const names = show(Object.keys(Object(answer)));
  throw new TypeError(
    `authorizationResponse: the answer has the members ${names}. Write { code: 'a string' }, or { error: 'access_denied' } with or without error_description`,
  );
}
