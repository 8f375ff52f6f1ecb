import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { goodForm } from '../support/endpoint';
import { createIssuerEndpoint, hostCode, type IssuerOptions } from '../support/issuer';

const RSA_4096 = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey;

/** So many redemptions at once, each with a code of its own. One that is told to come again does so when it was told to. */
async function redeemAtOnce(requests: number, issuer: Partial<IssuerOptions>) {
  const endpoint = createIssuerEndpoint({ issuer: { keys: [{ privateKey: RSA_4096 }], ...issuer } });
  const server = endpoint.app.listen(0);
  const { port } = server.address() as { port: number };
  const codes = Array.from({ length: requests }, () => randomBytes(32).toString('base64url'));
  for (const code of codes) await endpoint.codes.saveCode(code, hostCode({ scope: 'openid' }));

  async function redeem(code: string, tries = 1): Promise<{ status: number; tries: number }> {
    const answer = await fetch(`http://127.0.0.1:${port}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...goodForm(), code }),
    });
    await answer.text();
    if (answer.status !== 503 || tries > 60) return { status: answer.status, tries };
    await sleep(Number(answer.headers.get('retry-after')) * 1000);
    return redeem(code, tries + 1);
  }
  const answers = await Promise.all(codes.map((code) => redeem(code)));
  server.closeAllConnections();
  server.close();
  const reasons = new Set(endpoint.outcomes.map(({ reason }) => reason));
  return { answers, reasons: [...reasons].sort() };
}

/** A quarter of what all of them would take, however many cores there are: a signature takes 8 ms of an idle core. */
const SIGNING_MS = Math.ceil((150 * 2 * 8) / availableParallelism() / 4);

describe('150 redemptions at once, signed with RSA of 4096 bits,', () => {
  it('bring tokens at the first try or at the retry that a 503 asks for; no code is spent without tokens', async () => {
    const { answers, reasons } = await redeemAtOnce(150, { signingTimeout: SIGNING_MS });
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // Whether any had to come again depends on how fast they arrive.
    expect(['code_redeemed', 'signing_busy']).toEqual(expect.arrayContaining(reasons));
  }, 120_000);
});
