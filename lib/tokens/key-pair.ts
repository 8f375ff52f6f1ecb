import { type KeyObject, sign, verify } from 'node:crypto';
import { ALGORITHMS } from './algorithms';
import { KeyMistake } from './key-input';
import { TRIAL } from './signing-time';
import type { SigningAlgorithm } from './types';

/** Refuses a private key that has the public half of another key: nobody could verify its tokens. */
export function checkPair(privateKey: KeyObject, publicKey: KeyObject, alg: SigningAlgorithm): void {
  const { hash, signing } = ALGORITHMS[alg];
  if (verify(hash, TRIAL, { key: publicKey, ...signing }, sign(hash, TRIAL, { key: privateKey, ...signing }))) return;
  throw new KeyMistake('.privateKey has the public half of another key. Write both halves of one key');
}
