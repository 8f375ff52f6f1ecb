import { factsOf } from '../facts';
import type { TokenRouterOptions } from '../types';
import type { FindingCode, InspectOptions } from './inspect-codes';
import type { Probe } from './inspect-probe';

/** The options of a router, as `createTokenRouter` completed them. */
export type RouterFacts = TokenRouterOptions & { path: string; actTimeout: number };

/** The options of a router; `undefined` for everything that `createTokenRouter` did not make. */
export const readFacts = (router: unknown) => factsOf(router).router as RouterFacts | undefined;

/** The options of `createDpopVerifier`. */
interface VerifierFacts {
  consumeJti?: unknown;
  nonceSecret?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** The options of its verifier, if ./dpop made it. */
export const verifierOf = ({ verifyDpop }: RouterFacts) => factsOf(verifyDpop).verifier as VerifierFacts | undefined;

/** The options and the probe of an inspection, and the function that adds a finding. */
export interface Inspection {
  options: InspectOptions;
  probe: Probe;
  say: (code: FindingCode, message: string) => void;
}
