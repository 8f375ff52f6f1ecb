import type { RequestListener } from 'node:http';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { createClientAssertion } from './client-assertion';
import type { DpopProver } from './dpop-prover';
import { encodeForm } from './form-encoding';
import {
  createSend,
  type FetchedTokenResponse,
  type HttpRequest,
  type Send,
  type SupertestLike,
  type Target,
  type TokenResponse,
} from './requester';
import { listClientMistakes, type TestClient } from './test-client';

/** A token request before it is sent. `badRequests` change one part of it. */
export interface TokenRequest {
  method: string;
  /** With the query string, if there is one. */
  path: string;
  headers: Record<string, string>;
  /** The parameters. They are sent as a form. */
  parameters: URLSearchParams;
  /** The body to send instead of `parameters`. */
  body?: string | undefined;
}

/** The options of `tokenEndpoint`. Each call of `redeem` can replace them. */
export interface TokenEndpointOptions {
  /** The path of the endpoint in your app. @default '/oauth/token' */
  path?: string | undefined;
  /** The public URL of the endpoint, as in the option of your router: the `htu` of proofs. Required with `prover`. */
  tokenEndpoint?: string | undefined;
  /** @default { clientId: 'spa' }, as in `createCodeRecord` */
  client?: TestClient | undefined;
  /** @default 'https://app.example/callback', as in `createCodeRecord`; `null` sends none */
  redirectUri?: string | null | undefined;
  /** Sends a new proof with each request, and repeats it with a nonce if the server asks for one. @default no DPoP */
  prover?: DpopProver | undefined;
  /** More header fields. @default {} */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of a single request. */
export interface Differences extends TokenEndpointOptions {
  /** The resources that the token is for (RFC 8707). @default none */
  resource?: string | readonly string[] | undefined;
  /** More parameters. @default {} */
  parameters?: Readonly<Record<string, string>> | undefined;
  /**
   * The header `DPoP`, or a function that makes it from the nonce of the server. `null` sends none. @default made by
   * `prover`
   */
  proof?: string | ((nonce: string | undefined) => string) | null | undefined;
  /** Changes the request before it is sent, such as `change` of a row of `badRequests`. @default no change */
  change?: ((request: TokenRequest) => TokenRequest) | undefined;
}

/** The options of `redeem`. */
export interface Redemption extends Differences {
  code: string;
  codeVerifier: string;
}

/** The options of `refresh`. */
export interface Refreshment extends Differences {
  refreshToken: string;
  /** The requested scope, a part of the granted one. @default the granted scope */
  scope?: string | undefined;
}

/** A client of your token endpoint. */
export interface TestedTokenEndpoint<Response> {
  /** Redeems a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
  redeem(redemption: Redemption): Promise<Response>;
  /** Redeems a refresh token (RFC 6749 §6). */
  refresh(refreshment: Refreshment): Promise<Response>;
  /** Sends a request of another grant: `{ grant_type: 'client_credentials', scope: 'read' }`. */
  send(parameters: Readonly<Record<string, string>>, differences?: Differences): Promise<Response>;
}

const FORM = 'application/x-www-form-urlencoded';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const CALLBACK = 'https://app.example/callback';

/**
 * Sends token requests to your app as a client does, with client authentication and DPoP proofs. If the server asks for
 * a nonce, sends the request again with the nonce (RFC 9449 §8). `target` is `request(app)` or `request.agent(app)` of
 * supertest, or the app itself. Returns all answers, also refusals.
 *
 * @throws TypeError that lists all mistakes: an option that does not exist, a `client` that cannot authenticate as it
 *   says, a `path` that is no path, a `tokenEndpoint` that is no URL. Throws it also for a `prover` without
 *   `tokenEndpoint`.
 */
export function tokenEndpoint(
  app: RequestListener,
  options?: TokenEndpointOptions,
): TestedTokenEndpoint<FetchedTokenResponse>;
export function tokenEndpoint<Response extends TokenResponse>(
  target: SupertestLike<Response>,
  options?: TokenEndpointOptions,
): TestedTokenEndpoint<Response>;
export function tokenEndpoint<Response extends TokenResponse>(
  target: Target<Response>,
  options?: TokenEndpointOptions,
): TestedTokenEndpoint<Response>;
export function tokenEndpoint<Response extends TokenResponse>(
  target: Target<Response>,
  options: TokenEndpointOptions = {},
): TestedTokenEndpoint<Response> {
  throwMistakes('tokenEndpoint', listMistakes(options));
  requireUrl(options);
  return createTokenEndpoint(createSend(target), options);
}

/** The same with another function that sends. */
export function createTokenEndpoint<Response extends TokenResponse>(
  send: Send<Response>,
  options: TokenEndpointOptions,
): TestedTokenEndpoint<Response> {
  let nonce: string | undefined;

  async function sendOnce(request: TokenRequest, differences: Differences): Promise<Response> {
    const proof = makeProof(differences, nonce);
    const headers = { ...request.headers, ...(proof !== undefined && { DPoP: proof }), ...differences.headers };
    const { change = (same: TokenRequest) => same } = differences;
    const response = await send(write(change({ ...request, headers })));
    const { 'dpop-nonce': next } = response.headers;
    nonce = typeof next === 'string' ? next : nonce;
    return response;
  }

  async function sendTwice(own: Readonly<Record<string, string>>, given: Differences): Promise<Response> {
    const differences = { ...options, ...given };
    const first = await sendOnce(prepare(own, differences), differences);
    if (!isChallenge(first) || typeof differences.proof === 'string') return first;
    return sendOnce(prepare(own, differences), differences);
  }

  return {
    redeem: ({ code, codeVerifier, ...given }) => {
      const { redirectUri = CALLBACK } = { ...options, ...given };
      const parameters = { grant_type: 'authorization_code', code, code_verifier: codeVerifier };
      return sendTwice(redirectUri === null ? parameters : { ...parameters, redirect_uri: redirectUri }, given);
    },
    refresh: ({ refreshToken, scope, ...given }) => {
      const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken };
      return sendTwice(scope === undefined ? parameters : { ...parameters, scope }, given);
    },
    send: (parameters, given = {}) => sendTwice(parameters, given),
  };
}

