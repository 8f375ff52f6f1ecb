import { isKeyFor } from '../jws/key-use';
import { describeValue } from '../received';
import { type Half, type JwkMembers, KeyMistake } from './key-input';

/** What a JWK says of itself lets it sign, or lets a KMS sign for it (RFC 7517 §4.2, §4.3). */
export function checkUse(half: Half, members: JwkMembers): void {
  // `key_ops` of a key in a KMS may name what the KMS does with it.
  const isForSigning = half === 'private' ? isKeyFor(members, 'sign') : isKeyFor(members, 'sign', 'verify');
  if (isForSigning) return;
  const { use, key_ops: keyOps } = members;
  if (use !== undefined && use !== 'sig') {
    throw new KeyMistake(` is a JWK whose use is ${describeValue(use)}. Write a key whose use is sig`);
  }
  const operation = half === 'private' ? 'sign' : 'verify';
  throw new KeyMistake(
    ` is a JWK whose key_ops is ${describeValue(JSON.stringify(keyOps))}. Write ["${operation}"], or leave key_ops out`,
  );
}
