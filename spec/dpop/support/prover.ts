import { createHash, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createDpopVerifier, type DpopAlgorithm, type DpopVerifierOptions } from '../../../lib/dpop';
import { memoryJtis } from '../../../lib/stores/memory';
import { createEndpoint, goodForm } from '../../support/endpoint';

export const TOKEN_ENDPOINT = 'https://auth.example/oauth/token';

/** A client's key, and how it signs. */
export interface Signer {
  alg: DpopAlgorithm;
  jwk: JsonWebKey;
  privateKey: KeyObject;
  sign(signed: string): Buffer;
}

const dsaEncoding = 'ieee-p1363';
const ecdsa = (alg: DpopAlgorithm, namedCurve: string, hash: string) => (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return {
    alg,
    privateKey,
    jwk: publicKey.export({ format: 'jwk' }),
    sign: (signed) => sign(hash, Buffer.from(signed), { key: privateKey, dsaEncoding }),
  };
};
const rsa = (alg: DpopAlgorithm, padding: object) => (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    alg,
    privateKey,
    jwk: publicKey.export({ format: 'jwk' }),
    sign: (signed) => sign('sha256', Buffer.from(signed), { key: privateKey, ...padding }),
  };
};
const ed25519 = (alg: DpopAlgorithm) => (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    alg,
    privateKey,
    jwk: publicKey.export({ format: 'jwk' }),
    sign: (signed) => sign(null, Buffer.from(signed), privateKey),
  };
};

const RSA_PKCS1_PSS_PADDING = 6;

/** One maker of keys for each algorithm. */
export const SIGNERS: Readonly<Record<DpopAlgorithm, () => Signer>> = {
  ES256: ecdsa('ES256', 'P-256', 'sha256'),
  ES384: ecdsa('ES384', 'P-384', 'sha384'),
  ES512: ecdsa('ES512', 'P-521', 'sha512'),
  PS256: rsa('PS256', { padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  RS256: rsa('RS256', {}),
  Ed25519: ed25519('Ed25519'),
  EdDSA: ed25519('EdDSA'),
};
export const ALGORITHMS = Object.keys(SIGNERS) as DpopAlgorithm[];

export const client = SIGNERS.ES256();

export const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');
export const seconds = () => Math.floor(Date.now() / 1000);

/** RFC 7638, written anew: the thumbprint by the members as the client sends them. */
export function thumbprintOf({ kty, crv, x, y, n, e }: JsonWebKey): string {
  const members = { EC: { crv, kty, x, y }, OKP: { crv, kty, x }, RSA: { e, kty, n } }[String(kty)];
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** What a proof is made of; rows of a spec change one thing. */
export interface Parts {
  signer?: Signer;
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** The JSON texts, where `header` and `claims` cannot say it. */
  headerText?: string | Buffer;
  claimsText?: string | Buffer;
  sign?: (signed: string) => Buffer;
}

export const goodHeader = ({ alg, jwk }: Signer = client) => ({ typ: 'dpop+jwt', alg, jwk });
export const goodClaims = () => ({ jti: randomUUID(), htm: 'POST', htu: TOKEN_ENDPOINT, iat: seconds() });

/** The good proof, but for what is given. A member that is `undefined` is left out. */
export function prove({ signer = client, header, claims, headerText, claimsText, ...parts }: Parts = {}): string {
  const signed = [
    headerText ?? JSON.stringify({ ...goodHeader(signer), ...header }),
    claimsText ?? JSON.stringify({ ...goodClaims(), ...claims }),
  ]
    .map(base64url)
    .join('.');
  return `${signed}.${base64url((parts.sign ?? signer.sign)(signed))}`;
}

type EndpointOptions = Parameters<typeof createEndpoint>[0];

/** An endpoint with a verifier; by default it takes every algorithm and keeps the `jti`s in this process. */
export function createDpopEndpoint(verifier: DpopVerifierOptions = {}, options: EndpointOptions = {}) {
  const store = verifier.replay === undefined ? memoryJtis() : {};
  const endpoint = createEndpoint({
    tokenEndpoint: TOKEN_ENDPOINT,
    verifyDpop: createDpopVerifier({ algorithms: ALGORITHMS, ...store, ...verifier }),
    ...options,
  });
  return {
    ...endpoint,
    prove: (proof: string, form: Record<string, unknown> = goodForm()) => endpoint.post(form).set('DPoP', proof),
  };
}
