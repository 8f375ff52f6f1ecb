import { randomBytes, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type ParsedKey, parseKeys } from '../../lib/tokens/keys';
import { createSigning } from '../../lib/tokens/signature';
import { goodForm } from '../support/endpoint';
import { createIssuerEndpoint, EC, goodApi, hostCode, type IssuerOptions } from '../support/issuer';

type SignWithKms = (data: Buffer) => Promise<Uint8Array>;

const rawSignature = async (data: Buffer) => sign('sha256', data, { key: EC.privateKey, dsaEncoding: 'ieee-p1363' });

/** A KMS that behaves as the spec says at each moment, and counts what it is asked. */
function createKms(answer: SignWithKms = rawSignature) {
  const kms = { answer, asked: 0 };
  const key = {
    kid: 'kms',
    publicKey: EC.publicKey,
    sign(data: Buffer) {
      kms.asked += 1;
      return kms.answer(data);
    },
  };
  return Object.assign(kms, { key });
}

function createEndpoint(kms: ReturnType<typeof createKms>, issuer: Partial<IssuerOptions> = {}, router = {}) {
  const endpoint = createIssuerEndpoint({ issuer: { keys: [kms.key], ...issuer }, router });
  return {
    ...endpoint,
    /** A live code of its own. */
    async createCode() {
      const code = randomBytes(32).toString('base64url');
      await endpoint.codes.saveCode(code, hostCode());
      return code;
    },
    async redeem(code: string) {
      const { status, body } = await endpoint.post({ ...goodForm(), code });
      return { status, error: body.error, reason: endpoint.outcomes.at(-1)?.reason };
    },
    isSpent: async (code: string) => (await endpoint.codes.findCode(code))?.spentAt !== null,
  };
}

const NO_SIGNATURE = 'TypeError: sign returned no ES256 signature of the key kms, but';
const RAW = 'Return the raw bytes of RFC 7518 §3, for ECDSA r and s and no DER';
const ISSUED = { status: 200, error: undefined, reason: 'code_redeemed' };
const FAULT = { status: 500, error: 'server_error', reason: 'issue_tokens_failed' };
const BUSY = { status: 503, error: 'temporarily_unavailable', reason: 'signing_busy' };
const denied: SignWithKms = async () => {
  throw new Error('access denied');
};
const slow: SignWithKms = async (data) => {
  await sleep(700);
  return rawSignature(data);
};
const hangs: SignWithKms = () => new Promise(() => {});

/** Redeems until it succeeds: trials are a second apart. */
async function redeemUntilIssued({ redeem }: ReturnType<typeof createEndpoint>, code: string) {
  const until = Date.now() + 30_000;
  let answer = await redeem(code);
  while (answer.status !== 200 && Date.now() < until) {
    await sleep(100);
    answer = await redeem(code);
  }
  return answer;
}

