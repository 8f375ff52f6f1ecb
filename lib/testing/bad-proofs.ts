import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Reason } from '../reasons';
import type { DpopProver, ProofClaims } from './dpop-prover';
import { base64url, createSigner, now, signJws } from './signing';

/** A DPoP proof that every server must refuse (RFC 9449 §4.3). */
export interface BadProof {
  /** What is wrong with it. */
  name: string;
  /** Makes the proof. Pass it as `proof` to `redeem`, which knows the nonce. */
  proof: (nonce?: string) => string;
  status: 400;
  error: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** The reason that `createDpopVerifier` reports. Never sent to the client. */
  reason: Reason;
}

/** The options of `badProofs`. */
export interface BadProofsOptions {
  /** The public URL of the endpoint: your option `tokenEndpoint`. */
  tokenEndpoint: string;
  /**
   * Whether your verifier has a `nonceSecret`. Then `iat` is not checked, because the nonce proves freshness.
   * @default false
   */
  nonces?: boolean | undefined;
  /** Seconds: the `maxAge` of your verifier. @default 300 */
  maxAge?: number | undefined;
}

type Row = [name: string, reason: Reason, proof: (nonce: string | undefined) => string];

/**
 * Makes DPoP proofs with one fault each, for `it.each` (RFC 9449 §4.3). None of them uses anything up: the code can be
 * redeemed afterwards. A server without `createDpopVerifier` must refuse them as well, but has other reasons.
 */
export function badProofs(
  prover: DpopProver,
  { tokenEndpoint, nonces = false, maxAge = 300 }: BadProofsOptions,
): BadProof[] {
  const { alg, jwk, privateKey } = prover;
  const signer = createSigner(prover);
  const stranger = createSigner({ alg });
  const make = (nonce: string | undefined, different: Partial<ProofClaims>) =>
    prover.proof({ htu: tokenEndpoint, nonce, ...different });
  const claims = (name: string, reason: Reason, different: (htu: string) => Record<string, unknown>): Row => [
    name,
    reason,
    (nonce) => make(nonce, { claims: different(tokenEndpoint) }),
  ];
  const header = (name: string, reason: Reason, different: Record<string, unknown>): Row => [
    name,
    reason,
    (nonce) => make(nonce, { header: different }),
  ];
  const good = (nonce: string | undefined) => ({
    jti: randomUUID(),
    htm: 'POST',
    htu: tokenEndpoint,
    iat: now(),
    nonce,
  });

  const rows: Row[] = [
    ['a word', 'dpop_proof_malformed', () => 'proof'],
    ['two parts of a proof', 'dpop_proof_malformed', (nonce) => make(nonce, {}).split('.').slice(0, 2).join('.')],
    [
      'a proof of 9000 characters',
      'dpop_proof_too_large',
      (nonce) => make(nonce, { claims: { pad: 'x'.repeat(9000) } }),
    ],
    ['two proofs in one field', 'dpop_proof_repeated', (nonce) => `${make(nonce, {})}, ${make(nonce, {})}`],
    header('the typ of another JWT', 'dpop_type_wrong', { typ: 'JWT' }),
    header('no typ', 'dpop_type_wrong', { typ: undefined }),
    header('a critical extension', 'dpop_extension_unsupported', { crit: ['exp'] }),
    [
      'no signature, and alg none',
      'dpop_algorithm_unsupported',
      (nonce) => signJws({ typ: 'dpop+jwt', alg: 'none', jwk }, good(nonce), () => Buffer.from('none')),
    ],
    header('a symmetric algorithm', 'dpop_algorithm_unsupported', { alg: 'HS256' }),
    header('no key', 'dpop_key_malformed', { jwk: undefined }),
    header('a private key', 'dpop_key_private', { jwk: privateKey.export({ format: 'jwk' }) }),
    header('a symmetric key', 'dpop_key_private', { jwk: { kty: 'oct', k: base64url('a shared secret') } }),
    header('a key for encryption', 'dpop_key_unsuitable', { jwk: { ...jwk, use: 'enc' } }),
    header('a key of another type', 'dpop_key_unsuitable', { jwk: keyOfAnotherType(alg) }),
    [
      'the signature of another key',
      'dpop_signature_wrong',
      (nonce) => signJws({ typ: 'dpop+jwt', alg, jwk }, good(nonce), stranger.sign),
    ],
    [
      'a signature of other claims',
      'dpop_signature_wrong',
      (nonce) => signJws({ typ: 'dpop+jwt', alg, jwk }, good(nonce), () => signer.sign('other claims')),
    ],
    claims('the method GET', 'dpop_htm_mismatch', () => ({ htm: 'GET' })),
    claims('the method in small letters', 'dpop_htm_mismatch', () => ({ htm: 'post' })),
    claims('no method', 'dpop_claim_malformed', () => ({ htm: undefined })),
    claims('the URL of another endpoint', 'dpop_htu_mismatch', (htu) => ({ htu: `${htu}/other` })),
    claims('the URL of another server', 'dpop_htu_mismatch', () => ({ htu: 'https://attacker.example/oauth/token' })),
    claims('a URL without a host', 'dpop_htu_malformed', () => ({ htu: '/oauth/token' })),
    claims('no URL', 'dpop_claim_malformed', () => ({ htu: undefined })),
    claims('no jti', 'dpop_jti_malformed', () => ({ jti: undefined })),
    claims('a jti that is a number', 'dpop_jti_malformed', () => ({ jti: 1 })),
    claims('no iat', 'dpop_claim_malformed', () => ({ iat: undefined })),
    claims('an iat that is a string', 'dpop_claim_malformed', () => ({ iat: String(now()) })),
    claims('an exp in the past', 'dpop_proof_too_old', () => ({ exp: now() - 60 })),
    claims('an nbf in the future', 'dpop_proof_too_new', () => ({ nbf: now() + 120 })),
  ];
  const byClock: Row[] = [
    ['an old proof', 'dpop_proof_too_old', (nonce) => make(nonce, { iat: now() - maxAge - 60 })],
    ['a proof from tomorrow', 'dpop_proof_too_new', (nonce) => make(nonce, { iat: now() + 86_400 })],
  ];
  const byNonce: Row[] = [
    ['no nonce', 'dpop_nonce_missing', () => make(undefined, {})],
    ['a nonce of another server', 'dpop_nonce_stale', () => make(base64url('a nonce of another server'), {})],
  ];
  return [
    ...(nonces ? rows : [...rows, ...byClock]).map((row) => toBadProof('invalid_dpop_proof', row)),
    ...(nonces ? byNonce : []).map((row) => toBadProof('use_dpop_nonce', row)),
  ];
}

const toBadProof = (error: BadProof['error'], [name, reason, proof]: Row): BadProof => ({
  name,
  proof,
  status: 400,
  error,
  reason,
});

function keyOfAnotherType(alg: string) {
  const pair = alg.startsWith('ES')
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.publicKey.export({ format: 'jwk' });
}
