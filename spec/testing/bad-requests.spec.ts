import { badRequests, type TokenRequest } from '../../lib/testing';

const GOOD: TokenRequest = {
  method: 'POST',
  path: '/oauth/token',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: 'Basic abc', Accept: '*/*' },
  parameters: new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'a-code',
    refresh_token: 'a-token',
    code_verifier: 'v'.repeat(43),
    redirect_uri: 'https://app.example/callback',
    client_id: 'spa',
    client_secret: 's3cret',
    client_assertion: 'a-jwt',
    client_assertion_type: 'jwt-bearer',
  }),
};

const listParameters = ({ parameters }: TokenRequest) => [...parameters].map(([name, value]) => `${name}=${value}`);

/** What differs from the good request: parts that are other ones, and parameters that are gone or new. */
function differenceOf(change: (request: TokenRequest) => TokenRequest) {
  const { parameters, headers, ...changed } = change(GOOD);
  const { parameters: _parameters, headers: goodHeaders, ...good } = GOOD;
  const [now, before] = [listParameters({ ...GOOD, parameters }), listParameters(GOOD)];
  const others = Object.entries({ ...changed }).filter(([name, value]) => Reflect.get(good, name) !== value);
  const gone = before.filter((each) => !now.includes(each));
  const more = now.filter((each, at) => !before.includes(each) || now.indexOf(each) !== at);
  const removed = Object.keys(goodHeaders).filter((name) => !(name in headers));
  const set = Object.entries(headers).filter(([name, value]) => goodHeaders[name] !== value);
  return {
    ...Object.fromEntries(others),
    ...(gone.length > 0 && { gone }),
    ...(more.length > 0 && { more }),
    ...(removed.length > 0 && { removed }),
    ...(set.length > 0 && { headers: Object.fromEntries(set) }),
  };
}

/** Bodies that parsers of the host may answer first. */
const BODIES = [
  {
    name: 'a body in plain text',
    status: 415,
    error: 'invalid_request',
    reason: 'media_type_unsupported',
    body: 'grant_type=refresh_token',
    headers: { 'Content-Type': 'text/plain' },
  },
  {
    name: 'JSON that is cut short',
    status: 400,
    error: 'invalid_request',
    reason: 'body_malformed',
    body: '{"grant_type":',
    headers: { 'Content-Type': 'application/json' },
  },
  {
    name: 'JSON that is no object',
    status: 400,
    error: 'invalid_request',
    reason: 'body_malformed',
    body: '["grant_type"]',
    headers: { 'Content-Type': 'application/json' },
  },
  {
    name: 'UTF-16',
    status: 415,
    error: 'invalid_request',
    reason: 'charset_unsupported',
    headers: { 'Content-Type': 'application/json; charset=utf-16' },
  },
  {
    name: 'a body with Content-Encoding: gzip',
    status: 415,
    error: 'invalid_request',
    reason: 'content_encoding_unsupported',
    headers: { 'Content-Encoding': 'gzip' },
  },
  {
    name: 'a body of 40 kilobytes',
    status: 413,
    error: 'invalid_request',
    reason: 'body_too_large',
    more: [`pad=${'x'.repeat(40_000)}`],
  },
];

/** What is wrong with a request of either grant. */
const REQUESTS = [
  { name: 'the method GET', status: 405, error: 'invalid_request', reason: 'method_not_allowed', method: 'GET' },
  { name: 'the method PUT', status: 405, error: 'invalid_request', reason: 'method_not_allowed', method: 'PUT' },
  {
    name: 'no grant_type',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_missing',
    gone: ['grant_type=authorization_code'],
  },
  {
    name: 'an empty grant_type',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_missing',
    gone: ['grant_type=authorization_code'],
    more: ['grant_type='],
  },
  {
    name: 'another grant_type',
    status: 400,
    error: 'unsupported_grant_type',
    reason: 'grant_type_unsupported',
    gone: ['grant_type=authorization_code'],
    more: ['grant_type=password'],
  },
  {
    name: 'a grant_type that every object has as a method',
    status: 400,
    error: 'unsupported_grant_type',
    reason: 'grant_type_unsupported',
    gone: ['grant_type=authorization_code'],
    more: ['grant_type=constructor'],
  },
  {
    name: 'grant_type twice',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_repeated',
    more: ['grant_type=authorization_code'],
  },
  {
    name: 'no client',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_missing',
    gone: ['client_id=spa', 'client_secret=s3cret', 'client_assertion=a-jwt', 'client_assertion_type=jwt-bearer'],
    removed: ['Authorization'],
  },
  {
    name: 'client_id twice',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_repeated',
    more: ['client_id=one', 'client_id=two'],
  },
  {
    name: 'a client_id with a NUL',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_characters',
    gone: ['client_id=spa'],
    more: ['client_id=spa\u0000'],
  },
  {
    name: 'another scheme than Basic',
    status: 401,
    error: 'invalid_client',
    reason: 'authorization_scheme_unsupported',
    headers: { Authorization: 'Bearer token' },
  },
  {
    name: 'a Basic field that is no base64',
    status: 401,
    error: 'invalid_client',
    reason: 'authorization_malformed',
    headers: { Authorization: 'Basic ???' },
  },
  {
    name: 'a secret in the URL',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_in_query',
    path: '/oauth/token?client_secret=in-the-url',
  },
  {
    name: 'a resource that is no URI',
    status: 400,
    error: 'invalid_target',
    reason: 'resource_malformed',
    more: ['resource=notes'],
  },
];

