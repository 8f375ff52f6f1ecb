import type { Rule } from '../suite-stage';

type Condition = string | false | undefined;
type RuleOf = (name: string, todo: Rule['todo'] | Advice, run: Rule['run'], ...lacks: Condition[]) => Rule;
/** What to do, and what if a request that must be refused is issued tokens. */
export type Advice = Required<Pick<Rule, 'todo' | 'accepted'>>;

/** Makes the rules of one section of the guide. */
export const section =
  (anchor: string): RuleOf =>
  (name, todo, run, ...lacks) => ({
    name,
    ...(typeof todo === 'string' ? { todo } : todo),
    anchor,
    run,
    lacks: lacks.find((each) => typeof each === 'string') as string | undefined,
  });

export const INVALID_GRANT = ['invalid_grant', 400] as const;
export const LIMITED = ['too_many_requests', 429] as const;
export const INVALID_CLIENT = ['invalid_client', 401] as const;
export const INVALID_PROOF = ['invalid_dpop_proof', 400] as const;
export const LOGIN_FIRST = 'correct what issueTokens returns, or the record that findCode returns.';
export const OFFLINE_FIRST =
  'correct the login first: what issueTokens returns for a scope with offline_access, or the record that findCode returns.';
export const SPENDS_NOTHING =
  'change nothing before consumeCode or consumeRefreshToken: findCode, findRefreshToken and authenticateClient only read.';

export const ownGrant =
  'give each login a grantId of its own, a random one, and let revokeTokens end the tokens of that grantId only.';
