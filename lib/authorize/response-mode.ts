import { isCallbackUrl } from './callback-url';
import type { Parameters } from './parameters';
import { invalidRequest } from './refusals';
import type { AuthorizationClient, ResponseMode } from './types';

/**
 * Parses `response_mode`. `form_post` and `web_message` need a callback URL on the web, and `web_message` also a
 * registered origin.
 */
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
  const { origin } = new URL(responseUri);
  if (webOrigins && isCallbackUrl(origin, webOrigins, { applicationType: 'web' })) return mode;
  throw invalidRequest('web_origin_unregistered', 'The origin of the redirect_uri may not receive web_message answers');
}
