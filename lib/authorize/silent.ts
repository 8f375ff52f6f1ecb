import { types } from 'node:util';
import { show } from './entries';
import type { AuthorizationErrorAnswer, AuthorizationErrorCode, AuthorizationRequest } from './types';

type Silent = Readonly<AuthorizationErrorAnswer & { error: AuthorizationErrorCode }>;

const silent = (error: AuthorizationErrorCode, error_description: string): Silent =>
  Object.freeze({ error, error_description });

/** The answer to `prompt=none` if nobody is signed in (OpenID Connect Core §3.1.2.6). */
export const loginRequired = silent('login_required', 'The user must sign in');

/** The answer to `prompt=none` if the user must consent first. */
export const consentRequired = silent('consent_required', 'The user must consent');

/** The answer to `prompt=none` if the user must do something else first. */
export const interactionRequired = silent('interaction_required', 'The user must do something first');

/** Milliseconds. A session may keep the time of a login in whole seconds. */
const GRANULARITY_MS = 1000;

/**
 * Whether the request has `prompt=none`, so no page may be shown. Answer with `loginRequired`, `consentRequired` or
 * `interactionRequired` instead.
 */
export function isSilent({ prompt }: Pick<AuthorizationRequest, 'prompt'>): boolean {
  return prompt.includes('none');
}

/**
 * Whether the user must sign in for this request: nobody is signed in, `prompt=login` asks for it, or the login is
 * older than `max_age`. A login after the request was parsed is enough, so that the user is asked once.
 *
 * @throws TypeError if `authTime` is not a date.
 */
export function needsLogin(
  { prompt, maxAge, receivedAt }: Pick<AuthorizationRequest, 'prompt' | 'maxAge' | 'receivedAt'>,
  authTime: Date | null | undefined,
): boolean {
  if (authTime !== null && authTime !== undefined && !types.isDate(authTime)) {
    throw new TypeError(`needsLogin: authTime is ${show(authTime)}. Write a Date, or null if nobody is signed in`);
  }
  const signedInAt = authTime?.getTime() ?? Number.NaN;
  const oldest = prompt.includes('login') ? receivedAt : maxAge === null ? 0 : receivedAt - maxAge * 1000;
  // Written so that NaN requires a login.
  return !(signedInAt + GRANULARITY_MS > oldest);
}
