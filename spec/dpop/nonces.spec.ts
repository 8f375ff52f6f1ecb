import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Response } from 'supertest';
import { createDpopNonces, type DpopJti, type DpopVerifierOptions } from '../../lib/dpop';
import { expectRefusal } from '../support/refusals';
import { stopAt } from './support/clock';
import { createDpopEndpoint, prove, SIGNERS, seconds } from './support/prover';

const secret = randomBytes(32);
const now = 1_800_000_000_000;

beforeEach(() => stopAt(now));
afterEach(() => jest.restoreAllMocks());

const createEndpoint = (options: DpopVerifierOptions = {}) =>
  createDpopEndpoint({ nonceSecret: secret, ...options }, { record: { expiresAt: new Date(now + 1e9) } });
const withNonce = (nonce?: string, claims: Record<string, unknown> = {}) => prove({ claims: { nonce, ...claims } });

const NONCE = /^[\w-]{64}$/;

function expectChallenge(answer: Response, endpoint: ReturnType<typeof createEndpoint>, reason: string) {
  expectRefusal(answer, endpoint, {
    error: 'use_dpop_nonce',
    description: 'The DPoP proof needs a nonce of the authorization server',
    reason,
  });
  expect(answer.headers['dpop-nonce']).toMatch(NONCE);
  expect(answer.headers['www-authenticate']).toBeUndefined();
  return String(answer.headers['dpop-nonce']);
}

describe('A proof without a nonce', () => {
  it('is answered with one, and the same code and jti pass with it', async () => {
    const endpoint = createEndpoint();
    const claims = { jti: 'one' };
    const nonce = expectChallenge(await endpoint.prove(withNonce(undefined, claims)), endpoint, 'dpop_nonce_missing');
    expect(endpoint.calls).toEqual(['findCode']);
    const answer = await endpoint.prove(withNonce(nonce, claims));
    expect([answer.status, answer.body.token_type, answer.headers['dpop-nonce']]).toEqual([200, 'DPoP', undefined]);
  });

  it('uses up no jti', async () => {
    const consumeJti = jest.fn(() => true);
    const endpoint = createEndpoint({ consumeJti });
    await endpoint.prove(withNonce());
    await endpoint.prove(withNonce('stale'));
    expect(consumeJti).not.toHaveBeenCalled();
  });

  it('is no failure that the rate limit counts', async () => {
    const endpoint = createDpopEndpoint({ nonceSecret: secret }, { rateLimit: { limit: 2 } });
    for (let i = 0; i < 5; i += 1) expectChallenge(await endpoint.prove(withNonce()), endpoint, 'dpop_nonce_missing');
  });

  it('is refused for what else is wrong with it first, without a nonce', async () => {
    const endpoint = createEndpoint();
    for (const proof of [
      prove({ sign: SIGNERS.ES256().sign }),
      prove({ claims: { htm: 'GET' } }),
      prove({ claims: { nonce: 1 } }),
    ]) {
      const answer = await endpoint.prove(proof);
      expect([answer.body.error, answer.headers['dpop-nonce']]).toEqual(['invalid_dpop_proof', undefined]);
    }
  });

  it('shows its nonce to browsers', async () => {
    const endpoint = createDpopEndpoint({ nonceSecret: secret }, { allowedOrigins: ['https://app.example'] });
    const answer = await endpoint.prove(withNonce()).set('Origin', 'https://app.example');
    expect(answer.headers['access-control-expose-headers']).toMatch(/\bDPoP-Nonce\b/);
    expectChallenge(answer, endpoint, 'dpop_nonce_missing');
  });
});

