import { createDpopVerifier } from '../../lib/dpop';
import { prove, TOKEN_ENDPOINT } from './support/prover';

const verifyDpop = createDpopVerifier({ replay: 'unchecked' });
const verify = (claims: Record<string, unknown>) =>
  verifyDpop({ proof: prove({ claims }), htm: 'POST', htu: TOKEN_ENDPOINT });

describe('The jti of a proof', () => {
  it.each([
    ['one character', 'j'],
    ['256 characters', 'j'.repeat(256)],
    ['the first and the last character of printable ASCII', ' ~'],
  ])('may have %s', async (_what, jti) => {
    await expect(verify({ jti })).resolves.toHaveProperty('jkt');
  });

  it.each([
    ['no character', ''],
    ['257 characters', 'j'.repeat(257)],
    ['a line break in front', '\nj'],
    ['a line break at its end', 'j\n'],
    ['a NUL inside', 'j\0j'],
    ['DEL', '\x7F'],
    ['a letter beyond ASCII', 'jé'],
  ])('is refused that has %s', async (_what, jti) => {
    await expect(verify({ jti })).rejects.toMatchObject({ error: 'invalid_dpop_proof', reason: 'dpop_jti_malformed' });
  });
});
