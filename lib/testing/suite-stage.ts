import { AssertionError } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Outcome } from '../types';
import { createDpopProver, type DpopProver } from './dpop-prover';
import { createCode, createCodeRecord, createPkcePair } from './fixtures';
import { createProbe } from './inspect-probe';
import type { ExpectedTokens } from './issued';
import type { FetchedTokenResponse, HttpRequest } from './requester';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
import { createTokenEndpoint, type Redemption, type TestedTokenEndpoint } from './token-endpoint';
import { describeProblems } from './token-response';

const GUIDE = 'docs/guides/testing.md';

/** An answer, and the outcome that the router reports. */
export interface Answer extends FetchedTokenResponse {
  outcome: Outcome | undefined;
}

/** One rule of the suite. */
export interface Rule {
  name: string;
  /** What to do if the rule fails. */
  todo: string;
  /** The anchor in the guide. */
  anchor: string;
  /** Why the rule does not apply to this host. */
  lacks?: string | undefined;
  run(stage: Stage): Promise<void>;
}

type CodeRecord = Parameters<TokenEndpointBench['saveCode']>[1];

/** A request to the path of the endpoint, if it names no other. */
type SentRequest = Pick<HttpRequest, 'method'> & Partial<HttpRequest>;

/** What a rule uses. */
export interface Stage {
  host: TokenEndpointHost;
  bench: TokenEndpointBench;
  /** The endpoint as the host's client uses it. */
  endpoint: TestedTokenEndpoint<Answer>;
  prover: DpopProver;
  /** The endpoint for another client or prover. Unless given, requests have a proof only where every request needs one. */
  open(different: Partial<Redemption>): TestedTokenEndpoint<Answer>;
  send(request: SentRequest): Promise<Answer>;
  /** Signs in: saves a code with a valid record, in which the given fields differ. */
  login(different?: Partial<CodeRecord>): Promise<Pick<Redemption, 'code' | 'codeVerifier'>>;
  /** The expected tokens of the valid record. */
  granted(different?: ExpectedTokens): ExpectedTokens;
  /** Fails unless these tokens were issued. */
  expectTokens(response: Answer, expected: ExpectedTokens): void;
  /** Fails unless it was refused with one of these codes, in JSON that no cache keeps. */
  expectRefusal(response: Answer, ...errors: (readonly [error: string, status: number])[]): void;
  check(isRight: boolean, problem: string, response: Answer): void;
  close(): void;
}

/** A random address for each test, so that a shared app counts each test for itself. */
const randomAddress = () =>
  `2001:db8:${randomBytes(4)
    .toString('hex')
    .replace(/(?=.{4}$)/, ':')}::1`;

/** Makes the `X-Forwarded-For` of a client behind this many trusted proxies. */
export function forwardedFor(client: string, proxies: number): Record<string, string> {
  if (proxies === 0) return {};
  return { 'X-Forwarded-For': [client, ...Array.from({ length: proxies - 1 }, () => '127.0.0.1')].join(', ') };
}

export async function createStage(bench: TokenEndpointBench, host: TokenEndpointHost, rule: Rule): Promise<Stage> {
  const { path = '/oauth/token', client = { clientId: 'spa' }, proxies = 0, scope = 'openid', errorStatus = {} } = host;
  const { redirectUri = 'https://app.example/callback', tokenEndpoint, resources, audience } = host;
  const probe = await createProbe(bench.app);
  const prover = createDpopProver();
  const ownHeaders = forwardedFor(randomAddress(), proxies);

  const fail = (problem: string, response: Answer): never => {
    const lines = [problem, describeAnswer(response), `What to do: ${rule.todo}`, `See ${GUIDE}#${rule.anchor}`];
    throw new AssertionError({ message: lines.join('\n') });
  };
  const check: Stage['check'] = (isRight, problem, response) => {
    if (!isRight) fail(problem, response);
  };
  const expectForm = (response: Answer, expected?: ExpectedTokens) => {
    const problems = describeProblems(response, expected);
    if (problems !== undefined) fail(problems, response);
  };

  async function send({ method, headers = {}, body, ...given }: SentRequest): Promise<Answer> {
    const sent = { method, path: given.path ?? path, headers: { ...ownHeaders, ...headers }, body };
    const { response, outcome } = await probe.send(sent);
    return { ...response, outcome };
  }

  const defaults = { path, client, redirectUri, tokenEndpoint, prover: host.dpop === 'required' ? prover : undefined };
  const open: Stage['open'] = (different) => createTokenEndpoint(send, { ...defaults, ...different });

  return {
    host,
    bench,
    prover,
    endpoint: open({}),
    open,
    send,
    async login(different) {
      const { codeVerifier, ...challenge } = createPkcePair();
      const code = createCode();
      const { clientId } = client;
      const record = createCodeRecord({ clientId, redirectUri, scope, ...challenge, resources: resources ?? null });
      await bench.saveCode(code, { ...record, ...different });
      return { code, codeVerifier };
    },
    granted: (different) => ({
      issuer: host.issuer,
      clientId: client.clientId,
      jkt: host.dpop === 'required' ? prover.jkt : null,
      scope,
      resources: resources ?? (audience === undefined ? undefined : [audience]),
      jwks: typeof bench.jwks === 'function' ? bench.jwks() : bench.jwks,
      accessToken: host.accessToken,
      ...different,
    }),
    expectTokens: expectForm,
    expectRefusal(response, ...errors) {
      const { status, body } = response;
      const wanted = errors.map(([error, usual]) => [error, errorStatus[error] ?? usual] as const);
      if (!wanted.some(([error, usual]) => body.error === error && status === usual)) {
        fail(`It must be refused with ${wanted.map((each) => each.join(', ')).join(' or ')}.`, response);
      }
      expectForm(response);
    },
    check,
    close: () => probe.close(),
  };
}

/** Describes an answer, and why the router sent it. */
function describeAnswer({ status, body, headers, outcome }: Answer): string {
  const what =
    typeof body.error === 'string' ? `${status} ${body.error}` : `${status}, ${headers['content-type'] ?? 'no body'}`;
  // Preflights have no outcome, whoever answers them.
  if (outcome === undefined && status === 204) return `The answer was ${what}.`;
  if (outcome === undefined) return `The answer was ${what}. No token router has seen the request.`;
  const { reason, fault } = outcome;
  const limited = reason === 'rate_limited' ? ' Let createApp make a new app for each test, or raise the limit.' : '';
  return `The answer was ${what}. The router says: ${reason}${fault instanceof Error ? `, ${fault.message}` : ''}.${limited}`;
}
