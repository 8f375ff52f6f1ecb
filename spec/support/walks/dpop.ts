import { generateKeyPairSync, sign } from 'node:crypto';
import { createDpopVerifier, type DpopVerifierOptions } from '../../../lib/dpop';
import type { createEndpoint } from '../endpoint';
import { step, type Walk } from './walk';

type Endpoint = ReturnType<typeof createEndpoint>;
type Json = Record<string, unknown>;

const HTU = 'https://auth.example/oauth/token';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const jwk = ec.publicKey.export({ format: 'jwk' });
const now = () => Date.now() / 1000;
const encode = (part: Json) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The good proof, with one difference. */
const prove = (header: Json = {}, claims: Json = {}): string => {
  const signed = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })}.${encode({
    jti: 'proof 1',
    htm: 'POST',
    htu: HTU,
    iat: now(),
    ...claims,
  })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
};

const send = (proof: string) => (endpoint: Endpoint) => endpoint.post().set('DPoP', proof);
const verifying =
  (options: DpopVerifierOptions = { replay: 'unchecked' }) =>
  () => ({ tokenEndpoint: HTU, verifyDpop: createDpopVerifier(options) });
const proving = (header?: Json, claims?: Json, options?: DpopVerifierOptions) =>
  step((endpoint) => send(prove(header, claims))(endpoint), verifying(options));

const nonceSecret = 'a secret of at least thirty-two bytes';

/** The reasons of lib/dpop, by the verifier that the package brings. */
export const walk: Walk = {
  dpop_proof_too_large: step(send(`${'x'.repeat(9000)}`), verifying()),
  dpop_proof_malformed: step(send('no proof'), verifying()),
  dpop_type_wrong: proving({ typ: 'JWT' }),
  dpop_extension_unsupported: proving({ crit: ['b64'] }),
  dpop_algorithm_unsupported: proving({ alg: 'HS256' }),
  dpop_key_private: proving({ jwk: ec.privateKey.export({ format: 'jwk' }) }),
  dpop_key_unsuitable: proving({ jwk: smallRsa.publicKey.export({ format: 'jwk' }) }),
  dpop_key_size: proving(
    { alg: 'RS256', jwk: smallRsa.publicKey.export({ format: 'jwk' }) },
    {},
    {
      algorithms: ['RS256'],
      replay: 'unchecked',
    },
  ),
  dpop_key_malformed: proving({ jwk: { ...jwk, x: 'AA' } }),
  dpop_signature_wrong: step(
    (endpoint) => send(prove().replace(/\.[^.]+$/, `.${Buffer.alloc(64, 1).toString('base64url')}`))(endpoint),
    verifying(),
  ),
  dpop_claim_malformed: proving({}, { iat: 'now' }),
  dpop_jti_malformed: proving({}, { jti: '' }),
  dpop_htm_mismatch: proving({}, { htm: 'GET' }),
  dpop_htu_malformed: proving({}, { htu: '/oauth/token' }),
  dpop_htu_mismatch: proving({}, { htu: 'https://other.example/oauth/token' }),
  dpop_proof_too_old: proving({}, { iat: now() - 1000 }),
  dpop_proof_too_new: proving({}, { iat: now() + 1000 }),
  dpop_proof_replayed: proving({}, {}, { consumeJti: () => false }),
  dpop_nonce_missing: proving({}, {}, { replay: 'unchecked', nonceSecret }),
  dpop_nonce_stale: proving({}, { nonce: 'stale' }, { replay: 'unchecked', nonceSecret }),
  consume_jti_failed: proving({}, {}, { consumeJti: () => Promise.reject(new Error('redis gone')) }),
  consume_jti_no_boolean: proving({}, {}, { consumeJti: (() => 'OK') as never }),
};
