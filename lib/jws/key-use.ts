/** What a key of JWS can be for (RFC 7517 §4.3). */
export type Operation = 'sign' | 'verify';

/** Operations of keys for encryption (RFC 7517 §4.3). They contradict the use `sig`. */
const OF_ENCRYPTION = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits'];

/**
 * Whether a JWK is for one of these operations by what it says of itself. Its `key_ops` has no operation twice, and agrees with
 * its `use`, where both are there (RFC 7517 §4.2, §4.3).
 */
export function isKeyFor(
  { use, key_ops: keyOps }: { use?: unknown; key_ops?: unknown },
  ...wanted: Operation[]
): boolean {
  if (use !== undefined && use !== 'sig') return false;
  if (keyOps === undefined) return true;
  return (
    isSetOfNames(keyOps) &&
    wanted.some((operation) => keyOps.includes(operation)) &&
    (use === undefined || !keyOps.some((operation) => OF_ENCRYPTION.includes(operation)))
  );
}

function isSetOfNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((each) => typeof each === 'string') && new Set(value).size === value.length
  );
}
