import { fault, toOAuthError } from '../errors';
import { tellFacts } from '../facts';
import { parseJws } from '../jws/compact';
import { wrongReturn } from '../received';
import type { Awaitable, DpopJti, DpopProof } from '../types';
import { type Claims, checkLifetime, checkRequest, parseClaims } from './claims';
import { createFreshness } from './freshness';
import { type DpopVerifierOptions, parseVerifierOptions } from './options';
import { invalidProof, toInvalidProof } from './refusals';
import { createSigners } from './signer';

/** What `createTokenRouter` takes as `verifyDpop`. Returns the key of the proof, or throws an `OAuthError`. */
export interface VerifyDpop {
  (proof: DpopProof): Promise<{ jkt: string; nonce?: string | undefined }>;
  /** For `dpop_signing_alg_values_supported` (RFC 9449 §5.1). */
  readonly algorithms: readonly string[];
}

/**
 * Creates a verifier of DPoP proofs (RFC 9449 §4.3). It marks the `jti` as used after all other checks, so that a bad
 * proof and a nonce challenge use up nothing. It does not compare the key with the `dpopJkt` of a code: the router
 * does.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createDpopVerifier(options: DpopVerifierOptions): VerifyDpop {
  const { algorithms, consumeJti, ...rules } = parseVerifierOptions(options);
  const signers = createSigners(algorithms);
  const verifyFreshness = createFreshness(rules);

  function verifySignature({ proof, htm, htu }: DpopProof): { claims: Claims; jkt: string } {
    const { header, payload, signed, signature } = parseJws(proof);
    const claims = parseClaims(payload);
    checkRequest(claims, { htm, htu });

    const signer = signers.parse(header);
    const { algorithm, key, jkt } = signer;
    if (!algorithm.verify(signed, key, signature)) throw invalidProof('dpop_signature_wrong');
    signers.remember(header, signer);
    return { claims, jkt };
  }

  async function verifyDpop(presented: DpopProof) {
    const { claims, jkt } = inWordsOfDpop(() => verifySignature(presented));
    const now = Date.now();
    checkLifetime(claims, now);
    const { expiresAt, nonce } = verifyFreshness(claims, now);
    await consume({ jti: claims.jti, jkt, expiresAt }, consumeJti);
    return { jkt, nonce };
  }

  const names = Object.freeze([...algorithms.keys()].map(String));
  return tellFacts(Object.assign(verifyDpop, { algorithms: names }), { verifier: options });
}

function inWordsOfDpop<T>(step: () => T): T {
  try {
    return step();
  } catch (thrown) {
    throw toInvalidProof(thrown);
  }
}

/** Returns for the first proof with this `jti` (RFC 9449 §11.1). An answer that is not a boolean is a fault. */
async function consume(jti: DpopJti, consumeJti: (jti: DpopJti) => Awaitable<unknown>): Promise<void> {
  const isConsumed = await askStore(jti, consumeJti);
  if (isConsumed === true) return;
  if (isConsumed === false) throw invalidProof('dpop_proof_replayed');
  throw fault('consume_jti_no_boolean', wrongReturn('consumeJti', isConsumed, 'true or false'));
}

async function askStore(jti: DpopJti, consumeJti: (jti: DpopJti) => Awaitable<unknown>): Promise<unknown> {
  try {
    return await consumeJti(jti);
  } catch (thrown) {
    throw toOAuthError(thrown) ?? fault('consume_jti_failed', thrown);
  }
}
