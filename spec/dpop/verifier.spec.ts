import { createDpopVerifier } from '../../lib/dpop';
import { factsOf } from '../../lib/facts';

describe('A verifier of DPoP proofs', () => {
  it.each([
    ['ES256 without the option', undefined, ['ES256']],
    ['those of the option, in their order', ['PS256', 'ES256'] as const, ['PS256', 'ES256']],
  ])('tells its algorithms: %s', (_what, algorithms, names) => {
    const verifyDpop = createDpopVerifier({ algorithms, replay: 'unchecked' });
    expect(verifyDpop.algorithms).toEqual(names);
    expect(Object.isFrozen(verifyDpop.algorithms)).toBe(true);
  });

  it('tells inspectTokenRouter its options', () => {
    const options = { consumeJti: () => true, maxAge: 60 };
    expect(factsOf(createDpopVerifier(options))).toEqual({ verifier: options });
  });
});
