import type { OAuthErrorCode } from '../errors';
import type { Reason } from '../reasons';
import type { TokenRequest } from './token-endpoint';

/** A request that the endpoint must refuse. */
export interface BadRequest {
  /** What is wrong with it. */
  name: string;
  /** Makes the bad request from a good one. Pass it as `change` to `redeem` or `refresh`. */
  change: (request: TokenRequest) => TokenRequest;
  /** The status (RFC 6749 §5.2). Your option `errorStatus` may set another one. */
  status: number;
  error: OAuthErrorCode;
  /** The reason that the router reports. Never sent to the client. */
  reason: Reason;
}

/** The options of `badRequests`. */
export interface BadRequestsOptions {
  /** The grant: requests of `redeem`, or those of `refresh`. @default 'authorization_code' */
  grantType?: 'authorization_code' | 'refresh_token' | undefined;
  /** Whether you run body parsers before the router. Then the rows that they answer are left out. @default false */
  parsers?: boolean | undefined;
}

type Form = (parameters: URLSearchParams) => void;
type Row = [name: string, status: number, error: OAuthErrorCode, reason: Reason, change: BadRequest['change']];

/** The request with other parameters. */
const form =
  (edit: Form): BadRequest['change'] =>
  (request) => {
    const parameters = new URLSearchParams(request.parameters);
    edit(parameters);
    return { ...request, parameters };
  };

const set = (name: string, value: string) => form((parameters) => parameters.set(name, value));
const without = (name: string) => form((parameters) => parameters.delete(name));
const twice = (name: string) => form((parameters) => parameters.append(name, String(parameters.get(name))));

const header =
  (name: string, value: string): BadRequest['change'] =>
  (request) => ({ ...request, headers: { ...request.headers, [name]: value } });

const text =
  (type: string, body: string): BadRequest['change'] =>
  (request) => ({ ...request, headers: { ...request.headers, 'Content-Type': type }, body });

const method =
  (name: string): BadRequest['change'] =>
  (request) => ({ ...request, method: name });

const inUrl =
  (name: string): BadRequest['change'] =>
  (request) => ({ ...request, path: `${request.path}?${name}=in-the-url` });

const missing = (name: string): Row => [`no ${name}`, 400, 'invalid_request', 'parameter_missing', without(name)];

/** A request without any client identification. */
const anonymous: BadRequest['change'] = (request) => {
  const { Authorization, ...headers } = request.headers;
  const names = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];
  return form((parameters) => {
    for (const name of names) parameters.delete(name);
  })({ ...request, headers });
};

const JSON_TYPE = 'application/json';

/** Requests that body parsers of Express may answer before the router does. */
const BODIES: readonly Row[] = [
  [
    'a body in plain text',
    415,
    'invalid_request',
    'media_type_unsupported',
    text('text/plain', 'grant_type=refresh_token'),
  ],
  ['JSON that is cut short', 400, 'invalid_request', 'body_malformed', text(JSON_TYPE, '{"grant_type":')],
  ['JSON that is no object', 400, 'invalid_request', 'body_malformed', text(JSON_TYPE, '["grant_type"]')],
  ['UTF-16', 415, 'invalid_request', 'charset_unsupported', header('Content-Type', `${JSON_TYPE}; charset=utf-16`)],
  [
    'a body with Content-Encoding: gzip',
    415,
    'invalid_request',
    'content_encoding_unsupported',
    header('Content-Encoding', 'gzip'),
  ],
  ['a body of 40 kilobytes', 413, 'invalid_request', 'body_too_large', set('pad', 'x'.repeat(40_000))],
];

