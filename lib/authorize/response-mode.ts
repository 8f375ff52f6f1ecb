import { isCallbackUrl } from './callback-url';
import type { Parameters } from './parameters';
import { invalidRequest } from './refusals';
import type { AuthorizationClient, ResponseMode } from './types';

/** A page is posted to the callback URL, or to its origin if the client has registered it: so it must be on the web. */
export function parseResponseMode(
  { read }: Parameters,
  responseUri: string,
  { webOrigins }: AuthorizationClient,
): ResponseMode {
  const mode = read('response_mode') ?? 'query';
  if (mode === 'query') return mode;
  const isOnTheWeb = /^https?:/.test(responseUri);
  if (isOnTheWeb && mode === 'form_post') return mode;
  if (!isOnTheWeb || mode !== 'web_message') {
    throw invalidRequest('response_mode_unsupported', 'The response_mode is not supported for this redirect_uri');
  }
  if (isCallbackUrl(new URL(responseUri).origin, webOrigins ?? [], { applicationType: 'web' })) return mode;
  throw invalidRequest('web_origin_unregistered', 'The origin of the redirect_uri may not receive web_message answers');
}
