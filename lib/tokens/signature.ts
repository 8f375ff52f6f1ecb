import { KeyObject, sign as signInPool } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Request } from 'express';
import jwt from 'jsonwebtoken';
import { OAuthError } from '../errors';
import { ALGORITHMS, guessSigningMs } from './algorithms';
import { createBacklog, isAwaited, type Timed } from './backlog';
import type { ParsedKey } from './keys';
import { createKmsSigning } from './kms';
import { createQueue, Dropped } from './queue';
import { createSigningTime, TRIAL } from './signing-time';
import type { Claims, SigningAlgorithm } from './types';

/** Makes a JWT (RFC 7519) of this `typ` with these claims. */
export type SignToken = (typ: string, claims: Claims, req: Request) => Promise<string>;

/** Signs with one key, and knows how long that takes. */
export interface Signing extends Timed {
  sign: SignToken;
  /**
   * Where nobody knows whether the key can sign now: a trial signature, which rejects where it cannot. Otherwise nothing, for
   * there is nothing to wait for.
   */
  prove(): Promise<unknown> | undefined;
}

/** How bytes are signed with a key of this process. */
interface PoolSigning extends Timed {
  signData: (data: Buffer, req: Request) => Promise<Uint8Array>;
  prove(): undefined;
}

const sign = promisify(signInPool);

/**
 * How many heavy signatures run in the thread pool at once. Three leave one of its four threads for files and DNS.
 * Machines with more cores run more, because there hosts set UV_THREADPOOL_SIZE. Fast signatures may be more, up to 20
 * ms together: a busy event loop starts new ones only once per turn, and the threads would idle meanwhile.
 */
const enqueue = createQueue({ limit: Math.max(availableParallelism() - 1, 3), busyMs: 20 });

/** Shared by all issuers of this process, because they share the thread pool and the cores. */
export const backlog = createBacklog();

/**
 * Signs in the thread pool of node:crypto. jsonwebtoken would sign on the main thread, also in its asynchronous form,
 * and an RSA signature takes a millisecond of CPU. Here it only verifies the first token of each key, so that a second
 * library has accepted it before it leaves.
 */
export function createSigning(key: ParsedKey): Signing {
  const { kid, alg, signer } = key;
  const { signData, ...timed } =
    signer instanceof KeyObject ? createPoolSigning(alg, signer) : createKmsSigning(key, signer);
  let isProven = false;

  return {
    ...timed,
    async sign(typ, claims, req) {
      // The compact serialization of JWS (RFC 7515 §7.1).
      const signed = `${encode({ alg, typ, kid })}.${encode(claims)}`;
      const signature = await signData(Buffer.from(signed), req);
      const token = `${signed}.${Buffer.from(signature).toString('base64url')}`;
      if (!isProven) proveToken(token, key);
      isProven = true;
      return token;
    },
  };
}

const encode = (part: Claims) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Verifies a token with jsonwebtoken, which does not support EdDSA. */
function proveToken(token: string, { alg, publicKey }: ParsedKey): void {
  if (alg !== 'EdDSA') jwt.verify(token, publicKey, { algorithms: [alg] });
}

function createPoolSigning(alg: SigningAlgorithm, key: KeyObject): PoolSigning {
  const { hash, isHeavy, signing } = ALGORITHMS[alg];
  const signAtOnce = (data: Buffer) => sign(hash, data, { key, ...signing });
  // It was checked when it was read.
  const prove = () => undefined;
  if (!isHeavy) {
    return { signData: signAtOnce, isQueued: false, intervalMs: () => 0, expectedMs: () => 0, tryOut() {}, prove };
  }
  const { expectedMs, intervalMs, measure, tryOut } = createSigningTime(guessSigningMs(key));
  const signInTurn = (data: Buffer, isWanted: () => boolean) =>
    enqueue(() => measure(() => signAtOnce(data)), isWanted, intervalMs);
  return {
    isQueued: true,
    intervalMs,
    expectedMs,
    prove,
    tryOut: () => tryOut(() => signInTurn(TRIAL, () => true)),
    async signData(data, req) {
      try {
        return await signInTurn(data, () => isAwaited(req));
      } catch (thrown) {
        throw thrown instanceof Dropped ? signatureDropped(thrown) : thrown;
      }
    },
  };
}

/** Nobody gets this answer. Proxies log 499 if the client is gone. */
const signatureDropped = (cause: Dropped) =>
  new OAuthError('invalid_request', 'The client closed the connection', {
    reason: 'signature_dropped',
    status: 499,
    counts: false,
    cause,
  });
