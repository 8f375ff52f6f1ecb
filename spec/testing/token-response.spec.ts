import { checkTokenResponse } from '../../lib/testing';

const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', pragma: 'no-cache' };
const issued = { access_token: 'an access token', token_type: 'Bearer', expires_in: 3600 };
const refused = { error: 'invalid_grant', error_description: 'Invalid authorization code' };

/** The problems that are found, or the whole message where it is another one. */
function problemsOf(status: number, body: unknown, different: Record<string, string | undefined> = {}): string[] {
  try {
    checkTokenResponse({ status, headers: { ...headers, ...different }, body });
    return [];
  } catch (thrown) {
    const { name, message } = thrown as Error;
    const lines = message.split('\n  - ');
    const [last = '', guide] = String(lines.pop()).split('\n');
    const count = lines.length;
    const title = `${count === 1 ? 'This is' : `These ${count} things are`} wrong with the token response:`;
    const isWhole = lines[0] === title && guide === 'See docs/guides/testing.md#what-checktokenresponse-says';
    // jest prints more than the message of an AssertionError.
    return isWhole && name === 'Error' && !('code' in (thrown as Error)) ? [...lines.slice(1), last] : [message];
  }
}

const TYPE = (type: unknown) => `Content-Type is ${type}, not application/json: is this the router's answer?`;
const CACHE = 'Cache-Control does not have no-store: let nothing of yours change it';
const PRAGMA = 'Pragma is not no-cache: let nothing of yours change it';
const ETAG = 'there is an ETag: an ETag is a digest of the tokens. Send answers with the router only';
const OBJECT = 'the body must be a JSON object';
const BOTH = 'the body must have tokens or an error, never both';
const LIFETIME = 'expires_in must be a whole number above 0';
const DESCRIPTION = 'error_description must be a string with the characters of RFC 6749 §5.2';

describe('checkTokenResponse passes', () => {
  test.each<[string, number, object]>([
    ['tokens', 200, issued],
    ['tokens that are bound to a key', 200, { ...issued, token_type: 'DPoP' }],
    ['tokens that live for a second', 200, { ...issued, expires_in: 1 }],
    ['all that RFC 6749 names', 200, { ...issued, refresh_token: 'a', id_token: 'b', scope: 'c' }],
    ['a refusal', 400, refused],
    ['a fault', 500, { error: 'server_error', error_description: 'Something went wrong' }],
    ['the last status of an error', 599, refused],
    ['each character that a description may have', 400, { ...refused, error_description: ' !#[]~aZ09' }],
  ])('%s', (_what, status, body) => {
    expect(problemsOf(status, body)).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['bare application/json', { 'content-type': 'application/json' }],
    ['application/json with a parameter', { 'content-type': 'application/json;charset=utf-8' }],
    ['a directive before no-store', { 'cache-control': 'private, no-store' }],
    ['a directive before no-store without a blank', { 'cache-control': 'private,no-store' }],
    ['a directive after no-store', { 'cache-control': 'no-store, private' }],
    ['a directive after no-store, after a blank', { 'cache-control': 'no-store ,private' }],
  ])('%s', (_what, different) => {
    expect(problemsOf(200, issued, different)).toEqual([]);
  });
});

