import { createDpopVerifier } from '../../lib/dpop';
import { client, prove, TOKEN_ENDPOINT } from './support/prover';

/** A host may call the verifier of proofs itself, without the token endpoint. */
const verify = (proof: string) =>
  createDpopVerifier({ replay: 'unchecked' })({ proof, htm: 'POST', htu: TOKEN_ENDPOINT });
const withJwk = (different: object) => prove({ header: { jwk: { ...client.jwk, ...different } } });

describe('The verifier of proofs', () => {
  it.each<[string, string]>([
    ['dpop_proof_too_large', prove().padEnd(8193, 'A')],
    ['dpop_proof_malformed', 'proof'],
    ['dpop_extension_unsupported', prove({ header: { crit: ['exp'] } })],
    ['dpop_algorithm_unsupported', prove({ header: { alg: 'none' } })],
    ['dpop_key_malformed', withJwk({ x: undefined })],
    ['dpop_key_private', withJwk({ d: 'AA' })],
    ['dpop_key_unsuitable', withJwk({ use: 'enc' })],
    ['dpop_signature_wrong', prove({ sign: () => Buffer.alloc(64) })],
    ['dpop_type_wrong', prove({ header: { typ: 'JWT' } })],
    ['dpop_htm_mismatch', prove({ claims: { htm: 'GET' } })],
    ['dpop_htu_mismatch', prove({ claims: { htu: 'https://other.example/' } })],
    ['dpop_htu_malformed', prove({ claims: { htu: '/oauth/token' } })],
  ])('rejects with the reason %s, which the client does not learn', async (reason, proof) => {
    await expect(verify(proof)).rejects.toMatchObject({
      error: 'invalid_dpop_proof',
      error_description: 'The DPoP proof is invalid',
      reason,
    });
  });

  it('rejects an RSA key of another size with the reason dpop_key_size', async () => {
    const verifyRsa = createDpopVerifier({ replay: 'unchecked', algorithms: ['RS256'] });
    const jwk = { kty: 'RSA', n: Buffer.alloc(128, 0xab).toString('base64url'), e: 'AQAB' };
    const proof = prove({ header: { alg: 'RS256', jwk } });
    await expect(verifyRsa({ proof, htm: 'POST', htu: TOKEN_ENDPOINT })).rejects.toMatchObject({
      reason: 'dpop_key_size',
    });
  });

  it('resolves with the key of a good proof', async () => {
    await expect(verify(prove())).resolves.toMatchObject({ jkt: expect.stringMatching(/^[\w-]{43}$/) });
  });
});