const REQUESTS: readonly Row[] = [
  ['the method GET', 405, 'invalid_request', 'method_not_allowed', method('GET')],
  ['the method PUT', 405, 'invalid_request', 'method_not_allowed', method('PUT')],
  missing('grant_type'),
  ['an empty grant_type', 400, 'invalid_request', 'parameter_missing', set('grant_type', '')],
  ['another grant_type', 400, 'unsupported_grant_type', 'grant_type_unsupported', set('grant_type', 'password')],
  [
    'a grant_type that every object has as a method',
    400,
    'unsupported_grant_type',
    'grant_type_unsupported',
    set('grant_type', 'constructor'),
  ],
  ['grant_type twice', 400, 'invalid_request', 'parameter_repeated', twice('grant_type')],
  ['no client', 400, 'invalid_request', 'parameter_missing', anonymous],
  [
    'client_id twice',
    400,
    'invalid_request',
    'parameter_repeated',
    form((parameters) => {
      parameters.append('client_id', 'one');
      parameters.append('client_id', 'two');
    }),
  ],
  ['a client_id with a NUL', 400, 'invalid_request', 'parameter_characters', set('client_id', 'spa\0')],
  [
    'another scheme than Basic',
    401,
    'invalid_client',
    'authorization_scheme_unsupported',
    header('Authorization', 'Bearer token'),
  ],
  [
    'a Basic field that is no base64',
    401,
    'invalid_client',
    'authorization_malformed',
    header('Authorization', 'Basic ???'),
  ],
  ['a secret in the URL', 400, 'invalid_request', 'parameter_in_query', inUrl('client_secret')],
  ['a resource that is no URI', 400, 'invalid_target', 'resource_malformed', set('resource', 'notes')],
];

const CODES: readonly Row[] = [
  missing('code'),
  ['a code that nobody issued', 400, 'invalid_grant', 'code_unknown', set('code', 'a-code-that-nobody-issued')],
  [
    'a code with one more character',
    400,
    'invalid_grant',
    'code_unknown',
    form((parameters) => parameters.set('code', `${parameters.get('code')}x`)),
  ],
  ['a code with characters beyond ASCII', 400, 'invalid_request', 'parameter_characters', set('code', 'c\u00f6de')],
  ['code twice', 400, 'invalid_request', 'parameter_repeated', twice('code')],
  ['the code in the URL', 400, 'invalid_request', 'parameter_in_query', inUrl('code')],
  ['no code_verifier', 400, 'invalid_grant', 'code_verifier_missing', without('code_verifier')],
  ['a code_verifier that is short', 400, 'invalid_request', 'code_verifier_malformed', set('code_verifier', 'short')],
  ['another code_verifier', 400, 'invalid_grant', 'code_verifier_mismatch', set('code_verifier', 'x'.repeat(43))],
  ['code_verifier twice', 400, 'invalid_request', 'parameter_repeated', twice('code_verifier')],
  [
    'another redirect_uri',
    400,
    'invalid_grant',
    'redirect_uri_mismatch',
    set('redirect_uri', 'https://attacker.example/callback'),
  ],
  [
    'a redirect_uri with one more character',
    400,
    'invalid_grant',
    'redirect_uri_mismatch',
    form((parameters) => parameters.set('redirect_uri', `${parameters.get('redirect_uri')}/`)),
  ],
];

const REFRESH_TOKENS: readonly Row[] = [
  missing('refresh_token'),
  [
    'a refresh token that nobody issued',
    400,
    'invalid_grant',
    'refresh_token_unknown',
    set('refresh_token', 'nobody-issued-it'),
  ],
  ['refresh_token twice', 400, 'invalid_request', 'parameter_repeated', twice('refresh_token')],
  ['the refresh token in the URL', 400, 'invalid_request', 'parameter_in_query', inUrl('refresh_token')],
  ['a scope in quotes', 400, 'invalid_scope', 'scope_malformed', set('scope', '"openid"')],
  ['a scope that was not granted', 400, 'invalid_scope', 'scope_exceeded', set('scope', 'scope:that:nobody:granted')],
];

/**
 * Makes requests with one fault each, for `it.each` (RFC 6749 §3.2, §4.1.3, §5.2, §6, RFC 7636 §4.6, RFC 8707 §2). None
 * of them spends anything: the good request succeeds afterwards. The good request must have a `redirectUri`.
 */
export function badRequests({ grantType, parsers = false }: BadRequestsOptions = {}): BadRequest[] {
  const own = grantType === 'refresh_token' ? REFRESH_TOKENS : CODES;
  const rows = [...(parsers ? [] : BODIES), ...REQUESTS, ...own];
  return rows.map(([name, status, error, reason, change]) => ({ name, change, status, error, reason }));
}
