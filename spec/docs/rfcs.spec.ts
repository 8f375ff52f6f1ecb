import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMistakes, page, readTexts, render } from '../rfcs/matrix';
import list from '../rfcs/requirements';

interface Rfc {
  rfc: string;
  requirements: { id: string; level: string; specs: string[]; differs?: string }[];
}

const rfcs: Rfc[] = list;
const requirements = rfcs.flatMap((rfc) => rfc.requirements);

const SOURCE = `
describe('A token', () => {
  test.each([['a row', 1], [\`another row\`, 2]])('is refused: %s', () => undefined);
  it('works', () => undefined);
  test.skip('does not run', () => undefined);
});`;
const texts = readTexts(SOURCE, 'a.spec.ts');
const read = (name: string) => (name === 'a' ? texts : undefined);
const mistakesOf = (...specs: string[]) => findMistakes([{ requirements: [{ id: 'x', specs }] }], read);

describe('The matrix of the RFCs', () => {
  it('names specs, titles and rows that there are', () => {
    expect(findMistakes(rfcs)).toEqual([]);
  });

  it.each([
    ...['RFC 6749', 'RFC 7636', 'RFC 8707', 'RFC 9449', 'RFC 9700', 'RFC 7009', 'RFC 7523'],
    ...['RFC 6750', 'RFC 7662', 'RFC 8414', 'RFC 9207', 'RFC 9068', 'RFC 7517'],
  ])('has the requirements of %s', (rfc) => {
    expect(rfcs.find((each) => each.rfc === rfc)?.requirements.length).toBeGreaterThan(3);
  });

  it('says the level in the words of RFC 2119, or that the RFC has no such word', () => {
    const levels = [
      ...['MUST', 'MUST NOT', 'REQUIRED', 'SHOULD', 'SHOULD NOT', 'RECOMMENDED', 'MAY'],
      ...['must', 'should', 'states'],
    ];
    expect(requirements.filter(({ level }) => !levels.includes(level))).toEqual([]);
  });

  it('is the page docs/rfcs.md; if not, run node spec/rfcs/matrix.js --write', () => {
    expect(readFileSync(page, 'utf8')).toBe(render(rfcs));
    expect(readFileSync(page, 'utf8')).toContain(`**${requirements.length} of ${requirements.length}.**`);
  });

  it('says where we differ, and those rows are few', () => {
    const differing = requirements.filter((each) => each.differs);
    expect(differing.map(({ id }) => id)).toEqual([
      '6749-code-lifetime',
      '6749-challenge',
      '7636-plain-default',
      '8707-query',
      '9449-refresh-confidential',
      '9700-http-callback',
      '7009-https',
      '7009-foreign',
      '7523-aud',
      '7523-jti',
      '6750-syntax',
      '6750-short',
      '7662-https',
      '7662-hint',
      '7662-bearer',
      '8414-issuer',
      '8414-https',
      '8414-scopes',
      '9207-url',
      '9068-typ',
      '9068-attributes',
      '9068-aud-resource',
      '9068-aud-scope',
      '9068-chosen-sub',
      '9068-id-token',
    ]);
  });

  it('is linked from the list of pages', () => {
    expect(readFileSync(join(page, '../README.md'), 'utf8')).toContain('(rfcs.md)');
  });
});

describe('A requirement', () => {
  it.each([
    ['a › A token'],
    ['a › works'],
    ['a › A token › works'],
    ['a › is refused: %s › another row'],
    ['a › a row'],
  ])('is held by %s', (spec) => {
    expect(mistakesOf(spec)).toEqual([]);
  });

  it.each([
    ['no spec', [], 'x: no spec holds it'],
    ['a file that is gone', ['b › works'], 'x: b › works: there is no spec/b.spec.ts'],
    ['a file without a title', ['a'], 'x: a: name a title'],
    ['a title that was renamed', ['a › worked'], "x: a › worked: there is no title and no row 'worked'"],
    [
      'a row that was taken out',
      ['a › is refused: %s › a third row'],
      "x: a › is refused: %s › a third row: there is no title and no row 'a third row'",
    ],
    ['a title in the place of a row', ['a › a row › works'], "x: a › a row › works: 'a row' is no title"],
  ])('is not held by %s', (_what, specs, mistake) => {
    expect(mistakesOf(...specs)).toEqual([mistake]);
  });

  it('is not held by a test that is skipped', () => {
    expect([...texts.titles]).toEqual(['A token', 'is refused: %s', 'works']);
  });

  it('has an id of its own', () => {
    const twice = [{ requirements: ['x', 'x'].map((id) => ({ id, specs: ['a › works'] })) }];
    expect(findMistakes(twice, read)).toEqual(['x: there are two of this id']);
  });
});
