import type { Request } from 'express';
import { isSet } from '../client-authentication';
import { fault, OAuthError } from '../errors';
import type { Deadline } from '../http/deadline';
import { readFields } from '../http/parameters';
import type { Reason } from '../reasons';
import { wrongReturn } from '../received';
import type { Client, Confirmation, TokenRouterOptions } from '../types';

/** The key that the tokens are bound to, and the nonce for the client's next proof. */
export interface Confirmed {
  confirmation: Confirmation | undefined;
  /** The next `DPoP-Nonce`. */
  nonce?: string | undefined;
}

/** Verifies the DPoP proof of a request that has one or needs one. */
export type ConfirmKey = (
  expectedJkt: string | null | undefined,
  client: Client,
  req: Request,
  deadline: Deadline,
) => Promise<Confirmed>;

type Options = Pick<TokenRouterOptions, 'verifyDpop' | 'tokenEndpoint' | 'requireDpop'>;

const invalidProof = (reason: Reason, description: string) =>
  new OAuthError('invalid_dpop_proof', description, { reason });

/** Creates the DPoP step of an exchange (RFC 9449 §5, §10). */
export function createKeyConfirmation({ verifyDpop, tokenEndpoint, requireDpop }: Options): ConfirmKey {
  const htuOf = async (req: Request, deadline: Deadline) =>
    typeof tokenEndpoint === 'function'
      ? deadline.look('tokenEndpoint', () => parseTokenEndpoint(tokenEndpoint(req)))
      : String(tokenEndpoint);

  return async function confirmKey(expectedJkt, client, req, deadline) {
    const proof = verifyDpop && parseProofField(req);
    if (!verifyDpop || proof === undefined) {
      const isRequired = requireDpop || isSet(client.dpopBoundAccessTokens) || typeof expectedJkt === 'string';
      if (isRequired) throw invalidProof('dpop_proof_missing', 'A DPoP proof is required');
      return { confirmation: undefined };
    }
    const htu = await htuOf(req, deadline);
    const { jkt, nonce } = parseVerified(
      await deadline.look('verifyDpop', () => verifyDpop({ proof, htm: 'POST', htu }, req)),
    );
    if (typeof expectedJkt === 'string' && expectedJkt !== jkt) {
      throw new OAuthError('invalid_grant', 'The DPoP proof has another key than the grant is bound to', {
        reason: 'dpop_key_mismatch',
      });
    }
    return { confirmation: { jkt }, nonce };
  };
}

/** Refuses a field that is empty, repeated or a list: it must never end in a Bearer token (RFC 9449 §4.3). */
function parseProofField(req: Request): string | undefined {
  const [proof, ...more] = readFields(req, 'dpop');
  if (proof === undefined) return undefined;
  if (proof === '' || more.length > 0 || proof.includes(',')) {
    throw invalidProof('dpop_proof_repeated', 'The DPoP header must hold exactly one proof');
  }
  return proof;
}

/** A URL of RFC 3986 without userinfo and fragment: only such a URL can equal an `htu`. */
const ENDPOINT =
  /^https?:\/\/(?:[\w\-.~!$&'()*+,;=:[\]]|%[\da-f]{2})+(?:[/?](?:[\w\-.~!$&'()*+,;=:@/?]|%[\da-f]{2})*)?$/i;

export function isEndpointUrl(text: string): boolean {
  return ENDPOINT.test(text) && URL.canParse(text);
}

function parseTokenEndpoint(url: unknown): string {
  if (typeof url === 'string' && isEndpointUrl(url)) return url;
  throw wrongReturn('tokenEndpoint', url, 'the public http(s) URL of the endpoint, at once');
}

/** RFC 9449 §8.1. Anything else is checked now, because as a header value it would fail after the code is spent. */
const NONCE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

function parseVerified(verified: unknown) {
  const { jkt, nonce } = Object(verified) as { jkt: unknown; nonce: unknown };
  if (typeof jkt !== 'string' || jkt === '') {
    throw fault('confirmation_malformed', wrongReturn('verifyDpop', verified, '{ jkt: the thumbprint of the key }'));
  }
  // All of these mean no nonce. Not a fault, because the jti of the proof is spent already.
  if (nonce === undefined || nonce === null || nonce === '') return { jkt, nonce: undefined };
  if (typeof nonce === 'string' && NONCE.test(nonce)) return { jkt, nonce };
  throw fault('confirmation_malformed', wrongReturn('verifyDpop', nonce, 'a nonce of visible ASCII (RFC 9449 §8.1)'));
}
