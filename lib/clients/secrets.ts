import { createHmac, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { addressOf } from '../address';
import { fault } from '../errors';
import { describeKind } from '../received';
import { invalidClient } from '../refusals';
import type { ClientCredentials } from '../types';
import { networkOf } from './address';
import { matchesDigest, matchesScrypt, parseSecretHash, type ScryptHash, type SecretHash } from './client-secret';
import { createHashingQueue } from './hashing-queue';
import type { RegisteredClient } from './types';

type SecretCredentials = Extract<ClientCredentials, { clientSecret: string }>;

/** Throws if the secret is not one of the client's. */
export type CheckSecret = (client: RegisteredClient, credentials: SecretCredentials, req: Request) => Promise<void>;

const MAX_REMEMBERED = 1000;

/** Compares secrets, in both forms that Basic may have. Slow hashes take turns, and a match is remembered. */
export function createSecretCheck(): CheckSecret {
  const enqueue = createHashingQueue();
  const remembered = createMemory();

  async function matchesSlowly(secret: string, hashes: readonly ScryptHash[]): Promise<boolean> {
    for (const hash of hashes) {
      if (!(await matchesScrypt(secret, hash))) continue;
      remembered.add(secret, hash);
      return true;
    }
    return false;
  }

  return async function checkSecret(client, credentials, req) {
    const hashes = parseHashes(client);
    const secrets = formsOf(credentials);
    const fast = hashes.filter((hash) => hash.kind === 'sha256');
    if (secrets.some((secret) => fast.some(({ digest }) => matchesDigest(secret, digest)))) return;

    const slow = hashes.filter((hash) => hash.kind === 'scrypt');
    if (secrets.some((secret) => slow.some((hash) => remembered.has(secret, hash)))) return;
    if (slow.length === 0) throw invalidClient('client_secret_wrong');
    const isRight = await enqueue(networkOf(addressOf(req)), async () => {
      for (const secret of secrets) if (await matchesSlowly(secret, slow)) return true;
      return false;
    });
    if (!isRight) throw invalidClient('client_secret_wrong');
  };
}

function formsOf({ clientSecret, ...more }: SecretCredentials): string[] {
  const { clientSecretAsSent = clientSecret } = more as { clientSecretAsSent?: string };
  return [...new Set([clientSecret, clientSecretAsSent])];
}

function parseHashes({ clientSecretHash }: RegisteredClient): SecretHash[] {
  const texts = [clientSecretHash].flat();
  const hashes = texts.map(parseSecretHash).filter((hash) => hash !== undefined);
  if (hashes.length > 0 && hashes.length === texts.length) return hashes;
  const cause = new TypeError(
    `findClient returned a client whose clientSecretHash is ${describeKind(clientSecretHash)}; it must be what createClientSecret returned`,
  );
  throw fault('client_malformed', cause);
}

/**
 * Remembers secrets that matched a slow hash, so that each process computes it once. Keeps only an HMAC with a random
 * key. An entry counts only for the hash that it matched, so it ends when the client's hash changes.
 */
function createMemory() {
  const key = randomBytes(32);
  const known = new Set<string>();
  const nameOf = (secret: string, { salt, digest }: ScryptHash) =>
    createHmac('sha256', key)
      .update(JSON.stringify([salt.toString('base64'), digest.toString('base64'), secret]))
      .digest('base64url');

  return {
    has: (secret: string, hash: ScryptHash): boolean => known.has(nameOf(secret, hash)),
    add(secret: string, hash: ScryptHash): void {
      known.add(nameOf(secret, hash));
      if (known.size > MAX_REMEMBERED) known.delete(known.values().next().value as string);
    },
  };
}
