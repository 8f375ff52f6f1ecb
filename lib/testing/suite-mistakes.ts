import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
import { listClientMistakes } from './test-client';

const MEMBERS: Readonly<Record<keyof TokenEndpointHost, true>> = {
  path: true,
  tokenEndpoint: true,
  client: true,
  otherClient: true,
  redirectUri: true,
  scope: true,
  resources: true,
  audience: true,
  issuer: true,
  accessToken: true,
  typ: true,
  dpop: true,
  nonces: true,
  refresh: true,
  rotates: true,
  revokes: true,
  origins: true,
  proxies: true,
  headers: true,
  rateLimit: true,
  parsers: true,
  errorStatus: true,
};

/**
 * Checks the description of the host.
 *
 * @throws TypeError that lists all mistakes.
 */
export function checkHost(createApp: unknown, host: TokenEndpointHost): void {
  const known = Object.keys(MEMBERS);
  const mistakes = Object.keys(host)
    .filter((each) => !known.includes(each))
    .map((each) => describeUnknown([each], known));
  if (typeof createApp !== 'function') {
    mistakes.unshift(describeMistake(['createApp'], createApp, 'Write a function that returns { app, saveCode }.'));
  }
  for (const name of ['client', 'otherClient'] as const) mistakes.push(...listClientMistakes(name, host[name]));
  throwMistakes('describeTokenEndpoint', mistakes);
}

/**
 * Checks what `createApp` returns.
 *
 * @throws TypeError that lists all mistakes.
 */
export function checkBench(bench: TokenEndpointBench): void {
  const { app, saveCode } = Object(bench) as Partial<TokenEndpointBench>;
  const mistakes: string[] = [];
  if (typeof app !== 'function') {
    mistakes.push(describeMistake(['app'], app, 'Let createApp return your app, or another listener of node:http.'));
  }
  if (typeof saveCode !== 'function') {
    mistakes.push(describeMistake(['saveCode'], saveCode, 'Let createApp return (code, record) => store.saveCode(…).'));
  }
  throwMistakes('describeTokenEndpoint', mistakes);
}

/**
 * Returns `isActive`, which `revokes: true` promises.
 *
 * @throws TypeError if `createApp` does not return it.
 */
export function isActiveOf({ isActive }: TokenEndpointBench): NonNullable<TokenEndpointBench['isActive']> {
  if (typeof isActive === 'function') return isActive;
  const advice = 'Let createApp return (accessToken) => whether your API accepts it, or leave out revokes.';
  throw new TypeError(`describeTokenEndpoint: ${describeMistake(['isActive'], isActive, advice)}`);
}
