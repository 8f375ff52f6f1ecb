import assert from 'node:assert/strict';

/** An answer of the endpoint, however it was fetched. Field names are in lower case. */
export interface TokenResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: unknown;
}

const DESCRIPTION = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * Throws where an answer is not what RFC 6749 §5.1 or §5.2 and CONTRACT H11 and A1 to A3 ask for. Says nothing about
 * whether the tokens are good.
 */
export function checkTokenResponse({ status, headers, body }: TokenResponse): void {
  assert.match(String(headers['content-type']), /^application\/json(?:;|$)/, 'Content-Type');
  assert.match(String(headers['cache-control']), /(?:^|[ ,])no-store(?:$|[ ,])/, 'Cache-Control');
  assert.equal(headers.pragma, 'no-cache', 'Pragma');
  assert.equal(headers.etag, undefined, 'an ETag is a digest of the tokens');
  assert.ok(typeof body === 'object' && body !== null && !Array.isArray(body), 'the body is a JSON object');
  if (status === 200) checkTokens(body as Record<string, unknown>);
  else checkError(status, body as Record<string, unknown>);
}

function checkTokens(body: Record<string, unknown>): void {
  assert.ok(isText(body.access_token), 'access_token is a string');
  assert.ok(body.token_type === 'Bearer' || body.token_type === 'DPoP', 'token_type is Bearer or DPoP');
  assert.ok(
    Number.isSafeInteger(body.expires_in) && Number(body.expires_in) > 0,
    'expires_in is a whole number above 0',
  );
  for (const name of ['refresh_token', 'id_token', 'scope']) {
    assert.ok(!(name in body) || isText(body[name]), `${name} is a string, or left out`);
  }
  assert.ok(!('error' in body), 'tokens or an error, never both');
}

function checkError(status: number, body: Record<string, unknown>): void {
  assert.ok(status >= 400 && status <= 599, 'an error has a status from 400 to 599');
  assert.ok(isText(body.error), 'error is a string');
  assert.ok(isText(body.error_description), 'error_description is a string');
  assert.match(String(body.error_description), DESCRIPTION, 'error_description has the characters of RFC 6749 §5.2');
  assert.ok(!('access_token' in body), 'tokens or an error, never both');
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
