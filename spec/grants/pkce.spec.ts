import { CODE_VERIFIER, codeChallengeOf, matchesCodeChallenge } from '../../lib/grants/pkce';

// RFC 7636, appendix B
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('codeChallengeOf', () => {
  it('derives the challenge of RFC 7636, appendix B', () => {
    expect(codeChallengeOf(verifier)).toBe(challenge);
  });
});

describe('matchesCodeChallenge', () => {
  it.each([
    ['its own challenge', challenge, true],
    ['the challenge of another verifier', codeChallengeOf(`${verifier}x`), false],
    ['a challenge that is cut', challenge.slice(0, -1), false],
    ['a challenge with padding', `${challenge}=`, false],
    ['the verifier itself, as the plain method has it', verifier, false],
    ['an empty challenge', '', false],
    ['a challenge of as many characters and more bytes', `${challenge.slice(0, -1)}ü`, false],
  ])('finds for %s: %#', (_what, against, expected) => {
    expect(matchesCodeChallenge(verifier, against)).toBe(expected);
  });
});

describe('CODE_VERIFIER', () => {
  it.each([
    ['42 characters', 'a'.repeat(42), false],
    ['43 characters', 'a'.repeat(43), true],
    ['128 characters', 'a'.repeat(128), true],
    ['129 characters', 'a'.repeat(129), false],
    ['every unreserved character', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~', true],
    ['a plus sign', `${'a'.repeat(42)}+`, false],
    ['a line break at the end', `${'a'.repeat(43)}\n`, false],
  ])('takes or refuses %s', (_what, value, expected) => {
    expect(CODE_VERIFIER.test(value)).toBe(expected);
  });
});
