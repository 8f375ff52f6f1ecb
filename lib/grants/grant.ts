import type { Request } from 'express';
import type { Deadline } from '../http/deadline';
import type { ReadParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { Client } from '../types';

/** What a grant ends with when it ends well. */
export interface TokenAnswer {
  reason: Reason;
  /** The JSON text of RFC 6749 §5.1. */
  body: string;
  /** The next `DPoP-Nonce` (RFC 9449 §8.2). */
  nonce?: string | undefined;
}

/** Exchanges what the request brought for tokens, once the client is known. */
export type Redeem = (client: Client, req: Request, deadline: Deadline) => Promise<TokenAnswer>;

/** One grant: it parses its parameters first, so that nothing malformed reaches an adapter. */
export type Grant = (readParameter: ReadParameter) => Redeem;
