import { generateKeyPairSync, randomBytes, sign as signData } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { goodForm } from '../support/endpoint';
import { createIssuerEndpoint, hostCode, type IssuerOptions, RSA } from '../support/issuer';

const RSA_4096 = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey;

/** However slow the machine is, a code must not expire while its client comes again. */
const IN_AN_HOUR = new Date(Date.now() + 3_600_000);

interface Different {
  issuer?: Partial<IssuerOptions>;
  actTimeout?: number;
  maxTries?: number;
}

/** So many redemptions at once, each with a code of its own. One that is told to come again does so when it was told to. */
async function redeemAtOnce(requests: number, { issuer = {}, actTimeout = 5000, maxTries = 60 }: Different) {
  const endpoint = createIssuerEndpoint({
    issuer: { keys: [{ privateKey: RSA_4096 }], ...issuer },
    router: { actTimeout },
  });
  const server = endpoint.app.listen(0);
  const { port } = server.address() as { port: number };
  const codes = Array.from({ length: requests }, () => randomBytes(32).toString('base64url'));
  for (const code of codes) await endpoint.codes.saveCode(code, hostCode({ scope: 'openid', expiresAt: IN_AN_HOUR }));

  async function redeem(code: string, tries = 1): Promise<{ status: number; tries: number }> {
    const answer = await fetch(`http://127.0.0.1:${port}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...goodForm(), code }),
    });
    await answer.text();
    if (answer.status !== 503 || tries >= maxTries) return { status: answer.status, tries };
    await sleep(Number(answer.headers.get('retry-after')) * 1000);
    return redeem(code, tries + 1);
  }
  const answers = await Promise.all(codes.map((code) => redeem(code)));
  const records = await Promise.all(codes.map((code) => endpoint.codes.findCode(code)));
  const spent = records.filter((record) => record?.spentAt !== null).length;
  server.closeAllConnections();
  server.close();
  const reasons = new Set(endpoint.outcomes.map(({ reason }) => reason));
  return { answers, reasons: [...reasons].sort(), spent };
}

/** The slowest of some signatures, made three at a time as the issuer makes them: that depends on what else runs. */
async function slowestSignatureMs(): Promise<number> {
  const took: number[] = [];
  const signOne = async () => {
    const startedAt = performance.now();
    await promisify(signData)('sha256', Buffer.from('data'), RSA_4096);
    took.push(performance.now() - startedAt);
  };
  for (let round = 0; round < 10; round += 1) await Promise.all([signOne(), signOne(), signOne()]);
  return Math.ceil(Math.max(...took));
}

/** A quarter of what all of them would take, however many cores there are: a signature takes 8 ms of an idle core. */
const SIGNING_MS = Math.ceil((150 * 2 * 8) / availableParallelism() / 4);

describe('150 redemptions at once, signed with RSA of 4096 bits,', () => {
  it('bring tokens at the first try or at the retry that a 503 asks for; no code is spent without tokens', async () => {
    const { answers, reasons } = await redeemAtOnce(150, { issuer: { signingTimeout: SIGNING_MS } });
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // Whether any had to come again depends on how fast they arrive.
    expect(['code_redeemed', 'signing_busy']).toEqual(expect.arrayContaining(reasons));
  }, 120_000);

  it('bring tokens, or a 503 that has spent nothing, where the act has less time than signingTimeout', async () => {
    // 300 ms, and more where other processes take the cores. signingTimeout is 2.5 s by default.
    const actTimeout = Math.max(300, 20 * (await slowestSignatureMs()));
    const { answers, reasons, spent } = await redeemAtOnce(150, { actTimeout, maxTries: 5 });
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(spent).toBe(answers.filter(({ status }) => status === 200).length);
    expect(['code_redeemed', 'signing_busy']).toEqual(expect.arrayContaining(reasons));
  }, 120_000);
});

describe('A signature that takes longer than the act has, however few wait,', () => {
  it.each<[string, Partial<IssuerOptions>, number]>([
    ['of RSA', {}, 2],
    ['of RSA, by signingTimeout alone', { signingTimeout: 1 }, 5000],
  ])('%s: 503 each time, and no code is spent', async (_what, issuer, actTimeout) => {
    const { answers, reasons, spent } = await redeemAtOnce(5, { issuer, actTimeout, maxTries: 3 });
    expect(answers).toEqual(Array(5).fill({ status: 503, tries: 3 }));
    expect([reasons, spent]).toEqual([['signing_busy'], 0]);
  });

  it('of a KMS: 503 from the first one on, and tokens once it is fast', async () => {
    let ms = 400;
    const sign = async (data: Buffer) => {
      await sleep(ms);
      return signData('sha256', data, RSA.privateKey);
    };
    const endpoint = createIssuerEndpoint({
      issuer: { keys: [{ publicKey: RSA.publicKey, sign }] },
      router: { actTimeout: 300 },
    });
    const redeem = async () => {
      const code = randomBytes(32).toString('base64url');
      await endpoint.codes.saveCode(code, hostCode({ scope: 'openid', expiresAt: IN_AN_HOUR }));
      const { status } = await endpoint.post({ ...goodForm(), code });
      return { status, isSpent: (await endpoint.codes.findCode(code))?.spentAt !== null };
    };
    expect(await redeem()).toEqual({ status: 503, isSpent: false });
    expect(await redeem()).toEqual({ status: 503, isSpent: false });
    ms = 0;
    const until = Date.now() + 20_000;
    let last = await redeem();
    while (last.status === 503 && Date.now() < until) {
      expect(last.isSpent).toBe(false);
      await sleep(200);
      last = await redeem();
    }
    expect(last).toEqual({ status: 200, isSpent: true });
  });
});
