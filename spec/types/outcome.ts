import { createTokenRouter, OAuthError, type OAuthErrorCode, type Outcome, type Reason } from '../../lib';
import { type Equals, holds } from './equals';
import { consumeCode, findCode, issueTokens } from './host';

declare const outcome: Outcome;

// The catalogue is closed, and an adapter's own word still fits into an outcome.
holds<Equals<Outcome['reason'], Reason | (string & {})>>();
holds<Equals<Outcome['outcome'], 'issued' | 'served' | 'refused' | 'failed'>>();
holds<Equals<Outcome['error'], OAuthErrorCode | (string & {}) | undefined>>();
holds<Equals<Outcome['clientId'], string | undefined>>();
holds<Equals<Outcome['fault'], unknown>>();
const known: Reason = 'code_replayed';
const own: Outcome['reason'] = 'user_suspended';
// @ts-expect-error there is no such word in the catalogue
const unknown: Reason = 'code_reused';
// @ts-expect-error whoever compares an outcome with a word that there is not is told so
if (outcome.outcome === 'success') console.log(known, own, unknown);

// An observer may be asynchronous; nobody waits for it.
createTokenRouter({ findCode, consumeCode, issueTokens, onOutcome: async ({ status }) => console.log(status) });

new OAuthError('invalid_grant', 'The user is suspended', { reason: 'user_suspended', cause: new Error('x') });
new OAuthError('invalid_grant', 'The code is spent', { reason: 'code_replayed', headers: { 'X-A': 'b' } });
new OAuthError('invalid_request', 'Too much', { status: 413 });
new OAuthError('invalid_token', 'The token is wrong', { status: 401 });
// @ts-expect-error a code of another RFC needs a status
new OAuthError('invalid_token', 'The token is wrong');
// @ts-expect-error a client needs a description
new OAuthError('invalid_grant');
// @ts-expect-error a field has one value
new OAuthError('invalid_grant', 'No', { headers: { 'X-A': ['b'] } });
// @ts-expect-error there is no such option
new OAuthError('invalid_grant', 'No', { statusCode: 403 });

const refusal = new OAuthError('invalid_grant', 'No');
holds<Equals<typeof refusal.error, OAuthErrorCode | (string & {})>>();
holds<Equals<typeof refusal.error_description, string>>();
// @ts-expect-error a refusal does not change on its way
refusal.error = 'invalid_client';
