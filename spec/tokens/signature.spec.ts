import crypto, { generateKeyPairSync } from 'node:crypto';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** A KMS that takes a moment. */
async function signByKms(data: Buffer): Promise<Buffer> {
  await sleep(20);
  return crypto.sign('sha256', data, RSA.privateKey);
}

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

/** A clock that is so much later each time it is read: the signatures take that long, for whoever measures them. */
function stepClock(ms: number): void {
  let clock = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    clock += ms;
    return clock;
  });
}

/** How many signatures are in the thread pool at the same time, where two keys have many to make. */
async function countAtOnce(alg: SigningAlgorithm, cores: number, ms = 100, key = KEYS[alg]): Promise<number> {
  const { parsed } = parseKeys(['one', 'two'].map((kid) => ({ kid, alg, privateKey: key })));
  let running = 0;
  let most = 0;
  stepClock(ms);
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
    ['RS256', 9, 8],
    ['PS256', 4, 3],
    ['ES384', 4, 3],
  ])('of %s that take long wait for each other: cores: %d, and %d are in the pool', async (alg, cores, limit) => {
    // None was measured yet for the first ones: a guess of 4 ms lets five in.
    expect(await countAtOnce(alg, cores)).toBe(Math.max(limit, 5));
  });

  it('of RSA with twice the bits are no more than the limit from the first one on', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    expect(await countAtOnce('RS256', 4, 100, privateKey)).toBe(3);
  });

  it.each<[SigningAlgorithm]>([['RS256'], ['ES384']])('of %s that are short keep the threads busy', async (alg) => {
    expect(await countAtOnce(alg, 1, 0)).toBeGreaterThan(5);
  });

  it.each<[SigningAlgorithm]>([['ES256'], ['EdDSA']])('of %s do not wait', async (alg) => {
    expect(await countAtOnce(alg, 4)).toBe(TOKENS);
  });
});

describe('A signature that nobody waits for any more', () => {
  const [key] = parseKeys([{ kid: 'a key', privateKey: RSA.privateKey }]).parsed;
  const signing = () => loadSignature().createSigning(key as ParsedKey);
  const requestOf = (state: object) => ({ res: { writableEnded: false, destroyed: false, ...state } }) as Request;

  it.each([[{ destroyed: true }], [{ writableEnded: true }]])('is not made: %j', async (state) => {
    const made = jest.spyOn(crypto, 'sign');
    await expect(signing().sign('JWT', {}, requestOf(state))).rejects.toMatchObject({
      error: 'invalid_request',
      error_description: 'The client closed the connection',
      reason: 'signature_dropped',
      status: 499,
      counts: false,
      cause: { message: 'Nobody waits for this task any more' },
    });
    expect(made).not.toHaveBeenCalled();
  });

  it('is not made when its turn comes, and those behind it are', async () => {
    jest.spyOn(os, 'availableParallelism').mockReturnValue(1);
    // Five are in the pool.
    const { sign } = signing();
    const gone = requestOf({});
    const first = Array.from({ length: 5 }, () => sign('JWT', {}, bareRequest()));
    const dropped = sign('JWT', {}, gone);
    const last = sign('JWT', {}, requestOf({}));
    Object.assign(Object(gone.res), { destroyed: true });
    const made = { status: 'fulfilled' };
    expect(await Promise.allSettled([...first, dropped, last])).toMatchObject([
      ...first.map(() => made),
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

  it('of a KMS is known once it has made one', async () => {
    const { sign, expectedMs, intervalMs } = createSigning(
      parseKeys([{ publicKey: RSA.publicKey, sign: signByKms }]).parsed[0] as ParsedKey,
    );
    expect([expectedMs(), intervalMs()]).toEqual([0, 0]);
    await sign('JWT', {}, bareRequest());
    expect(expectedMs()).toBeGreaterThan(5);
  });

  it.each<[string, () => ParsedKey, boolean]>([
    ['of a key in this process', () => keyOf('RS256'), true],
    ['of a KMS', () => parseKeys([{ publicKey: RSA.publicKey, sign: signByKms }]).parsed[0] as ParsedKey, false],
  ])('%s can be learnt without a token: what is signed is none', async (_which, createKey, isQueued) => {
    const key = createKey();
    const signed: unknown[] = [];
    const signInPool = crypto.sign;
    jest.spyOn(crypto, 'sign').mockImplementation(((...given: Parameters<typeof signInPool>) => {
      signed.push(given[1]);
      return signInPool(...given);
    }) as typeof signInPool as never);
    const signing = loadSignature().createSigning(key);
    const before = signing.expectedMs();
    signing.tryOut();
    const until = Date.now() + 10_000;
    while (signed.length === 0 && Date.now() < until) await sleep(5);
    while (signing.expectedMs() === before && Date.now() < until) await sleep(5);
    expect(signing.expectedMs()).not.toBe(before);
    expect([signing.isQueued, signed.map(String)]).toEqual([isQueued, ['a trial signature of express-token-router']]);
  });

  it('of a light algorithm is never tried out', () => {
    const key = keyOf('ES256');
    const made = jest.spyOn(crypto, 'sign');
    const signing = loadSignature().createSigning(key);
    signing.tryOut();
    expect([made.mock.calls.length, signing.expectedMs(), signing.isQueued, signing.intervalMs()]).toEqual([
      0,
      0,
      false,
      0,
    ]);
  });
});