/** What is wrong with a code. */
const CODES = [
  { name: 'no code', status: 400, error: 'invalid_request', reason: 'parameter_missing', gone: ['code=a-code'] },
  {
    name: 'a code that nobody issued',
    status: 400,
    error: 'invalid_grant',
    reason: 'code_unknown',
    gone: ['code=a-code'],
    more: ['code=a-code-that-nobody-issued'],
  },
  {
    name: 'a code with one more character',
    status: 400,
    error: 'invalid_grant',
    reason: 'code_unknown',
    gone: ['code=a-code'],
    more: ['code=a-codex'],
  },
  {
    name: 'a code with characters beyond ASCII',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_characters',
    gone: ['code=a-code'],
    more: ['code=c\u00f6de'],
  },
  { name: 'code twice', status: 400, error: 'invalid_request', reason: 'parameter_repeated', more: ['code=a-code'] },
  {
    name: 'the code in the URL',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_in_query',
    path: '/oauth/token?code=in-the-url',
  },
  {
    name: 'no code_verifier',
    status: 400,
    error: 'invalid_grant',
    reason: 'code_verifier_missing',
    gone: ['code_verifier=vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv'],
  },
  {
    name: 'a code_verifier that is short',
    status: 400,
    error: 'invalid_request',
    reason: 'code_verifier_malformed',
    gone: ['code_verifier=vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv'],
    more: ['code_verifier=short'],
  },
  {
    name: 'another code_verifier',
    status: 400,
    error: 'invalid_grant',
    reason: 'code_verifier_mismatch',
    gone: ['code_verifier=vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv'],
    more: ['code_verifier=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
  },
  {
    name: 'code_verifier twice',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_repeated',
    more: ['code_verifier=vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv'],
  },
  {
    name: 'another redirect_uri',
    status: 400,
    error: 'invalid_grant',
    reason: 'redirect_uri_mismatch',
    gone: ['redirect_uri=https://app.example/callback'],
    more: ['redirect_uri=https://attacker.example/callback'],
  },
  {
    name: 'a redirect_uri with one more character',
    status: 400,
    error: 'invalid_grant',
    reason: 'redirect_uri_mismatch',
    gone: ['redirect_uri=https://app.example/callback'],
    more: ['redirect_uri=https://app.example/callback/'],
  },
];

/** What is wrong with a refresh token. */
const REFRESH_TOKENS = [
  {
    name: 'no refresh_token',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_missing',
    gone: ['refresh_token=a-token'],
  },
  {
    name: 'a refresh token that nobody issued',
    status: 400,
    error: 'invalid_grant',
    reason: 'refresh_token_unknown',
    gone: ['refresh_token=a-token'],
    more: ['refresh_token=nobody-issued-it'],
  },
  {
    name: 'refresh_token twice',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_repeated',
    more: ['refresh_token=a-token'],
  },
  {
    name: 'the refresh token in the URL',
    status: 400,
    error: 'invalid_request',
    reason: 'parameter_in_query',
    path: '/oauth/token?refresh_token=in-the-url',
  },
  {
    name: 'a scope in quotes',
    status: 400,
    error: 'invalid_scope',
    reason: 'scope_malformed',
    more: ['scope="openid"'],
  },
  {
    name: 'a scope that was not granted',
    status: 400,
    error: 'invalid_scope',
    reason: 'scope_exceeded',
    more: ['scope=scope:that:nobody:granted'],
  },
];

describe('badRequests', () => {
  it.each([
    ['for a code', undefined, [...BODIES, ...REQUESTS, ...CODES]],
    ['for a code, behind parsers', { parsers: true }, [...REQUESTS, ...CODES]],
    ['for a refresh token', { grantType: 'refresh_token' }, [...BODIES, ...REQUESTS, ...REFRESH_TOKENS]],
  ] as const)('makes requests with one fault each, %s', (_what, options, rows) => {
    const made = badRequests(options).map(({ name, change, ...rest }) => ({ name, ...rest, ...differenceOf(change) }));
    expect(made).toEqual(rows);
  });

  it('leaves the request as it is that it is given', () => {
    const before = listParameters(GOOD);
    for (const { change } of badRequests()) change(GOOD);
    expect(listParameters(GOOD)).toEqual(before);
  });
});
