import { type Algorithm, algorithmOf } from '../../lib/jws/algorithms';
import { parseBase64url } from '../../lib/jws/base64url';
import { checkExtensions, parseObject } from '../../lib/jws/compact';
import { JwsError } from '../../lib/jws/error';
import { importPublicKey } from '../../lib/jws/jwk';

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

/** A private key's public half as JSON: whoever has the private one has published this. */
const publish = (jwk: object) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE.includes(name)));

function verifyParts(algorithm: Algorithm, jwk: object, signed: Buffer, signature: Buffer): string {
  try {
    return algorithm.verify(signed, importPublicKey(jwk, algorithm), signature) ? 'verified' : 'signature_wrong';
  } catch (thrown) {
    if (thrown instanceof JwsError) return thrown.problem;
    throw thrown;
  }
}

/**
 * What becomes of a compact JWS by these keys, as the verifiers of proofs and of assertions do it; but its payload may be
 * anything, for those of others' vectors are no JSON.
 */
export const verifyJws = Object.assign(
  (jws: string, keys: readonly Readonly<Record<string, unknown>>[]): string => {
    const [header = '', payload = '', signature, ...more] = jws.split('.');
    const bytes = signature === undefined ? undefined : parseBase64url(signature);
    if (!bytes || !parseBase64url(payload) || more.length > 0) return 'malformed';
    try {
      const parsed = parseObject(header);
      checkExtensions(parsed);
      const algorithm = algorithmOf(parsed.alg);
      if (!algorithm) return `algorithm_unsupported ${parsed.alg}`;
      const key = keys.find(({ kid }) => parsed.kid === undefined || kid === parsed.kid);
      if (!key) return 'key_unknown';
      return verifyParts(algorithm, publish(key), Buffer.from(`${header}.${payload}`), bytes);
    } catch (thrown) {
      if (thrown instanceof JwsError) return thrown.problem;
      throw thrown;
    }
  },
  { parts: verifyParts },
);
