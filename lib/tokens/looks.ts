import type { Request } from 'express';
import type { CustomClaims } from './custom-claims';
import type { Claims, IssuerExchange, OfClient } from './types';

/** What the look has found for an exchange, and what issuing uses again. */
export interface Look {
  profile: Claims;
  custom: CustomClaims;
  /** Takes back the promised signatures. */
  release: () => void;
}

/** Keeps what was found as long as the request lasts, so that the host's functions are not called twice. */
export function createLooks() {
  const looks = new WeakMap<Request, Look & { record: unknown }>();
  const recordOf = ({ code, refreshToken, clientExchange }: OfClient): unknown =>
    clientExchange?.clientGrant ?? code ?? refreshToken;

  return {
    keep(exchange: IssuerExchange, req: Request, look: Look): void {
      looks.set(req, { ...look, record: recordOf(exchange) });
    },

    /** Takes what was found for this exchange, once. A host may use one request for several exchanges. */
    take(exchange: IssuerExchange, req: Request): Look | undefined {
      const look = looks.get(req);
      looks.delete(req);
      if (look?.record === recordOf(exchange)) return look;
      look?.release();
      return undefined;
    },
  };
}