const isChallenge = ({ status, body, headers }: TokenResponse) =>
  status === 400 && Object(body).error === 'use_dpop_nonce' && headers['dpop-nonce'] !== undefined;

function makeProof({ proof, prover, tokenEndpoint: htu }: Differences, nonce: string | undefined): string | undefined {
  if (typeof proof === 'string' || proof === null) return proof ?? undefined;
  if (typeof proof === 'function') return proof(nonce);
  if (prover === undefined) return undefined;
  requireUrl({ prover, tokenEndpoint: htu });
  return prover.proof({ htu: String(htu), nonce });
}

const OPTIONS: readonly string[] = [
  'path',
  'tokenEndpoint',
  'client',
  'redirectUri',
  'prover',
  'headers',
] satisfies (keyof TokenEndpointOptions)[];

function* listMistakes(options: TokenEndpointOptions): Generator<string> {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) yield describeUnknown([name], OPTIONS);
  }
  const { path = '/', tokenEndpoint: url = 'https://auth.example', client } = options;
  // Another path or URL would only be an answer 400, or a proof that is refused.
  if (!path.startsWith('/')) yield describeMistake(['path'], path, "Write the path alone, such as '/oauth/token'.");
  if (!/^https?:\/\/[^/?#]/i.test(url) || !URL.canParse(url)) {
    yield describeMistake(['tokenEndpoint'], url, "Write the public URL, such as 'https://auth.example/oauth/token'.");
  }
  yield* listClientMistakes('client', client);
}

function requireUrl({ prover, tokenEndpoint: htu }: TokenEndpointOptions): void {
  if (prover === undefined || htu !== undefined) return;
  throw new TypeError(
    "tokenEndpoint is missing, and prover needs it. Write the public URL, such as 'https://auth.example/oauth/token'.",
  );
}

/** Makes a valid request. */
function prepare(own: Readonly<Record<string, string>>, differences: Differences): TokenRequest {
  const { path = '/oauth/token', client = { clientId: 'spa' }, resource = [], parameters = {} } = differences;
  const { headers, body } = authenticate(client);
  const form = new URLSearchParams({ ...own, ...body, ...parameters });
  for (const each of [resource].flat()) form.append('resource', each);
  return { method: 'POST', path, headers: { 'Content-Type': FORM, ...headers }, parameters: form };
}

function authenticate(client: TestClient): { headers: Record<string, string>; body: Record<string, string> } {
  const { clientId } = client;
  if (client.clientSecret !== undefined) {
    const { clientSecret, method, encodes = true } = client;
    if (method === 'client_secret_post')
      return { headers: {}, body: { client_id: clientId, client_secret: clientSecret } };
    const pair = [clientId, clientSecret].map((text) => (encodes ? encodeForm(text) : text)).join(':');
    return { headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, body: {} };
  }
  if (client.privateKey === undefined) return { headers: {}, body: { client_id: clientId } };
  const assertion = createClientAssertion(client);
  return { headers: {}, body: { client_assertion: assertion, client_assertion_type: JWT_BEARER } };
}

function write({ method, path, headers, parameters, body = parameters.toString() }: TokenRequest): HttpRequest {
  return { method, path, headers, body: method === 'GET' || method === 'HEAD' ? undefined : body };
}
