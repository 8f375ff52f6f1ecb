import type { Request } from 'express';
import { fault, OAuthError } from '../errors';
import { describeValue } from '../received';
import type { IssuerConfiguration } from './options';
import type { IssuerExchange } from './types';

export const grantRevoked = () => new OAuthError('invalid_grant', 'The grant was revoked', { reason: 'grant_revoked' });

/**
 * Throws if the grant was revoked. Runs before anything is spent, and again as the last step, so that no tokens leave
 * if their grant was revoked meanwhile (RFC 6749 §4.1.2, RFC 9700 §4.14).
 */
export async function checkRevocation(
  exchange: IssuerExchange,
  req: Request,
  { isRevoked }: IssuerConfiguration,
): Promise<void> {
  if (!isRevoked) return;
  const answer: unknown = await isRevoked(exchange, req);
  if (answer === false) return;
  if (answer === true) throw grantRevoked();
  if (answer === 'unknown') {
    const { grantId } = exchange.refreshToken ?? exchange.code;
    const cause = new Error(
      `isRevoked does not know the grant ${describeValue(grantId)}. Save codes and refresh tokens in the store that isRevoked asks, and keep grants for as long as their tokens live`,
    );
    throw fault('grant_unknown', cause);
  }
  throw new TypeError(`isRevoked returned ${describeValue(answer)}. Return true, false or 'unknown'`);
}
