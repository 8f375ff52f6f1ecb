import type { Request } from 'express';
import type { CustomClaims } from './custom-claims';
import type { Claims, IssuerExchange, OfClient } from './types';

/** What the look at an exchange has found, for the tokens that are made after it. */
export interface Look {
  profile: Claims;
  custom: CustomClaims;
  /** Takes back the signatures that were promised. */
  release: () => void;
}

/** Keeps what was found for as long as the request lasts, so that the host is not asked twice. */
export function createLooks() {
  const looks = new WeakMap<Request, Look & { record: unknown }>();
  const recordOf = ({ code, refreshToken, clientExchange }: OfClient): unknown =>
    clientExchange?.clientGrant ?? code ?? refreshToken;

  return {
    keep(exchange: IssuerExchange, req: Request, look: Look): void {
      looks.set(req, { ...look, record: recordOf(exchange) });
    },

    /** Once: a request that a host uses for several exchanges gets what was found for this one, or nothing. */
    take(exchange: IssuerExchange, req: Request): Look | undefined {
      const look = looks.get(req);
      looks.delete(req);
      if (look?.record === recordOf(exchange)) return look;
      look?.release();
      return undefined;
    },
  };
}
