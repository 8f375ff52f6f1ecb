import { factsOf } from '../facts';
import type { FindingCode } from './inspect-codes';
import type { RouterFacts } from './inspect-facts';

/** What `createTokenIssuer` tells of its options, in seconds. */
interface IssuerFacts {
  apis: readonly { identifier: string; lifetime: number; allowOfflineAccess?: boolean }[];
  idTokenLifetime: number;
  refreshTokenIdleLifetime: number;
  refreshTokenLifetime: number;
  /** Milliseconds. */
  signingTimeout: number;
  hasStore: boolean;
}

/** Finds lifetimes that contradict each other. */
export function listLifetimes({ findCode, issueTokens, actTimeout }: RouterFacts): [FindingCode, string][] {
  const issuer = factsOf(issueTokens).issuer as IssuerFacts | undefined;
  if (issuer === undefined) return [];
  const { apis, refreshTokenIdleLifetime, refreshTokenLifetime, idTokenLifetime, signingTimeout } = issuer;
  const isOffline = apis.some(({ allowOfflineAccess }) => allowOfflineAccess);
  const findings: [boolean, FindingCode, string][] = [
    [
      isOffline && refreshTokenIdleLifetime > refreshTokenLifetime,
      'idle_lifetime_too_long',
      `refreshTokenIdleLifetime is ${refreshTokenIdleLifetime} s, and refreshTokenLifetime ends the family after ${refreshTokenLifetime} s: the first one never counts. Make it the shorter one.`,
    ],
    [
      signingTimeout > actTimeout / 2,
      'signing_timeout_too_long',
      `signingTimeout is ${signingTimeout} ms, and actTimeout ${actTimeout} ms: codes would be spent, and no time left to issue. Write half of actTimeout, at most.`,
    ],
  ];
  for (const { identifier, lifetime, allowOfflineAccess } of apis) {
    findings.push([
      allowOfflineAccess === true && lifetime > refreshTokenLifetime,
      'access_token_outlives_grant',
      `The access tokens of ${identifier} live ${lifetime} s, and a login with refresh tokens ends after ${refreshTokenLifetime} s. Shorten lifetime, or raise refreshTokenLifetime.`,
    ]);
  }

  // Of other stores nothing is known: they may keep spent codes for good.
  const kept = factsOf(findCode).spentLifetime?.() ?? Infinity;
  const longest = Math.max(
    idTokenLifetime,
    isOffline ? refreshTokenLifetime : 0,
    ...apis.map(({ lifetime }) => lifetime),
  );
  findings.push([
    // If the issuer has a store, it has told it how long its tokens live.
    !issuer.hasStore && kept < longest * 1000,
    'spent_codes_forgotten',
    `Spent codes are found for ${Math.floor(kept / 1000)} s, and tokens that come of one live ${longest} s: a replay after that revokes nothing. Write spentLifetime: ${longest * 1000}, or give the issuer the whole store.`,
  ]);
  return findings.flatMap(([isThere, code, message]) => (isThere ? [[code, message] as [FindingCode, string]] : []));
}
