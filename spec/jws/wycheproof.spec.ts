import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AlgorithmName, algorithmOf } from '../../lib/jws/algorithms';
import { describeWithVectors } from '../support/vectors';
import { verifyJws } from './verify';

/** The files of signatures, each with the algorithm of JWS that it is about. */
const SIGNATURES: Readonly<Record<string, AlgorithmName>> = {
  ecdsa_secp256r1_sha256_p1363: 'ES256',
  ecdsa_secp384r1_sha384_p1363: 'ES384',
  ecdsa_secp521r1_sha512_p1363: 'ES512',
  ed25519: 'Ed25519',
  rsa_pss_2048_sha256_mgf1_32: 'PS256',
  rsa_pss_3072_sha256_mgf1_32: 'PS256',
  rsa_pss_4096_sha256_mgf1_32: 'PS256',
  rsa_signature_2048_sha256: 'RS256',
  rsa_signature_3072_sha256: 'RS256',
  rsa_signature_4096_sha256: 'RS256',
};

interface Vector {
  tcId: number;
  comment: string;
  result: 'valid' | 'invalid' | 'acceptable';
  msg: string;
  sig: string;
  jws: string;
}
type Keys = JsonWebKey & { keys?: JsonWebKey[] };
interface Group {
  comment: string;
  publicKeyPem: string;
  public?: Keys;
  private: Keys;
  tests: Vector[];
}

describeWithVectors('wycheproof', 'Of the vectors of Wycheproof', (folder) => {
  const read = (file: string): { numberOfTests: number; testGroups: Group[] } =>
    JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));

  test('each file that is there is used here', () => {
    const used = [...Object.keys(SIGNATURES), 'json_web_signature', 'json_web_key'];
    expect(used.filter((file) => !existsSync(join(folder, `${file}.json`)))).toEqual([]);
  });

  test.each(Object.entries(SIGNATURES))('each signature of %s is verified or refused as it says', (file, alg) => {
    const { numberOfTests, testGroups } = read(file);
    const wrong: unknown[] = [];
    const judged = { right: 0, otherExponent: 0 };
    for (const { publicKeyPem, tests } of testGroups) {
      const key = createPublicKey(publicKeyPem);
      const jwk = key.export({ format: 'jwk' });
      // Keys of RSA whose exponent is not 65537 are refused before any signature is looked at.
      if (jwk.kty === 'RSA' && jwk.e !== 'AQAB') {
        judged.otherExponent += tests.length;
        for (const { sig } of tests) expect(verifyParts({ alg, jwk, msg: '', sig })).toBe('key_size');
        continue;
      }
      for (const { tcId, comment, result, msg, sig } of tests) {
        // What is "acceptable" to Wycheproof, a signature in an old encoding, is refused here.
        const wanted = result === 'valid' ? 'verified' : 'signature_wrong';
        const found = verifyParts({ alg, jwk, msg, sig });
        if (found === wanted) judged.right += 1;
        else wrong.push({ tcId, comment, result, found });
      }
    }
    expect(wrong).toEqual([]);
    expect(judged.right + judged.otherExponent).toBe(numberOfTests);
    expect(judged.otherExponent).toBeLessThan(3);
  });

  /**
   * Where this package and Wycheproof differ. Symmetric algorithms are none of DPoP (RFC 9449 §4.3) or of private_key_jwt.
   * Two keys name an algorithm that is not the header's (RFC 7517 §4.4). A key with the weakness of ROCA is its owner's harm.
   */
  const EXPLAINED = [
    /^json_web_\w+ .*: valid, algorithm_unsupported HS(256|384|512)$/,
    // Foreign characters within the base64url of a symmetric key: a JWS has one spelling here (RFC 4648 §3.5).
    /^json_web_signature base64 InvalidCharacterInsertedIn(Header|Payload): valid, malformed$/,
    /^json_web_signature rfc7520(WithKeyOps)? Figure(20|27): valid, key_unsuitable$/,
    /^json_web_key jws_rsa_roca_key rejectsKeyWithRocaVulnerability: invalid, verified$/,
  ];

  test.each([
    ['json_web_signature', 14],
    ['json_web_key', 5],
  ])('each JWS of %s is verified or refused as it says, but for %d', (file, differences) => {
    const { numberOfTests, testGroups } = read(file);
    let count = 0;
    const different: string[] = [];
    for (const { comment, tests, ...group } of testGroups) {
      const { keys, ...single } = group.public ?? group.private;
      for (const vector of tests) {
        count += 1;
        const found = verifyJws(vector.jws, keys ?? [single]);
        if ((vector.result === 'valid') === (found === 'verified')) continue;
        different.push(`${file} ${comment} ${vector.comment}: ${vector.result}, ${found}`);
      }
    }
    expect(different.filter((line) => !EXPLAINED.some((pattern) => pattern.test(line)))).toEqual([]);
    expect([count, different.length]).toEqual([numberOfTests, differences]);
  });
});

/** Bytes as a JWS would have them. */
function verifyParts({ alg, jwk, msg, sig }: { alg: AlgorithmName; jwk: JsonWebKey; msg: string; sig: string }) {
  const algorithm = algorithmOf(alg);
  if (!algorithm) throw new Error(`${alg} is not there`);
  return verifyJws.parts(algorithm, jwk, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'));
}
