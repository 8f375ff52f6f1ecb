import { KeyObject, sign as signInPool, verify as verifyInPool } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import jwt from 'jsonwebtoken';
import { ALGORITHMS } from './algorithms';
import type { ParsedKey, SignWithKms } from './keys';
import { createQueue } from './queue';
import type { Claims, SigningAlgorithm } from './types';

/** Makes a JWT (RFC 7519) of its claims; `typ` says of which kind it is. */
export type SignToken = (typ: string, claims: Claims) => Promise<string>;

type SignData = (data: Buffer) => Promise<Uint8Array>;

const sign = promisify(signInPool);
const verify = promisify(verifyInPool);

/**
 * Where heavy signatures wait, so that no crowd of them stands before files and names: three leave one of the four threads
 * that the pool has by default. More cores take more, for there a host gives the pool a thread each (UV_THREADPOOL_SIZE).
 */
const enqueue = createQueue(Math.max(availableParallelism() - 1, 3));

/**
 * How tokens are signed with a key: in the thread pool of node:crypto. jsonwebtoken signs on the main thread, also in its
 * asynchronous form, and a signature of RSA is a millisecond of CPU. So it does here what it does well, and verifies: the
 * first token of each key does not leave before another library has accepted it.
 */
export function createSigning(key: ParsedKey): SignToken {
  const { kid, alg, signer } = key;
  const signData = signer instanceof KeyObject ? createPoolSigning(alg, signer) : createKmsSigning(key, signer);
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

function createPoolSigning(alg: SigningAlgorithm, key: KeyObject): SignData {
  const { hash, isHeavy, signing } = ALGORITHMS[alg];
  const signData: SignData = (data) => sign(hash, data, { key, ...signing });
  return isHeavy ? (data) => enqueue(() => signData(data)) : signData;
}

/** What a KMS returns is verified each time: several sign ECDSA in DER, which is no signature of JWS. */
function createKmsSigning({ kid, alg, publicKey }: ParsedKey, kms: SignWithKms): SignData {
  const { hash, signing } = ALGORITHMS[alg];

  return async function signWithKms(data) {
    const signature: unknown = await kms(data, { kid, alg });
    const isBytes = signature instanceof Uint8Array;
    if (isBytes && (await verify(hash, data, { key: publicKey, ...signing }, signature))) return signature;
    throw new TypeError(
      `sign returned no ${alg} signature of the key ${kid}: the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER`,
    );
  };
}
