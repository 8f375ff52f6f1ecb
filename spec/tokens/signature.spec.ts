import crypto, { generateKeyPairSync } from 'node:crypto';
import os from 'node:os';
import type { Request } from 'express';
import type { SigningAlgorithm } from '../../lib/tokens';
import { type ParsedKey, parseKeys } from '../../lib/tokens/keys';
import { createSigning } from '../../lib/tokens/signature';
import { bareRequest, EC, RSA } from '../support/issuer';

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
  const signInPool = crypto.sign;
  jest.spyOn(os, 'availableParallelism').mockReturnValue(cores);
  jest.spyOn(crypto, 'sign').mockImplementation(((hash, data, key, done) => {
    running += 1;
    most = Math.max(most, running);
    signInPool(hash, data, key, (error, signature) => {
      running -= 1;
      done(error, signature);
    });
  }) as typeof signInPool as never);
  const { parsed } = parseKeys(['one', 'two'].map((kid) => ({ kid, alg, privateKey: KEYS[alg] })));
  const signings = parsed.map(loadSignature().createSigning);
  await Promise.all(
    Array.from({ length: TOKENS / 2 }, () => signings.map(({ sign }) => sign('JWT', {}, bareRequest()))).flat(),
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

describe('A signature that nobody waits for any more', () => {
  const signing = () => {
    const [key] = parseKeys([{ kid: 'a key', privateKey: RSA.privateKey }]).parsed;
    return loadSignature().createSigning(key as ParsedKey);
  };
  const requestOf = (state: object) => ({ res: { writableEnded: false, destroyed: false, ...state } }) as Request;

  it.each([[{ destroyed: true }], [{ writableEnded: true }]])('is not made: %j', async (state) => {
    const made = jest.spyOn(crypto, 'sign');
    await expect(signing().sign('JWT', {}, requestOf(state))).rejects.toMatchObject({
      reason: 'signature_dropped',
      status: 499,
      counts: false,
    });
    expect(made).not.toHaveBeenCalled();
  });

  it('is not made when its turn comes, and those behind it are', async () => {
    jest.spyOn(os, 'availableParallelism').mockReturnValue(1);
    // Three are in the pool.
    const { sign } = signing();
    const gone = requestOf({});
    const first = Array.from({ length: 3 }, () => sign('JWT', {}, bareRequest()));
    const dropped = sign('JWT', {}, gone);
    const last = sign('JWT', {}, requestOf({}));
    Object.assign(Object(gone.res), { destroyed: true });
    const made = { status: 'fulfilled' };
    expect(await Promise.allSettled([...first, dropped, last])).toMatchObject([
      ...[made, made, made],
      { status: 'rejected', reason: { reason: 'signature_dropped' } },
      made,
    ]);
  });

  it('is told from one that fails: that is the fault of node:crypto', async () => {
    const thrown = new Error('no entropy');
    jest
      .spyOn(crypto, 'sign')
      .mockImplementation(((...given: unknown[]) => (given[3] as (error: Error) => void)(thrown)) as never);
    await expect(signing().sign('JWT', {}, bareRequest())).rejects.toBe(thrown);
  });
});

describe('The time that a signature takes', () => {
  const keyOf = (alg: SigningAlgorithm) => parseKeys([{ alg, privateKey: KEYS[alg] }]).parsed[0] as ParsedKey;

  it.each<[SigningAlgorithm, number]>([
    ['RS256', 4],
    ['PS256', 4],
    ['ES384', 4],
    ['ES256', 0],
    ['EdDSA', 0],
  ])('of %s is guessed before the first was made: %d ms', (alg, ms) => {
    expect(createSigning(keyOf(alg)).expectedMs()).toBe(ms);
  });

  it('of RSA with twice the bits is guessed eight times as long', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    expect(createSigning(parseKeys([{ privateKey }]).parsed[0] as ParsedKey).expectedMs()).toBe(32);
  });

  it('is not counted for a KMS', () => {
    const kms = { publicKey: RSA.publicKey, sign: () => Buffer.of() };
    expect(createSigning(parseKeys([kms]).parsed[0] as ParsedKey).expectedMs()).toBe(0);
  });

  it('goes slowly up and quickly down with what is measured', async () => {
    const { sign, expectedMs } = createSigning(keyOf('RS256'));
    const measure = async (ms: number) => {
      // A clock that stands still but for the signature: timers of other files read it, too.
      let clock = 1000;
      const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
      const signed = sign('JWT', {}, bareRequest());
      clock += ms;
      await signed;
      now.mockRestore();
      return expectedMs();
    };
    expect(await measure(101)).toBeCloseTo(33.1);
    expect(await measure(1)).toBeCloseTo(17.05);
  });
});
