import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { describeKind } from '../received';

/** A new secret, and what to store of it. */
export interface CreatedSecret {
  /** Show it to the client's owner once. Do not store it. */
  clientSecret: string;
  /** Store this with the client. */
  clientSecretHash: string;
}

/** A parsed hash of a secret. */
export type SecretHash = { kind: 'sha256'; digest: Buffer } | ScryptHash;

/** The hash of a secret that somebody chose. */
export interface ScryptHash {
  kind: 'scrypt';
  salt: Buffer;
  digest: Buffer;
  options: ScryptOptions;
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const DIGEST_BYTES = 32;
const SALT_BYTES = 16;
/** 32 MiB and about a quarter of a second (OWASP's Password Storage Cheat Sheet). */
const COST = Object.freeze({ ln: 15, r: 8, p: 3 });
/** The most that a stored hash may cost. */
const MAX_MEMORY = 128 * 2 ** 20;
const MAX_LANES = 5;

const SHA_256 = /^sha256:([\w-]{43})$/;
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$([A-Za-z\d+/]{11,86})\$([A-Za-z\d+/]{43})$/;

const sha256 = (secret: string) => createHash('sha256').update(secret).digest();

/** Creates a client secret of 256 random bits. Its hash is a fast SHA-256, because nobody can guess 256 bits. */
export function createClientSecret(): CreatedSecret {
  const clientSecret = randomBytes(32).toString('base64url');
  return { clientSecret, clientSecretHash: `sha256:${sha256(clientSecret).toString('base64url')}` };
}

/**
 * Hashes a secret that somebody chose, with scrypt. Prefer `createClientSecret`, which makes every request cheaper.
 *
 * @throws TypeError if the secret is empty or not a string.
 */
export async function hashClientSecret(clientSecret: string): Promise<string> {
  if (typeof clientSecret !== 'string' || clientSecret === '') {
    throw new TypeError(
      `hashClientSecret: the secret is ${describeKind(clientSecret)}. Pass a string that is not empty.`,
    );
  }
  const salt = randomBytes(SALT_BYTES);
  const { ln, r, p } = COST;
  const digest = await derive(clientSecret, salt, DIGEST_BYTES, optionsOf(ln, r, p));
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${digestText}`;
}

function optionsOf(ln: number, r: number, p: number): ScryptOptions {
  return { N: 2 ** ln, r, p, maxmem: 2 * MAX_MEMORY };
}

/** Parses a stored hash in one of the two forms. Returns `undefined` for anything else. */
export function parseSecretHash(text: unknown): SecretHash | undefined {
  if (typeof text !== 'string') return undefined;
  const fast = SHA_256.exec(text)?.[1];
  if (fast !== undefined) return { kind: 'sha256', digest: Buffer.from(fast, 'base64url') };
  const parts = PHC.exec(text) as [string, ln: string, r: string, p: string, salt: string, digest: string] | null;
  if (!parts) return undefined;
  const [, ln, r, p, salt, digest] = parts;
  const [log, blocks, lanes] = [ln, r, p].map(Number) as [number, number, number];
  const isBounded = log > 0 && blocks > 0 && lanes > 0 && lanes <= MAX_LANES && 128 * 2 ** log * blocks <= MAX_MEMORY;
  if (!isBounded) return undefined;
  return {
    kind: 'scrypt',
    salt: Buffer.from(salt, 'base64'),
    digest: Buffer.from(digest, 'base64'),
    options: optionsOf(log, blocks, lanes),
  };
}

/** Whether the secret is the one that was hashed, in constant time. */
export function matchesDigest(secret: string, digest: Buffer): boolean {
  return timingSafeEqual(sha256(secret), digest);
}

/** The same for scrypt, which takes up to a second of a thread of the pool. */
export async function matchesScrypt(secret: string, { salt, digest, options }: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await derive(secret, salt, digest.length, options), digest);
}
