import { verify as verifyInPool } from 'node:crypto';
import { promisify } from 'node:util';
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
/** So long a trial that is not made yet speaks for those that come after it: one that hangs must not. */
const TRIAL_MS = 1000;

/**
 * Signs with the key of a KMS. What it returns is verified each time: several sign ECDSA in DER, which is no signature of JWS.
 *
 * A KMS may refuse, fail or be slow, and only a signature tells. So before its first one, and after each that failed, a trial
 * is signed, which no code is spent for.
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
      `sign returned no ${alg} signature of the key ${kid}: the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER`,
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

  /** One at a time, for all requests that wait for it. */
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