describe('A nonce', () => {
  const { createNonce } = createDpopNonces(secret);
  const change = (nonce: string, index: number) => {
    const bytes = Buffer.from(nonce, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
    return bytes.toString('base64url');
  };

  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['of another server', () => createDpopNonces(randomBytes(32)).createNonce()],
    ['a word', () => 'nonce'],
    ['one character short', () => createNonce().slice(1)],
    ['one character long', () => `${createNonce()}A`],
    ['with padding', () => `${createNonce()}=`],
    ['with another time', () => change(createNonce(), 0)],
    ['with other randomness', () => change(createNonce(), 6)],
    ['with the last random bit changed', () => change(createNonce(), 23)],
    ['with another seal', () => change(createNonce(), 24)],
    ['with the last bit of its seal changed', () => change(createNonce(), 47)],
    ['beyond ASCII', () => 'ä'.repeat(64)],
    ['of zeros', () => 'A'.repeat(64)],
  ])('is stale that is %s', async (_what, nonce) => {
    const endpoint = createEndpoint();
    const next = expectChallenge(await endpoint.prove(withNonce(nonce())), endpoint, 'dpop_nonce_stale');
    expect((await endpoint.prove(withNonce(next))).status).toBe(200);
  });

  it.each([
    [0, 'code_redeemed', false],
    [149_999, 'code_redeemed', false],
    [150_000, 'code_redeemed', true],
    [299_999, 'code_redeemed', true],
    [300_000, 'dpop_nonce_stale', true],
    [1e12, 'dpop_nonce_stale', true],
    // Another server made it, whose clock is ahead.
    [-10_000, 'code_redeemed', false],
    [-10_001, 'dpop_nonce_stale', true],
  ])('of %d ms ends in %s, and the answer brings another: %s', async (age, reason, bringsNext) => {
    const nonce = createNonce();
    stopAt(now + age);
    const endpoint = createDpopEndpoint({ nonceSecret: secret }, { record: { expiresAt: new Date(now + 1e13) } });
    const answer = await endpoint.prove(withNonce(nonce));
    expect([endpoint.reasons(), NONCE.test(answer.headers['dpop-nonce'] ?? '')]).toEqual([[reason], bringsNext]);
    if (bringsNext) {
      const again = createEndpoint();
      stopAt(now + age);
      expect((await again.prove(withNonce(answer.headers['dpop-nonce']))).status).toBe(age > 1e9 ? 400 : 200);
    }
  });

  it.each([-1e9, -3600, 3600, 1e9, 1e308, -1e308, 0.5])(
    'proves freshness where the clock of the client is off by %d s',
    async (offset) => {
      const seen: DpopJti[] = [];
      const endpoint = createEndpoint({ consumeJti: (jti) => seen.push(jti) > 0 });
      expect((await endpoint.prove(withNonce(createNonce(), { iat: now / 1000 + offset }))).status).toBe(200);
      // To the end of the nonce, or of the iat where it could count; with the leeway; never for ever.
      const end = Number(seen[0]?.expiresAt) - now;
      expect(end).toBe(Math.max(310_000, Math.floor((Math.min(offset, 60) + 300) * 1000) + 10_001));
    },
  );

  it('is good for many proofs, each of them once', async () => {
    const endpoint = createEndpoint();
    const proof = withNonce(createNonce());
    await endpoint.prove(proof);
    await endpoint.prove(proof);
    await endpoint.prove(withNonce(createNonce()));
    expect(endpoint.reasons()).toEqual(['code_redeemed', 'dpop_proof_replayed', 'code_replayed']);
  });

  it('has 144 random bits, and is never made twice', () => {
    const nonces = Array.from({ length: 1000 }, createNonce);
    expect(new Set(nonces).size).toBe(1000);
    const random = nonces.map((nonce) => Buffer.from(nonce, 'base64url').subarray(6, 24).toString('hex'));
    expect(new Set(random).size).toBe(1000);
    expect(random[0]).toHaveLength(36);
  });

  it('that nobody made is never accepted', () => {
    const { verifyNonce } = createDpopNonces(secret);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array({ minLength: 48, maxLength: 48 })), (made) => {
        const nonce = typeof made === 'string' ? made : Buffer.from(made).toString('base64url');
        expect(() => verifyNonce(nonce)).toThrow(expect.objectContaining({ error: 'use_dpop_nonce' }));
      }),
    );
  });
});