describe('checkTokenResponse refuses', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ['another media type', { 'content-type': 'text/html' }, TYPE('text/html')],
    ['a media type that begins like it', { 'content-type': 'application/jsonp' }, TYPE('application/jsonp')],
    ['a media type that ends like it', { 'content-type': 'x-application/json' }, TYPE('x-application/json')],
    ['no media type', { 'content-type': undefined }, TYPE(undefined)],
    ['what a cache may keep', { 'cache-control': 'no-cache' }, CACHE],
    ['a directive that begins like no-store', { 'cache-control': 'no-stores' }, CACHE],
    ['a directive that ends like no-store', { 'cache-control': 'x-no-store' }, CACHE],
    ['no Cache-Control', { 'cache-control': undefined }, CACHE],
    ['no Pragma', { pragma: undefined }, PRAGMA],
    ['another Pragma', { pragma: 'cache' }, PRAGMA],
    ['an ETag', { etag: 'W/"1"' }, ETAG],
  ])('%s', (_what, different, problem) => {
    expect(problemsOf(200, issued, different)).toEqual([problem]);
  });

  test.each<[string, number, unknown, string[]]>([
    ['a body that is text', 200, 'tokens', [OBJECT]],
    ['a body that is null', 200, null, [OBJECT]],
    ['a body that is an array', 200, [issued], [OBJECT]],
    ['a refusal that is text', 400, 'refused', [OBJECT]],
    ['no access token', 200, { ...issued, access_token: undefined }, ['access_token must be a string']],
    ['an empty access token', 200, { ...issued, access_token: '' }, ['access_token must be a string']],
    ['bearer in lower case', 200, { ...issued, token_type: 'bearer' }, ['token_type must be Bearer or DPoP']],
    ['a lifetime that is a string', 200, { ...issued, expires_in: '3600' }, [LIFETIME]],
    ['no lifetime', 200, { ...issued, expires_in: 0 }, [LIFETIME]],
    ['half a second', 200, { ...issued, expires_in: 0.5 }, [LIFETIME]],
    ['a lifetime below nothing', 200, { ...issued, expires_in: -1 }, [LIFETIME]],
    ...['refresh_token', 'id_token', 'scope'].flatMap((name): [string, number, unknown, string[]][] =>
      [null, {}, ['a'], ''].map((value) => [
        `a ${name} that is ${JSON.stringify(value)}`,
        200,
        { ...issued, [name]: value },
        [`${name} must be a string, or left out`],
      ]),
    ),
    ['tokens and an error', 200, { ...issued, error: 'invalid_grant' }, [BOTH]],
    ['an error and tokens', 400, { ...refused, access_token: 'a' }, [BOTH]],
    ['an error of another status', 399, refused, ['status is 399: an error has a status from 400 to 599']],
    ['an error of no status there is', 600, refused, ['status is 600: an error has a status from 400 to 599']],
    ['no error', 400, { ...refused, error: undefined }, ['error must be a string']],
    ['an empty error', 400, { ...refused, error: '' }, ['error must be a string']],
    ['no description', 400, { error: 'invalid_grant' }, [DESCRIPTION]],
    ['a description that is a number', 400, { ...refused, error_description: 4 }, [DESCRIPTION]],
    ...['"', '\\', '\x1f', '\x7f', 'ä', '\n'].map((character): [string, number, unknown, string[]] => [
      `${JSON.stringify(character)} in a description`,
      400,
      { ...refused, error_description: `a${character}b` },
      [DESCRIPTION],
    ]),
    ['a quote before a description', 400, { ...refused, error_description: '"a' }, [DESCRIPTION]],
    ['a quote after a description', 400, { ...refused, error_description: 'a"' }, [DESCRIPTION]],
    ['nothing in the body', 200, {}, ['access_token must be a string', 'token_type must be Bearer or DPoP', LIFETIME]],
  ])('%s', (_what, status, body, problems) => {
    expect(problemsOf(status, body)).toEqual(problems);
  });

  test('with an error whose stack begins where it was called', () => {
    expect.assertions(1);
    try {
      checkTokenResponse({ status: 200, headers, body: {} });
    } catch (thrown) {
      const [first] = String((thrown as Error).stack)
        .split('\n')
        .filter((line) => line.startsWith('    at '));
      expect(first).toContain(__filename);
    }
  });

  test('everything that is wrong, at once', () => {
    expect(problemsOf(200, null, { 'content-type': 'text/html', pragma: undefined })).toEqual([
      TYPE('text/html'),
      PRAGMA,
      OBJECT,
    ]);
  });
});
