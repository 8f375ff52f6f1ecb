import { KeyObject, sign as signInPool, verify as verifyInPool } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import jwt from 'jsonwebtoken';
import { ALGORITHMS } from './algorithms';
import type { ParsedKey, SignWithKms } from './keys';
import { createQueue } from './queue';
import type { Claims } from './types';

/** Makes a JWT (RFC 7519) of its claims; `typ` says of which kind it is. */
export type SignToken = (typ: string, claims: Claims) => Promise<string>;

const sign = promisify(signInPool);
const verify = promisify(verifyInPool);

/** One core is left to the event loop, and most threads of the pool to files and names. */
const enqueue = createQueue(Math.max(availableParallelism() - 1, 1));

/**
 * How tokens are signed with a key: in the thread pool of node:crypto. jsonwebtoken signs on the main thread, also in its
 * asynchronous form, and a signature of RSA is a millisecond of CPU. So it does here what it does well, and verifies: the
 * first token of each key does not leave before another library has accepted it.
 */
export function createSigning(key: ParsedKey): SignToken {
  const { kid, alg, signer } = key;
  const { hash, signing } = ALGORITHMS[alg];
  const signData =
    signer instanceof KeyObject
      ? (data: Buffer) => enqueue(() => sign(hash, data, { key: signer, ...signing }))
      : (data: Buffer) => signWithKms(data, key, signer);
  let isProven = false;

  return async function signToken(typ, claims) {
    // The compact serialization of JWS (RFC 7515 §7.1).
    const signed = `${encode({ alg, typ, kid })}.${encode(claims)}`;
    const signature = await signData(Buffer.from(signed));
    const token = `${signed}.${Buffer.from(signature).toString('base64url')}`;
    if (!isProven) proveToken(token, key);
    isProven = true;
    return token;
  };
}

const encode = (part: Claims) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** jsonwebtoken knows no EdDSA. */
function proveToken(token: string, { alg, publicKey }: ParsedKey): void {
  if (alg !== 'EdDSA') jwt.verify(token, publicKey, { algorithms: [alg] });
}

/** What a KMS returns is verified each time: several sign ECDSA in DER, which is no signature of JWS. */
async function signWithKms(data: Buffer, { kid, alg, publicKey }: ParsedKey, kms: SignWithKms): Promise<Uint8Array> {
  const { hash, signing } = ALGORITHMS[alg];
  const signature: unknown = await kms(data, { kid, alg });
  if (signature instanceof Uint8Array && (await verify(hash, data, { key: publicKey, ...signing }, signature))) {
    return signature;
  }
  throw new TypeError(
    `sign returned no ${alg} signature of the key ${kid}: the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER`,
  );
}