describe('Secrets', () => {
  const [old, fresh] = [randomBytes(32), 'a secret that has thirty-two bytes, or more'];

  it('make the same nonces on every server', async () => {
    const [a, b] = [createEndpoint({ nonceSecret: fresh }), createEndpoint({ nonceSecret: Buffer.from(fresh) })];
    const nonce = expectChallenge(await a.prove(withNonce()), a, 'dpop_nonce_missing');
    expect((await b.prove(withNonce(nonce))).status).toBe(200);
  });

  it('are rolled out in two steps, and no nonce is lost on the way', async () => {
    const steps = [[old], [old, fresh], [fresh, old], [fresh]];
    for (const [index, made] of steps.entries()) {
      // Of two steps that follow each other both are running at some time.
      for (const verifying of steps.slice(Math.max(index - 1, 0), index + 2)) {
        const { createNonce } = createDpopNonces(made);
        const endpoint = createEndpoint({ nonceSecret: verifying });
        expect((await endpoint.prove(withNonce(createNonce()))).status).toBe(200);
      }
    }
  });

  it('that are old still verify, and the answer brings a nonce of the active one', async () => {
    const { createNonce } = createDpopNonces(old);
    const endpoint = createEndpoint({ nonceSecret: [fresh, old] });
    const answer = await endpoint.prove(withNonce(createNonce()));
    expect(answer.status).toBe(200);
    const { verifyNonce } = createDpopNonces(fresh);
    expect(verifyNonce(answer.headers['dpop-nonce'])).toEqual({ expiresAt: new Date(now + 300_000) });
  });

  it('verify the nonces that earlier versions of this package made, as while it is updated server by server', () => {
    const made = 'AaMYXFAAZWlnaHRlZW4gYnl0ZXMuLi4u9LE4oDdzqzyZg041LZheJius7eC47twm';
    expect(createDpopNonces(fresh).verifyNonce(made)).toEqual({ expiresAt: new Date(now + 300_000) });
    expect(() => createDpopNonces(old).verifyNonce(made)).toThrow(
      expect.objectContaining({ reason: 'dpop_nonce_stale' }),
    );
  });

  it('that are gone do not', async () => {
    const endpoint = createEndpoint({ nonceSecret: fresh });
    expectChallenge(await endpoint.prove(withNonce(createDpopNonces(old).createNonce())), endpoint, 'dpop_nonce_stale');
  });

  it('are copied: what the host does to its buffer afterwards changes nothing', () => {
    const own = Buffer.from(old);
    const { createNonce, verifyNonce } = createDpopNonces(own);
    const nonce = createNonce();
    own.fill(0);
    expect(verifyNonce(nonce)).toEqual({ expiresAt: new Date(now + 300_000) });
  });

  it.each([
    ['a short string', 'thirty-one bytes are too little', 'a string of 31 characters'],
    ['a short buffer', Buffer.alloc(31, 1), '31 bytes'],
    ['a short one among others', [old, 'short'], 'a string of 5 characters'],
    ['none', [], 'an empty array'],
    ['32 numbers, which are no bytes', [Array(32).fill(7)], 'an array of 32'],
  ])('are refused that are %s', (_what, nonceSecret, received) => {
    const message = `createDpopNonces: nonceSecret is ${received}. Write at least 32 bytes, as crypto.randomBytes(32) makes them.`;
    expect(() => createDpopNonces(nonceSecret as never)).toThrow(new TypeError(message));
  });
});

it('A nonce carries over when nonces are turned off: its jti stays used while iat could count', async () => {
  const seen: DpopJti[] = [];
  const endpoint = createEndpoint({ consumeJti: (jti) => seen.push(jti) > 0, maxAge: 3600 });
  const { createNonce } = createDpopNonces(secret);
  await endpoint.prove(withNonce(createNonce(), { iat: seconds() }));
  expect(seen[0]?.expiresAt).toEqual(new Date(now + 3_600_000 + 10_001));
});
