import { KeyObject, sign as signInPool, verify as verifyInPool } from 'node:crypto';
import { promisify } from 'node:util';
import jwt from 'jsonwebtoken';
import { ALGORITHMS } from './algorithms';
import type { ParsedKey, SignWithKms } from './keys';
import type { Claims } from './types';

/** Makes a JWT (RFC 7519) of its claims; `typ` says of which kind it is. */
export type SignToken = (typ: string, claims: Claims) => Promise<string>;

const sign = promisify(signInPool);
const verify = promisify(verifyInPool);

/**
 * How tokens are signed with a key. jsonwebtoken signs on the main thread, also in its asynchronous form. That is kept to
 * ES256, which takes it a tenth of a millisecond; a signature of RSA or P-384 takes ten times as long and is made in the
 * thread pool of node:crypto. docs/decisions/0010-tokens-signing.md has the figures.
 */
export function createSigning(key: ParsedKey): SignToken {
  const { kid, alg, signer } = key;
  if (!(signer instanceof KeyObject)) return signParts(key, (data) => signWithKms(data, key, signer));
  if (alg === 'ES256') {
    return async (typ, claims) => jwt.sign(claims, signer, { algorithm: alg, header: { alg, typ, kid } });
  }
  const { hash, signing } = ALGORITHMS[alg];
  return signParts(key, (data) => sign(hash, data, { key: signer, ...signing }));
}

/** The compact serialization of JWS (RFC 7515 §7.1) around a signature. */
function signParts({ kid, alg }: ParsedKey, signData: (data: Buffer) => Promise<Uint8Array>): SignToken {
  return async function signToken(typ, claims) {
    const signed = `${encode({ alg, typ, kid })}.${encode(claims)}`;
    const signature = await signData(Buffer.from(signed));
    return `${signed}.${Buffer.from(signature).toString('base64url')}`;
  };
}

const encode = (part: Claims) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** What a KMS returns is verified before it leaves: several sign ECDSA in DER, which is no signature of JWS. */
async function signWithKms(data: Buffer, { kid, alg, publicKey }: ParsedKey, kms: SignWithKms): Promise<Uint8Array> {
  const { hash, signing } = ALGORITHMS[alg];
  const signature: unknown = await kms(data, { kid, alg });
  const isGood =
    signature instanceof Uint8Array && (await verify(hash, data, { key: publicKey, ...signing }, signature));
  if (isGood) return signature;
  throw new TypeError(
    `sign returned no ${alg} signature of the key ${kid}: the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER`,
  );
}
