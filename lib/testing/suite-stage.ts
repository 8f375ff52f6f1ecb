import { randomBytes } from 'node:crypto';
import type { Outcome } from '../types';
import { createDpopProver, type DpopProver } from './dpop-prover';
import { createCode, createCodeRecord, createPkcePair } from './fixtures';
import { createGate, type Gate } from './gate';
import { createProbe } from './inspect-probe';
import type { ExpectedTokens } from './issued';
import { type Race, race } from './race';
import type { FetchedTokenResponse, HttpRequest } from './requester';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
import { createTokenEndpoint, type Redemption, type TestedTokenEndpoint } from './token-endpoint';
import { describeProblems } from './token-response';

const GUIDE = 'docs/guides/testing.md';

/** An answer, and the outcome that the router reports. */
export interface Answer extends FetchedTokenResponse {
  outcome: Outcome | undefined;
  /** The method of the request. Preflights have no outcome, whoever answers them. */
  method: string;
}

/** What to do if requests do not reach the router as they were sent. */
export const MOUNT_FIRST =
  'mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use.';
/** What to do if a request did not reach the router, where the rule is about something else. */
const UNSEEN =
  'let the request reach createTokenRouter: something before it has answered, such as a limiter, a CSRF filter, a login wall ' +
  'or a 404 page, or path is not where the router is mounted. Mount the router before all of these.';

/** One rule of the suite. */
export interface Rule {
  name: string;
  /** What to do if the rule fails. */
  todo: string;
  /** What to do if a request that must be refused is issued tokens. @default todo */
  accepted?: string | undefined;
  /** The anchor in the guide. */
  anchor: string;
  /** Why the rule does not apply to this host. */
  lacks?: string | undefined;
  run(stage: Stage): Promise<void>;
}

type CodeRecord = Parameters<TokenEndpointBench['saveCode']>[1];

/** A request to the path of the endpoint, if it names no other. */
type SentRequest = Pick<HttpRequest, 'method'> & Partial<HttpRequest>;

/** What to do if an adapter failed. */
const REPAIR = 'repair what the router reports: an adapter throws, or returns what it must not.';
/** What to do if a client that nobody registered is not refused, also where its lookup throws. */
export const FIND_NOTHING =
  'let authenticateClient return null for a client_id that it does not find. A lookup that throws is a 500.';

