import { describeMistake, describeUnknown, pathText, throwMistakes } from '../lib/mistakes';

/** It could be a name by its characters. */
const SECRET = 'dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1g';

describe('The error for wrong options', () => {
  const messageOf = (mistakes: Iterable<string>) => {
    try {
      throwMistakes('createThing', mistakes);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TypeError);
      return (thrown as TypeError).message;
    }
    return undefined;
  };

  it.each<[string, string[], string | undefined]>([
    ['is not thrown without a mistake', [], undefined],
    ['has one mistake on its own line', ['a is 1.'], 'createThing: a is 1.'],
    ['has two mistakes on a line each', ['a is 1.', 'b is 2.'], 'createThing:\n  a is 1.\n  b is 2.'],
    ['has each mistake once', ['a is 1.', 'b is 2.', 'a is 1.'], 'createThing:\n  a is 1.\n  b is 2.'],
    ['has one line if all mistakes are the same', ['a is 1.', 'a is 1.'], 'createThing: a is 1.'],
  ])('%s', (_what, mistakes, expected) => {
    expect(messageOf(mistakes)).toBe(expected);
  });
});

describe('A mistake', () => {
  it('names the entry, what was received and what to write', () => {
    expect(describeMistake(['path'], 'token', 'Write a path.')).toBe("path is 'token'. Write a path.");
  });

  it('does not show a string that may be a secret', () => {
    expect(describeMistake(['secret'], 'token', 'Write bytes.', { isSecret: true })).toBe(
      'secret is a string of 5 characters. Write bytes.',
    );
  });
});

describe('An entry is written as in JavaScript:', () => {
  it.each<[(string | number)[], string]>([
    [['path'], 'path'],
    [['$a_1'], '$a_1'],
    [['allowedOrigins', 0], 'allowedOrigins[0]'],
    [['refresh', 'leeway'], 'refresh.leeway'],
    [['grants', 'urn:x', 'parameters', 12], "grants['urn:x'].parameters[12]"],
    [['urn:x'], "['urn:x']"],
    [['1st', '2nd'], "['1st']['2nd']"],
    [[''], "['']"],
    [['a\nb', 'c\nd'], "['a?b']['c?d']"],
    [['a'.repeat(41), 'b'.repeat(41)], `${'a'.repeat(41)}.${'b'.repeat(41)}`],
    [['a'.repeat(42), 'b'.repeat(42)], `['${'a'.repeat(42)}']['${'b'.repeat(42)}']`],
    [[SECRET, SECRET], "['…']['…']"],
    [[3], "['3']"],
  ])('%j is %s', (path, expected) => {
    expect(pathText(path)).toBe(expected);
  });
});

describe('An option that does not exist', () => {
  const KNOWN = ['limit', 'path', 'id', 'leeway', 'requireDpop'];
  const isMeant = (meant: string) => `Did you mean ${meant}?`;
  const NONE = 'These exist: limit, path, id, leeway, requireDpop.';

  it.each<[string, string, string]>([
    ['in another letter case', 'RequireDPoP', isMeant('requireDpop')],
    ['with a letter more', 'limits', isMeant('limit')],
    ['with a letter more in front', 'alimit', isMeant('limit')],
    ['with a letter less', 'eeway', isMeant('leeway')],
    ['with another letter', 'limid', isMeant('limit')],
    ['with two letters in each other’s place', 'reqiureDpop', isMeant('requireDpop')],
    ['with two letters more', 'requireDpopXY', isMeant('requireDpop')],
    ['with two letters less', 'quireDpop', isMeant('requireDpop')],
    ['with two other letters', 'requireDbob', isMeant('requireDpop')],
    ['with two other letters of six', 'leevai', isMeant('leeway')],
    ['with one letter less of four', 'pat', isMeant('path')],
  ])('%s suggests the one that is meant: %s', (_what, name, advice) => {
    expect(describeUnknown(['limits', name], KNOWN)).toBe(`limits.${name} does not exist. ${advice}`);
  });

  it.each<[string, string]>([
    ['three other letters', 'requireDbax'],
    ['three letters more', 'requireDpopXYZ'],
    ['two other letters of five', 'libid'],
    ['one other letter of two', 'ie'],
    ['one letter more than two, and another', 'ixy'],
    ['nothing in common', 'corsOrigins'],
  ])('with %s lists those that exist: %s', (_what, name) => {
    expect(describeUnknown(['limits', name], KNOWN)).toBe(`limits.${name} does not exist. ${NONE}`);
  });

  it('suggests the nearest, and the first of those that are equally near', () => {
    expect(describeUnknown(['limitz'], ['limi', 'limits', 'limity'])).toBe(
      'limitz does not exist. Did you mean limits?',
    );
  });
});
