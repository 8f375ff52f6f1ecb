import { verify as verifyInPool } from 'node:crypto';
import { promisify } from 'node:util';
import { describeKind } from '../received';
import { ALGORITHMS } from './algorithms';
import type { Timed } from './backlog';
import type { ParsedKey, SignWithKms } from './keys';
import { createSigningTime, TRIAL } from './signing-time';

/** How bytes are signed by a KMS. */
interface KmsSigning extends Timed {
  signData: (data: Buffer) => Promise<Uint8Array>;
  prove(): Promise<unknown> | undefined;
}

const verify = promisify(verifyInPool);
/** Milliseconds for which later requests wait for a pending trial. One that hangs must not block them. */
const TRIAL_MS = 1000;

/**
 * Signs with the key of a KMS. Verifies each signature, because several KMS sign ECDSA in DER, which JWS does not
 * allow.
 *
 * Only a signature shows whether a KMS refuses, fails or is slow. So before the first signature, and after each
 * failure, it signs a trial before a code is spent.
 */
export function createKmsSigning({ kid, alg, publicKey }: ParsedKey, kms: SignWithKms): KmsSigning {
  const { hash, signing } = ALGORITHMS[alg];
  // Nobody knows how many signatures a KMS makes at once. But how long one takes can be measured.
  const { expectedMs, measure, tryOut } = createSigningTime();
  const ask = async (data: Buffer): Promise<unknown> => kms(data, { kid, alg });
  let hasSigned = false;
  let trial: { signature: Promise<unknown>; startedAt: number } | undefined;

  async function signVerified(data: Buffer): Promise<Uint8Array> {
    const signature = await measure(() => ask(data));
    const isBytes = signature instanceof Uint8Array;
    if (isBytes && (await verify(hash, data, { key: publicKey, ...signing }, signature))) return signature;
    throw new TypeError(
      `sign returned no ${alg} signature of the key ${kid}, but ${describeKind(signature)}. Return the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER`,
    );
  }

  async function signData(data: Buffer): Promise<Uint8Array> {
    try {
      const signature = await signVerified(data);
      hasSigned = true;
      return signature;
    } catch (thrown) {
      hasSigned = false;
      throw thrown;
    }
  }

  /** Signs one trial at a time, for all requests that wait for it. */
  function prove(): Promise<unknown> | undefined {
    if (hasSigned) return undefined;
    const now = performance.now();
    if (trial && now - trial.startedAt < TRIAL_MS) return trial.signature;
    const signature = signData(TRIAL).finally(() => {
      trial = undefined;
    });
    trial = { signature, startedAt: now };
    return signature;
  }

  return {
    signData,
    isQueued: false,
    intervalMs: () => 0,
    expectedMs,
    prove,
    tryOut: () => tryOut(() => signData(TRIAL)),
  };
}
