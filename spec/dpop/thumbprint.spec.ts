import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { jwkThumbprint } from '../../lib/dpop';
import { ALGORITHMS, SIGNERS, thumbprintOf } from './support/prover';

/** RFC 7638 §3.1. */
const RSA_EXAMPLE = {
  kty: 'RSA',
  n:
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst' +
    'n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn' +
    '1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};
/** RFC 8037 §A.2. */
const ED25519_EXAMPLE = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
/** RFC 9449 §4.2 and §6.1. */
const EC_EXAMPLE = {
  kty: 'EC',
  crv: 'P-256',
  x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
  y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
};

describe('jwkThumbprint', () => {
  it.each([
    ['the RSA key of RFC 7638', RSA_EXAMPLE, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    ['the Ed25519 key of RFC 8037', ED25519_EXAMPLE, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
    ['the EC key of RFC 9449', EC_EXAMPLE, '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'],
  ])('of %s is that of the RFC, from the JWK and from the imported key', (_what, jwk, thumbprint) => {
    expect(jwkThumbprint(jwk)).toBe(thumbprint);
    expect(jwkThumbprint(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(thumbprint);
  });

  it.each(ALGORITHMS)('of a key for %s is the same for the private key', (algorithm) => {
    const { jwk, privateKey } = SIGNERS[algorithm]();
    expect(jwkThumbprint(jwk)).toBe(thumbprintOf(jwk));
    expect(jwkThumbprint(privateKey)).toBe(thumbprintOf(jwk));
    expect(jwkThumbprint(privateKey.export({ format: 'jwk' }))).toBe(thumbprintOf(jwk));
  });

  it('is that of the key, not of its spelling', () => {
    const spelled = { ...EC_EXAMPLE, x: `${EC_EXAMPLE.x}=`, use: 'sig', kid: 'mine' };
    expect(jwkThumbprint(spelled)).toBe(jwkThumbprint(EC_EXAMPLE));
  });

  it.each<[string, () => Parameters<typeof jwkThumbprint>[0]]>([
    ['a symmetric JWK', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['a symmetric key', () => createSecretKey(Buffer.alloc(32))],
    ['a point off the curve', () => ({ ...EC_EXAMPLE, x: EC_EXAMPLE.y })],
    ['half a key', () => ({ kty: 'EC', crv: 'P-256', x: EC_EXAMPLE.x })],
    ['nothing', () => ({})],
    [
      'a key that JWK does not know',
      () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey,
    ],
  ])('throws for %s', (_what, key) => {
    expect(() => jwkThumbprint(key())).toThrow();
  });
});
