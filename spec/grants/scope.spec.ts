import { isScopeGranted, OIDC_SCOPES, parseScope, scopeExceeded, splitScope } from '../../lib/grants/scope';

it('The scopes of OpenID Connect are those of Core §5.4 and §11', () => {
  expect(OIDC_SCOPES).toEqual(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);
  expect(Object.isFrozen(OIDC_SCOPES)).toBe(true);
});

describe('A scope is split', () => {
  it.each<[string, string | null | undefined, string[]]>([
    ['at its spaces', 'a b c', ['a', 'b', 'c']],
    ['and each value is kept once', 'b a b a', ['b', 'a']],
    ['whatever spaces there are', '  a   b ', ['a', 'b']],
    ['and spaces alone are none', '  ', []],
    ['and an empty one is none', '', []],
    ['and null is none', null, []],
    ['and undefined is none', undefined, []],
    ['at spaces only', 'a\tb,c', ['a\tb,c']],
  ])('%s', (_what, scope, expected) => {
    expect(splitScope(scope)).toEqual(expected);
  });
});

describe('The parameter scope', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['has each value once', 'b a b', 'b a'],
    ['has no extra spaces', ' a  b ', 'a b'],
    ['is none where it is spaces only', '  ', undefined],
    ['is none where it is absent', undefined, undefined],
    ['may have the outermost characters that are allowed', '!#[]~', '!#[]~'],
  ])('%s', (_what, scope, expected) => {
    expect(parseScope(scope)).toBe(expected);
  });

  it.each([
    ['a quote at its beginning', '"a'],
    ['a quote at its end', 'a"'],
    ['a backslash', 'a\\b'],
    ['a tab', 'a\tb'],
    ['a line break at its end', 'a\n'],
    ['DEL', 'a\x7f'],
    ['characters beyond ASCII', 'é'],
  ])('is refused with %s', (_what, scope) => {
    expect(() => parseScope(scope)).toThrow(
      expect.objectContaining({
        error: 'invalid_scope',
        error_description: 'The parameter scope is malformed',
        reason: 'scope_malformed',
      }),
    );
  });
});

describe('A requested scope is granted', () => {
  it.each<[string, string | undefined, string[], boolean]>([
    ['where all of it was', 'a b', ['b', 'a', 'c'], true],
    ['where it is none', undefined, [], true],
    ['only if all of it was', 'a d', ['a', 'b'], false],
    ['in its letter case only', 'A', ['a'], false],
    ['as a whole value only', 'a', ['ab'], false],
  ])('%s', (_what, asked, granted, expected) => {
    expect(isScopeGranted(asked, granted)).toBe(expected);
  });

  it('or else refused', () => {
    expect(scopeExceeded()).toMatchObject({
      error: 'invalid_scope',
      error_description: 'The parameter scope asks for more than was granted',
      reason: 'scope_exceeded',
    });
  });
});
