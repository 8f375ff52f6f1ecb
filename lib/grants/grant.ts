import type { Request } from 'express';
import type { Deadline } from '../http/deadline';
import type { ReadParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { Client, DeclaredParameters } from '../types';

/** What the endpoint reads of a token request for every grant. */
export interface TokenRequest {
  readParameter: ReadParameter;
  /** The values of `resource` (RFC 8707 §2). */
  resources: readonly string[];
  /** The parameters that the host declared. */
  parameters: DeclaredParameters;
}

/** The client of a request, once it is known. */
export interface Caller {
  client: Client;
  /** Whether it identified itself without a credential. */
  isPublic: boolean;
}

/** What a grant returns if it succeeds. */
export interface TokenAnswer {
  reason: Reason;
  /** The JSON text of RFC 6749 §5.1. */
  body: string;
  /** The next `DPoP-Nonce` (RFC 9449 §8.2). */
  nonce?: string | undefined;
}

/** Exchanges the code or token of the request for new tokens, once the client is known. */
export type Redeem = (caller: Caller, req: Request, deadline: Deadline) => Promise<TokenAnswer>;

/** One grant. It parses its parameters first, so that no adapter gets a malformed one. */
export type Grant = (request: TokenRequest) => Redeem;
