import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { describeKind } from '../received';
import type { JwkInput } from './types';

/** A mistake in a key. Its message follows the path of the key, and never quotes the key. */
export class KeyMistake extends Error {}

/** The members of a JWK that describe it (RFC 7517 §4.2 to §4.5). */
export type JwkMembers = Pick<JwkInput, 'kid' | 'alg' | 'use' | 'key_ops'>;

/** One half of a key pair. */
export type Half = 'private' | 'public';
type Bytes = { key: string | Buffer; passphrase?: string | Buffer };

/** Imports one half of a key. `name` is the member of the options that holds it. */
export function importKey(half: Half, name: string, given: unknown): { key: KeyObject; members: JwkMembers } {
  const mistake = (rest: string) => new KeyMistake(`.${name} ${rest}`);
  if (given instanceof KeyObject) return { key: toHalf(half, given, mistake), members: {} };
  const input = readInput(given, mistake);
  try {
    if ('jwk' in input) {
      const jwk = { key: input.jwk, format: 'jwk' } as never;
      return { key: half === 'private' ? createPrivateKey(jwk) : createPublicKey(jwk), members: input.jwk };
    }
    return { key: readBytes(half, input), members: {} };
  } catch {
    // Without the error of node:crypto, which may quote the key.
    throw mistake(explain(half, input));
  }
}

function toHalf(half: Half, key: KeyObject, mistake: (rest: string) => KeyMistake): KeyObject {
  if (key.type === half) return key;
  if (key.type === 'private') return createPublicKey(key);
  throw mistake(`is a ${key.type} KeyObject. Write ${half === 'private' ? 'the private' : 'the public'} one`);
}

type Input = { jwk: JwkInput } | Bytes;

/** Finds out in which form a key is given. */
function readInput(given: unknown, mistake: (rest: string) => KeyMistake): Input {
  if (typeof given === 'string') return readText(given, mistake);
  if (given instanceof Uint8Array) return readRaw(Buffer.from(given), mistake);
  const { kty, key, passphrase, keys } = Object(given) as Record<string, unknown>;
  if (typeof kty === 'string') return { jwk: given as JwkInput };
  if (key !== undefined) {
    const input = readInput(key, mistake);
    if ('jwk' in input) return input;
    if (typeof passphrase === 'string') return { ...input, passphrase };
    if (passphrase instanceof Uint8Array) return { ...input, passphrase: Buffer.from(passphrase) };
    throw mistake(`has a passphrase that is ${describeKind(passphrase)}. Write { key, passphrase }`);
  }
  if (Array.isArray(keys)) throw mistake('is a JWK Set. Write one of its keys');
  if (types.isPromise(given)) throw mistake('is a Promise. Await it');
  if (types.isCryptoKey(given)) throw mistake('is a CryptoKey. Write KeyObject.from(key) of node:crypto');
  throw mistake(`is ${describeKind(given)}. Write a PEM text, a JWK or a KeyObject`);
}

/** Reads the bytes of a file, which are text or DER. */
function readRaw(bytes: Buffer, mistake: (rest: string) => KeyMistake): Input {
  const text = bytes.toString();
  return /^\s*\{|-----BEGIN /.test(text) ? readText(text, mistake) : { key: bytes };
}

function readText(text: string, mistake: (rest: string) => KeyMistake): Input {
  // trim also removes a byte order mark, which some editors write.
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) {
    try {
      return readInput(JSON.parse(trimmed), mistake);
    } catch (thrown) {
      throw thrown instanceof KeyMistake ? thrown : mistake('is a text that begins with { and is no JSON. Write a JWK');
    }
  }
  if (trimmed.includes('-----BEGIN ')) {
    if (!trimmed.includes('\\n')) return { key: trimmed };
    throw mistake("is a PEM whose line breaks are the two characters \\n. Write pem.replaceAll('\\\\n', '\\n')");
  }
  if (trimmed.startsWith('LS0tLS1CRUdJTi')) throw mistake("is a PEM in base64. Write Buffer.from(text, 'base64')");
  if (/^[\w./\\:~-]{1,200}\.(?:pem|key|json|der|p8)$/i.test(trimmed)) {
    throw mistake('is the name of a file. Write readFileSync(name)');
  }
  throw mistake(`is ${describeKind(text)}, and no key. Write a PEM text: '-----BEGIN…'`);
}

const DER_TYPES = { private: ['pkcs8', 'pkcs1', 'sec1'], public: ['spki', 'pkcs1', 'pkcs8'] } as const;

function readBytes(half: Half, bytes: Bytes): KeyObject {
  const read = half === 'private' ? createPrivateKey : createPublicKey;
  if (typeof bytes.key === 'string') return read(bytes);
  for (const type of DER_TYPES[half]) {
    try {
      return read({ ...bytes, format: 'der', type } as never);
    } catch {}
  }
  throw new Error('this is no DER');
}

/** Explains why a key could not be read, and what to write. */
function explain(half: Half, input: Input): string {
  if ('jwk' in input) {
    if (input.jwk.kty === 'oct') return 'is the JWK of a secret. Write a key of RSA, P-256, P-384 or Ed25519';
    if (half === 'private' && input.jwk.d === undefined) return 'is a public JWK. Write the private one, which has d';
    return `is a JWK that is no ${half} key. Compare its members with RFC 7518`;
  }
  const { key, passphrase } = input;
  if (passphrase !== undefined) return 'cannot be read with this passphrase. Compare both';
  if (typeof key !== 'string')
    return `is ${describeKind(key)} that are no ${half} key. Write the bytes of a PEM or of DER`;
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(key)?.[1] ?? '';
  if (key.includes('\nProc-Type: 4,ENCRYPTED') || label.startsWith('ENCRYPTED')) {
    return 'is an encrypted PEM. Write { key, passphrase }';
  }
  if (label.startsWith('OPENSSH')) return 'is in the format of OpenSSH. Convert it: ssh-keygen -p -m pkcs8 -f FILE';
  if (half === 'private' && /PUBLIC|CERTIFICATE/.test(label))
    return `is a PEM of ${label}. Write that of the private key`;
  return `is a PEM that cannot be read${label && ` (${label})`}. Look whether it is whole, each line by itself`;
}
