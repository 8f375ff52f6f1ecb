import { fault, OAuthError } from '../errors';
import type { Awaitable, DpopJti, DpopProof } from '../types';
import type { Algorithm } from './algorithms';
import { checkLifetime, checkRequest, parseClaims } from './claims';
import { createFreshness } from './freshness';
import { importPublicKey } from './key';
import { type DpopVerifierOptions, parseVerifierOptions } from './options';
import { type JsonObject, parseJws } from './proof';
import { invalidProof } from './refusals';
import { jwkThumbprint } from './thumbprint';

/** What `createTokenRouter` takes as `verifyDpop`: returns the proof's key, or throws an `OAuthError`. */
export type VerifyDpop = (proof: DpopProof) => Promise<{ jkt: string; nonce?: string | undefined }>;

/**
 * Makes the verifier of DPoP proofs (RFC 9449 §4.3). The `jti` is marked used after every other check, so that neither a
 * bad proof nor a nonce challenge uses anything up. Does not compare the key with a code's `dpopJkt`: the router does.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createDpopVerifier(options: DpopVerifierOptions): VerifyDpop {
  const { algorithms, consumeJti, ...rules } = parseVerifierOptions(options);
  const verifyFreshness = createFreshness(rules);

  return async function verifyDpop({ proof, htm, htu }) {
    const { header, payload, signed, signature } = parseJws(proof);
    const algorithm = parseHeader(header, algorithms);
    const claims = parseClaims(payload);
    checkRequest(claims, { htm, htu });

    const key = importPublicKey(header.jwk, algorithm);
    if (!algorithm.verify(signed, key, signature)) throw invalidProof('dpop_signature_wrong');

    const now = Date.now();
    checkLifetime(claims, now);
    const { expiresAt, nonce } = verifyFreshness(claims, now);
    const jkt = jwkThumbprint(key);
    await consume({ jti: claims.jti, jkt, expiresAt }, consumeJti);
    return { jkt, nonce };
  };
}

/** RFC 9449 §4.3, checks 4 and 5. An extension that must be understood (RFC 7515 §4.1.11, RFC 7797) is not. */
function parseHeader(header: JsonObject, algorithms: ReadonlyMap<unknown, Algorithm>): Algorithm {
  if (header.typ !== 'dpop+jwt') throw invalidProof('dpop_type_wrong');
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw invalidProof('dpop_extension_unsupported');
  const algorithm = algorithms.get(header.alg);
  if (algorithm) return algorithm;
  throw invalidProof('dpop_algorithm_unsupported');
}

/** Passes for the one proof that uses the `jti` (RFC 9449 §11.1). What is no boolean never passes. */
async function consume(jti: DpopJti, consumeJti: (jti: DpopJti) => Awaitable<unknown>): Promise<void> {
  const isConsumed = await askStore(jti, consumeJti);
  if (isConsumed === true) return;
  if (isConsumed === false) throw invalidProof('dpop_proof_replayed');
  const cause = new TypeError('consumeJti returns true for the first use of a jti, false for all others');
  throw fault('consume_jti_no_boolean', cause);
}

async function askStore(jti: DpopJti, consumeJti: (jti: DpopJti) => Awaitable<unknown>): Promise<unknown> {
  try {
    return await consumeJti(jti);
  } catch (thrown) {
    throw thrown instanceof OAuthError ? thrown : fault('consume_jti_failed', thrown);
  }
}
