import type { Request } from 'express';
import type { Deadline } from '../http/deadline';
import type { ReadParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { Client, DeclaredParameters } from '../types';

/** What the endpoint has read of a token request, whatever its grant. */
export interface TokenRequest {
  readParameter: ReadParameter;
  /** What `resource` asks for (RFC 8707). */
  resources: readonly string[];
  /** The declared parameters of the host's. */
  parameters: DeclaredParameters;
}

/** The client of a request, once it is known. */
export interface Caller {
  client: Client;
  /** Whether it identified itself without a credential. */
  isPublic: boolean;
}

/** What a grant ends with when it ends well. */
export interface TokenAnswer {
  reason: Reason;
  /** The JSON text of RFC 6749 §5.1. */
  body: string;
  /** The next `DPoP-Nonce` (RFC 9449 §8.2). */
  nonce?: string | undefined;
}

/** Exchanges what the request brought for tokens, once the client is known. */
export type Redeem = (caller: Caller, req: Request, deadline: Deadline) => Promise<TokenAnswer>;

/** One grant: it parses its parameters first, so that nothing malformed reaches an adapter. */
export type Grant = (request: TokenRequest) => Redeem;