/** What a rule uses. */
export interface Stage {
  host: TokenEndpointHost;
  bench: TokenEndpointBench;
  /** What the rule says to do. */
  todo: string;
  /** The endpoint as the host's client uses it. */
  endpoint: TestedTokenEndpoint<Answer>;
  prover: DpopProver;
  /** The endpoint for another client or prover. Unless given, requests have a proof only where every request needs one. */
  open(different: Partial<Redemption>): TestedTokenEndpoint<Answer>;
  send(request: SentRequest): Promise<Answer>;
  /**
   * Sends as many requests at once, each through `ask`, from an address of their own if there are proxies. They arrive
   * together: the last byte of each body is held back until all others have arrived.
   */
  atOnce(times: number, ask: (endpoint: TestedTokenEndpoint<Answer>) => Promise<Answer>): Promise<Race<Answer>>;
  /** Signs in: saves a code with a valid record, in which the given fields differ. */
  login(different?: Partial<CodeRecord>): Promise<Pick<Redemption, 'code' | 'codeVerifier'>>;
  /** The expected tokens of the valid record. */
  granted(different?: ExpectedTokens): ExpectedTokens;
  /** Fails unless these tokens were issued. Says what to do, if that is not what the rule says. */
  expectTokens(response: Answer, expected: ExpectedTokens, todo?: string): void;
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

/** Makes what a proxy adds beside `X-Forwarded-For`, if the app trusts one. */
function forwarded({ proxies = 0, tokenEndpoint }: TokenEndpointHost): Record<string, string> {
  if (proxies === 0) return {};
  const url = tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint);
  return { 'X-Forwarded-Proto': 'https', ...(url && { 'X-Forwarded-Host': url.host }) };
}

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
  const ownHeaders = { ...forwardedFor(randomAddress(), proxies), ...forwarded(host), ...host.headers };

  const fail = (problem: string, response: Answer, todo = rule.todo): never => {
    const own = response.outcome?.fault instanceof Error && todo !== FIND_NOTHING ? REPAIR : todo;
    const isMissed = isUnseen(response) && !todo.startsWith(MOUNT_FIRST);
    const [advice, anchor] = isMissed ? [UNSEEN, 'mounting'] : [own, rule.anchor];
    const lines = [problem, describeAnswer(response), `What to do: ${advice}`, `See ${GUIDE}#${anchor}`];
    // No AssertionError: jest would print an expected and a received value beside it, which there are none of.
    throw new Error(lines.join('\n'));
  };
  const check: Stage['check'] = (isRight, problem, response) => {
    if (!isRight) fail(problem, response);
  };
  const expectForm = (response: Answer, expected?: ExpectedTokens, todo?: string) => {
    const problems = describeProblems(response, expected);
    if (problems !== undefined) fail(problems, response, todo);
  };

  async function send({ method, headers = {}, body, ...given }: SentRequest, gate?: Gate): Promise<Answer> {
    const sent = { method, path: given.path ?? path, headers: { ...ownHeaders, ...headers }, body };
    const { response, outcome } = await probe.send(sent, gate);
    return { ...response, outcome, method };
  }

  const defaults = { path, client, redirectUri, tokenEndpoint, prover: host.dpop === 'required' ? prover : undefined };
  const open: Stage['open'] = (different) => createTokenEndpoint(send, { ...defaults, ...different });

  async function login(different?: Partial<CodeRecord>) {
    const { codeVerifier, ...challenge } = createPkcePair();
    const code = createCode();
    const { clientId } = client;
    const record = createCodeRecord({ clientId, redirectUri, scope, ...challenge, resources: resources ?? null });
    await bench.saveCode(code, { ...record, ...different });
    return { code, codeVerifier };
  }

  return {
    host,
    bench,
    todo: rule.todo,
    prover,
    endpoint: open({}),
    open,
    send,
    async atOnce(times, ask) {
      let gate: Gate | undefined;
      const together = createTokenEndpoint((sent: SentRequest) => send(sent, gate), {
        ...defaults,
        headers: forwardedFor(randomAddress(), proxies),
      });
      // The nonce is asked for before, so that no request has to come again.
      await together.redeem(await login());
      gate = createGate(times);
      return race(times, () => ask(together));
    },
    login,
    granted: (different) => ({
      issuer: host.issuer,
      clientId: client.clientId,
      jkt: host.dpop === 'required' ? prover.jkt : null,
      scope,
      resources: resources ?? (audience === undefined ? undefined : [audience]),
      jwks: typeof bench.jwks === 'function' ? bench.jwks() : bench.jwks,
      accessToken: host.accessToken,
      typ: host.typ,
      ...different,
    }),
    expectTokens: expectForm,
    expectRefusal(response, ...errors) {
      const { status, body } = response;
      const wanted = errors.map(([error, usual]) => [error, errorStatus[error] ?? usual] as const);
      if (!wanted.some(([error, usual]) => body.error === error && status === usual)) {
        const problem = `It must be refused with ${wanted.map((each) => each.join(', ')).join(' or ')}.`;
        fail(problem, response, status === 200 ? rule.accepted : undefined);
      }
      expectForm(response);
    },
    check,
    close: () => probe.close(),
  };
}

/** Whether something else than a token router has answered. */
const isUnseen = ({ outcome, method }: Answer) => outcome === undefined && method !== 'OPTIONS';

/** Describes an answer, and why the router sent it. */
function describeAnswer(answer: Answer): string {
  const { status, body, headers, outcome } = answer;
  const what =
    typeof body.error === 'string' ? `${status} ${body.error}` : `${status}, ${headers['content-type'] ?? 'no body'}`;
  if (isUnseen(answer)) return `The answer was ${what}. No token router has seen the request.`;
  if (outcome === undefined) return `The answer was ${what}.`;
  const { reason, fault } = outcome;
  const limited = reason === 'rate_limited' ? ' Let createApp make a new app for each test, or raise the limit.' : '';
  return `The answer was ${what}. The router says: ${reason}${fault instanceof Error ? `, ${fault.message}` : ''}.${limited}`;
}