describe('A KMS that', () => {
  it.each<[string, SignWithKms, string]>([
    ['refuses', denied, 'access denied'],
    ['returns DER', async (data) => sign('sha256', data, EC.privateKey), `${NO_SIGNATURE} 7`],
    ['returns nothing', async () => undefined as never, `${NO_SIGNATURE} undefined. ${RAW}`],
    ['returns text', async () => 'c2lnbmF0dXJl' as never, `${NO_SIGNATURE} a string of 12 characters. ${RAW}`],
    ['returns an empty signature', async () => Buffer.of(), `${NO_SIGNATURE} 0 bytes. ${RAW}`],
    [
      'throws before there is a promise',
      () => {
        throw new Error('no such key');
      },
      'no such key',
    ],
  ])('%s costs no code, from the first request on', async (_how, answer, message) => {
    const kms = createKms(answer);
    const endpoint = createEndpoint(kms);
    const code = await endpoint.createCode();
    expect(await endpoint.redeem(code)).toEqual(FAULT);
    expect(inspect(endpoint.outcomes.at(-1)?.fault)).toContain(message);
    expect(await endpoint.isSpent(code)).toBe(false);
    kms.answer = rawSignature;
    expect(await endpoint.redeem(code)).toEqual(ISSUED);
  });

  it('fails after it worked costs the one code that notices, and no other until it works again', async () => {
    const kms = createKms();
    const endpoint = createEndpoint(kms);
    expect(await endpoint.redeem(await endpoint.createCode())).toEqual(ISSUED);
    kms.answer = denied;
    const [unlucky, lucky] = [await endpoint.createCode(), await endpoint.createCode()];
    expect([await endpoint.redeem(unlucky), await endpoint.isSpent(unlucky)]).toEqual([FAULT, true]);
    expect([await endpoint.redeem(lucky), await endpoint.isSpent(lucky)]).toEqual([FAULT, false]);
    kms.answer = rawSignature;
    expect(await endpoint.redeem(lucky)).toEqual(ISSUED);
  });

  it('is slower than signingTimeout costs no code, and is used as soon as it is fast enough', async () => {
    const kms = createKms(slow);
    const endpoint = createEndpoint(kms, { signingTimeout: 300 });
    const code = await endpoint.createCode();
    expect(await endpoint.redeem(code)).toEqual(BUSY);
    expect(await endpoint.isSpent(code)).toBe(false);
    kms.answer = rawSignature;
    expect(await redeemUntilIssued(endpoint, code)).toEqual(ISSUED);
  });

  it('never answers costs no code, and a trial that hangs is not waited for once it answers again', async () => {
    const kms = createKms(hangs);
    const endpoint = createEndpoint(kms, {}, { adapterTimeout: 300 });
    const code = await endpoint.createCode();
    expect(await endpoint.redeem(code)).toEqual({ ...BUSY, reason: 'adapter_timeout' });
    expect(await endpoint.isSpent(code)).toBe(false);
    kms.answer = rawSignature;
    expect(await redeemUntilIssued(endpoint, code)).toEqual(ISSUED);
  });
});

describe('The trial of a KMS', () => {
  it('is made once for all requests that come first, and never while the KMS works', async () => {
    const kms = createKms();
    const endpoint = createEndpoint(kms);
    const codes = await Promise.all(Array.from({ length: 20 }, endpoint.createCode));
    await Promise.all(codes.map((code) => endpoint.redeem(code)));
    expect(endpoint.outcomes.filter(({ reason }) => reason === 'code_redeemed')).toHaveLength(20);
    // An access token and an ID token each.
    expect(kms.asked).toBe(1 + 20 * 2);
    await endpoint.redeem(await endpoint.createCode());
    expect(kms.asked).toBe(1 + 21 * 2);
  });

  it('that hangs is shared for a second, and another is made then', () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(5000);
    const kms = createKms(hangs);
    const [key] = parseKeys([kms.key]).parsed;
    const { prove } = createSigning(key as ParsedKey);
    const first = prove();
    clock.mockReturnValue(5999);
    expect([prove() === first, kms.asked]).toEqual([true, 1]);
    clock.mockReturnValue(6000);
    expect([prove() === first, kms.asked]).toEqual([false, 2]);
    clock.mockRestore();
  });

  it('is made again for a key that was rotated in', async () => {
    const old = createKms();
    const next = createKms(denied);
    const endpoint = createEndpoint(old);
    await endpoint.redeem(await endpoint.createCode());
    endpoint.rotateKeys([next.key, { ...old.key, kid: 'old' }]);
    const code = await endpoint.createCode();
    expect([await endpoint.redeem(code), await endpoint.isSpent(code), next.asked]).toEqual([FAULT, false, 1]);
  });

  it('is not made for a grant whose tokens no key signs', async () => {
    const kms = createKms(denied);
    const endpoint = createEndpoint(kms, {
      apis: [{ ...goodApi(), accessToken: 'opaque' }],
      saveAccessToken: async () => {},
    });
    const code = randomBytes(32).toString('base64url');
    await endpoint.codes.saveCode(code, hostCode({ scope: 'read:notes' }));
    expect([await endpoint.redeem(code), kms.asked]).toEqual([ISSUED, 0]);
  });
});
