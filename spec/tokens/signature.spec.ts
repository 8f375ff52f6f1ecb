import crypto, { generateKeyPairSync } from 'node:crypto';
import os from 'node:os';
import type { SigningAlgorithm } from '../../lib/tokens';
import { parseKeys } from '../../lib/tokens/keys';
import { EC, RSA } from '../support/issuer';

const KEYS = {
  RS256: RSA.privateKey,
  PS256: RSA.privateKey,
  ES256: EC.privateKey,
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  EdDSA: generateKeyPairSync('ed25519').privateKey,
};
const TOKENS = 20;

afterEach(() => jest.restoreAllMocks());

/** The module as it is on a machine with so many cores, which it asks for once. */
function loadSignature() {
  let loaded: typeof import('../../lib/tokens/signature') | undefined;
  jest.isolateModules(() => {
    loaded = jest.requireActual('../../lib/tokens/signature');
  });
  if (loaded) return loaded;
  throw new Error('isolateModules loads at once');
}

/** How many signatures are in the thread pool at the same time, where two keys have many to make. */
async function countAtOnce(alg: SigningAlgorithm, cores: number): Promise<number> {
  let running = 0;
  let most = 0;
  const { sign } = crypto;
  jest.spyOn(os, 'availableParallelism').mockReturnValue(cores);
  jest.spyOn(crypto, 'sign').mockImplementation(((hash, data, key, done) => {
    running += 1;
    most = Math.max(most, running);
    sign(hash, data, key, (error, signature) => {
      running -= 1;
      done(error, signature);
    });
  }) as typeof sign as never);
  const { parsed } = parseKeys(['one', 'two'].map((kid) => ({ kid, alg, privateKey: KEYS[alg] })));
  const signTokens = parsed.map(loadSignature().createSigning);
  await Promise.all(
    Array.from({ length: TOKENS / 2 }, () => signTokens.map((signToken) => signToken('JWT', {}))).flat(),
  );
  return most;
}

describe('Signatures at the same time', () => {
  it.each<[SigningAlgorithm, number, number]>([
    ['RS256', 1, 3],
    ['RS256', 4, 3],
    ['RS256', 5, 4],
    ['PS256', 4, 3],
    ['ES384', 4, 3],
  ])('of %s, which take long, wait for each other: cores: %d, and %d are in the pool', async (alg, cores, limit) => {
    expect(await countAtOnce(alg, cores)).toBe(limit);
  });

  it.each<[SigningAlgorithm]>([['ES256'], ['EdDSA']])('of %s do not wait', async (alg) => {
    expect(await countAtOnce(alg, 4)).toBe(TOKENS);
  });
});
