import { createDpopVerifier } from '../../lib/dpop';
import { prove, TOKEN_ENDPOINT } from './support/prover';

const IAT = 1_800_000_000;

/** Verifies a proof of this age, by a clock to the millisecond. */
function verifyAfter(ageMs: number) {
  jest.useFakeTimers({ now: IAT * 1000 + ageMs, doNotFake: ['nextTick', 'setImmediate'] });
  const verifyDpop = createDpopVerifier({ maxAge: 60, replay: 'unchecked' });
  return verifyDpop({ proof: prove({ claims: { iat: IAT } }), htm: 'POST', htu: TOKEN_ENDPOINT });
}

afterEach(() => jest.useRealTimers());

describe('Without a nonce a proof is fresh', () => {
  it.each([
    ['60 s before its iat', -60_000],
    ['60 s after its iat, with a maxAge of 60', 60_000],
  ])('%s', async (_when, ageMs) => {
    await expect(verifyAfter(ageMs)).resolves.toHaveProperty('jkt');
  });

  it.each([
    ['a millisecond earlier', -60_001, 'dpop_proof_too_new'],
    ['a millisecond later', 60_001, 'dpop_proof_too_old'],
  ])('and not %s', async (_when, ageMs, reason) => {
    await expect(verifyAfter(ageMs)).rejects.toMatchObject({ error: 'invalid_dpop_proof', reason });
  });
});
