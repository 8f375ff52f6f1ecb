import type { Request } from 'express';
import type { Deadline } from '../http/deadline';
import type { AnyExchange, AuthorizationCode, Client, IssueTokens, RefreshToken } from '../types';

type Exchanged = AnyExchange<AuthorizationCode, Client, RefreshToken>;

/** Asks the issuer, before anything is spent, whether it can issue the tokens. */
export type CheckIssuable = (exchange: Exchanged, req: Request, deadline: Deadline) => Promise<void>;

export function createIssuableCheck({ check }: IssueTokens<never>): CheckIssuable {
  const ask = check as IssueTokens<Exchanged>['check'];

  return async function checkIssuable(exchange, req, deadline) {
    if (ask) await deadline.look('issueTokens.check', () => ask(exchange, req));
    deadline.checkStanding();
  };
}
