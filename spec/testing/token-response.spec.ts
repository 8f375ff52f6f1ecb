import { checkTokenResponse } from '../../lib/testing';

const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', pragma: 'no-cache' };
const issued = { access_token: 'an access token', token_type: 'Bearer', expires_in: 3600 };
const refused = { error: 'invalid_grant', error_description: 'Invalid authorization code' };

describe('checkTokenResponse passes', () => {
  test.each<[string, number, object]>([
    ['tokens', 200, issued],
    ['tokens that are bound to a key', 200, { ...issued, token_type: 'DPoP' }],
    ['all that RFC 6749 names', 200, { ...issued, refresh_token: 'a', id_token: 'b', scope: 'c' }],
    ['a refusal', 400, refused],
    ['a fault', 500, { error: 'server_error', error_description: 'Something went wrong' }],
  ])('%s', (_what, status, body) => {
    expect(() => checkTokenResponse({ status, headers, body })).not.toThrow();
  });

  test('any directive beside no-store, and bare application/json', () => {
    const different = { ...headers, 'content-type': 'application/json', 'cache-control': 'private, no-store' };
    expect(() => checkTokenResponse({ status: 200, headers: different, body: issued })).not.toThrow();
  });
});

describe('checkTokenResponse refuses', () => {
  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['another media type', { 'content-type': 'text/html' }, /Content-Type/],
    ['no media type', { 'content-type': undefined }, /Content-Type/],
    ['what a cache may keep', { 'cache-control': 'no-cache' }, /Cache-Control/],
    ['no Pragma', { pragma: undefined }, /Pragma/],
    ['an ETag', { etag: 'W/"1"' }, /an ETag is a digest of the tokens/],
  ])('%s', (_what, different, message) => {
    const answer = { status: 200, headers: { ...headers, ...different }, body: issued };
    expect(() => checkTokenResponse(answer)).toThrow(message);
  });

  test.each<[string, number, unknown, RegExp]>([
    ['a body that is text', 200, 'tokens', /the body must be a JSON object/],
    ['a body that is null', 200, null, /the body must be a JSON object/],
    ['a body that is an array', 200, [issued], /the body must be a JSON object/],
    ['no access token', 200, { ...issued, access_token: undefined }, /access_token must be a string/],
    ['an empty access token', 200, { ...issued, access_token: '' }, /access_token must be a string/],
    ['bearer in lower case', 200, { ...issued, token_type: 'bearer' }, /token_type must be Bearer or DPoP/],
    [
      'a lifetime that is a string',
      200,
      { ...issued, expires_in: '3600' },
      /expires_in must be a whole number above 0/,
    ],
    ['no lifetime', 200, { ...issued, expires_in: 0 }, /expires_in must be a whole number above 0/],
    [
      'a refresh token that is null',
      200,
      { ...issued, refresh_token: null },
      /refresh_token must be a string, or left out/,
    ],
    ['an ID token that is no string', 200, { ...issued, id_token: {} }, /id_token must be a string, or left out/],
    ['a scope that is a list', 200, { ...issued, scope: ['a'] }, /scope must be a string, or left out/],
    ['tokens and an error', 200, { ...issued, ...refused }, /tokens or an error, never both/],
    ['an error and tokens', 400, { ...refused, ...issued }, /tokens or an error, never both/],
    ['an error of another status', 302, refused, /a status from 400 to 599/],
    ['an error of no status there is', 600, refused, /a status from 400 to 599/],
    ['no error', 400, { ...refused, error: undefined }, /error must be a string/],
    ['no description', 400, { error: 'invalid_grant' }, /error_description must be a string/],
    ['a quote in a description', 400, { ...refused, error_description: 'a "b"' }, /characters of RFC 6749/],
  ])('%s', (_what, status, body, message) => {
    expect(() => checkTokenResponse({ status, headers, body })).toThrow(message);
  });
});
