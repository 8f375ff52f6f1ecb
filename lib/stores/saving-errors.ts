import { fault, OAuthError } from '../errors';
import type { Saving } from './backend';

const invalidRefreshToken = (reason: 'refresh_token_overtaken' | 'refresh_token_repeated_too_often') =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason });

/** The error for a token that could not be saved. */
export function toError(saving: Saving, isFirst: boolean): Error | undefined {
  if (saving === 'known') {
    return new Error('saveRefreshToken: this token was saved before; tokens are random and used once');
  }
  if (isFirst && saving === 'overtaken') {
    return new TypeError(
      'saveRefreshToken: tokenId is missing; pass the tokenId that findRefreshToken returned for the token you replace',
    );
  }
  if (saving === 'unspent') {
    return new TypeError(
      'saveRefreshToken: the token that it is issued for is not spent; call consumeRefreshToken first',
    );
  }
  if (saving === 'overtaken') return invalidRefreshToken('refresh_token_overtaken');
  if (saving === 'too_often') return invalidRefreshToken('refresh_token_repeated_too_often');
  if (saving === 'unknown') {
    return fault('grant_unknown', new Error('saveRefreshToken: the store does not know this grant any more'));
  }
  return undefined;
}
