import type { Express } from 'express';
import { factsOf } from '../facts';
import { describeValue } from '../received';
import { inspectAnswers } from './inspect-answers';
import { type Inspection, type RouterFacts, verifierOf } from './inspect-facts';
import { listLifetimes } from './inspect-lifetimes';
import { isThisMachine } from './this-machine';

/** Inspects one router. */
export async function inspectRouter(router: RouterFacts | undefined, inspection: Inspection): Promise<void> {
  if (router === undefined) throw new TypeError('inspectTokenRouter: router is not what createTokenRouter returned');
  inspectNodes(router, inspection);
  inspectAdapters(router, inspection);
  for (const [code, message] of listLifetimes(router)) inspection.say(code, message);
  const app = await inspectAnswers(router, inspection);
  if (app) inspectProxies(router, app, inspection);
}

/** Finds state that each process has for itself, although all of them must share it. */
function inspectNodes(router: RouterFacts, { options: { nodes = 1 }, say }: Inspection): void {
  if (nodes <= 1) return;
  const { findCode, refresh, rateLimit } = router;
  const verifier = verifierOf(router);
  const adapters = { findCode, findRefreshToken: refresh?.findRefreshToken, consumeJti: verifier?.consumeJti };
  for (const [name, adapter] of Object.entries(adapters)) {
    const { inProcess } = factsOf(adapter);
    if (inProcess === undefined) continue;
    say(
      'memory_store',
      `${name} is that of ${inProcess}, and ${nodes} processes serve this endpoint: what one saves, the others do not find. Use redisStore, postgresStore or a database of yours.`,
    );
  }
  // A store of express-rate-limit with localKeys counts in this process.
  if (rateLimit && (rateLimit.store === undefined || Object(rateLimit.store).localKeys === true)) {
    say(
      'rate_limit_per_node',
      `rateLimit has no store that the processes share, so that each of the ${nodes} processes counts for itself: an attacker has ${nodes} times the limit. Write rateLimit: { store: new RedisStore({ … }) }.`,
    );
  }
  const secrets = verifier?.nonceSecret === undefined ? [] : [verifier.nonceSecret].flat();
  if (secrets.some((secret) => !isInEnvironment(secret as string | Uint8Array))) {
    say(
      'nonce_secret_unshared',
      `nonceSecret stands in no environment variable, and ${nodes} processes serve this endpoint. If it is made at start-up, each process refuses the nonces of the others. Read it from where all of them do; if you do, ignore this finding.`,
    );
  }
}

function isInEnvironment(secret: string | Uint8Array): boolean {
  const bytes = Buffer.from(secret as Uint8Array);
  const isSame = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding).equals(bytes);
  // base64 reads base64url as well.
  const encodings = ['utf8', 'hex', 'base64'] as const;
  return Object.values(process.env).some((text) => encodings.some((encoding) => isSame(String(text), encoding)));
}

function inspectAdapters(router: RouterFacts, { say }: Inspection): void {
  const { revokeTokens, refresh, tokenEndpoint, rateLimit } = router;
  if (revokeTokens === undefined) {
    say(
      'revoke_tokens_missing',
      'There is no revokeTokens: whoever stole a code and used it first keeps the tokens, although the replay is seen. Write revokeTokens: (code) => revoke what was issued from it.',
    );
  }
  if (refresh && refresh.revokeTokens === undefined) {
    say(
      'revoke_tokens_missing',
      'There is no refresh.revokeTokens: whoever stole a refresh token keeps it alive, although its reuse is seen. Write revokeTokens: (refreshToken) => revoke its family.',
    );
  }
  const verifier = verifierOf(router);
  if (verifier && verifier.consumeJti === undefined) {
    say(
      'dpop_replay_unchecked',
      "createDpopVerifier has replay: 'unchecked': whoever reads a proof can use it again while it is fresh. Write consumeJti.",
    );
  }
  if (rateLimit === false) {
    say(
      'rate_limit_off',
      'rateLimit is false: nobody counts wrong secrets, codes and refresh tokens, so that an attacker may guess without end. Leave rateLimit out. If something in front of this app limits each address, ignore this finding.',
    );
  }
  const { protocol, hostname } = Object(typeof tokenEndpoint === 'string' && new URL(tokenEndpoint)) as Partial<URL>;
  if (protocol === 'http:' && !isThisMachine(String(hostname))) {
    say(
      'token_endpoint_insecure',
      `tokenEndpoint is ${describeValue(tokenEndpoint)}: tokens would travel in the clear. Write the https URL that clients use.`,
    );
  }
}

const NEIGHBOURS = [
  '127.0.0.1',
  '::1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '169.254.0.1',
  'fd00::1',
  '203.0.113.9',
];
const STRANGER = '198.51.100.7';
/** More hops than any host has. */
const MANY = 30;

/** Finds out whether failures are counted by the address of the client. */
function inspectProxies({ rateLimit }: RouterFacts, app: Express, { options: { proxies }, say }: Inspection): void {
  if (rateLimit === false || rateLimit?.keyGenerator !== undefined) return;
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  const setting = describeValue(app.get('trust proxy'));
  const hops =
    typeof proxies === 'number' ? Array.from({ length: proxies }, () => NEIGHBOURS) : proxies?.map((each) => [each]);
  const missing = hops?.findIndex((addresses, hop) => !addresses.some((address) => trusts(address, hop))) ?? -1;
  if (missing >= 0) {
    say(
      'trust_proxy_missing',
      `trust proxy is ${setting}, and there is a proxy in front: all clients share its address and its rate limit, so that one attacker locks everybody out. Write app.set('trust proxy', ${typeof proxies === 'number' ? proxies : `[${proxies?.map(describeValue).join(', ')}]`}).`,
    );
    return;
  }
  if (!trusts(STRANGER, hops?.length ?? MANY)) return;
  say(
    'trust_proxy_too_wide',
    `trust proxy is ${setting}, which believes what a client writes into X-Forwarded-For: whoever changes it escapes the rate limit. Write ${hops?.length === 0 ? "app.set('trust proxy', false)" : "app.set('trust proxy', 1), the number of your proxies"}.`,
  );
}
