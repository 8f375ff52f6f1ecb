import { inJavaScript, inTypeScript, parseBlocks } from './blocks';
import { parseJavaScript, toCommonJs, toTypedFragment, withoutTypes } from './languages';

const fence = '```';
const block = (info: string, text: string) => `${fence}${info}\n${text}\n${fence}\n`;
const js = block('js', 'const double = (n) => 2 * n;');
const ts = block('ts pair', 'const double = (n: number) => 2 * n;');

describe('A pair of code blocks', () => {
  it.each([
    ['below each other', `${js}\n${ts}`],
    ['with the second one folded', `${js}\n<details><summary>In TypeScript</summary>\n\n${ts}\n</details>\n`],
  ])('is one block: %s', (_name, text) => {
    const [only, ...others] = parseBlocks('page.md', text);
    expect(others).toEqual([]);
    expect(only && inJavaScript(only).language).toBe('js');
    expect(only && inTypeScript(only).language).toBe('ts');
  });

  it.each([
    ['with prose between them', `${js}\nAnd so on.\n\n${ts}`],
    ['in one language', `${js}\n${block('js pair', 'const double = (n) => 2 * n;')}`],
    ['of three', `${js}\n${ts}\n${ts}`],
    ['without a first one', ts],
    ['beside what is no code', `${block('sh', 'ls')}\n${ts}`],
  ])('is none: %s', (_name, text) => {
    expect(() => parseBlocks('page.md', text)).toThrow('no block of the other language stands above it');
  });
});

describe('A block without its types', () => {
  it.each([
    ['types of parameters', 'const f = (a: string): void => g(a);', 'const f = (a) => g(a);'],
    ['imported types', "import type { A } from 'a';\nconst a = b as A;", 'const a = b;'],
    ['another indentation', 'if (a) {\n    b();\n}', 'if (a) b();\n'.replace('b();', '{ b(); }')],
    ['comments', '// Why.\na();', 'a();'],
    ['members of an object', 'find(id: string) {\n  return id;\n},', 'find(id) {\n  return id;\n},'],
    ['import beside require', "import { a } from 'a';", "const { a } = require('a');"],
  ])('is the same: %s', (_name, typed, plain) => {
    expect(withoutTypes(typed)).toBe(withoutTypes(plain));
  });

  it.each([
    ['another value', 'const f = (n: number) => 2 * n;', 'const f = (n) => 3 * n;'],
    ['a line more', 'a();\nb();', 'a();'],
    ['another module', "import { a } from 'a';", "import { a } from 'b';"],
  ])('is another one: %s', (_name, typed, plain) => {
    expect(withoutTypes(typed)).not.toBe(withoutTypes(plain));
  });
});

describe('A block', () => {
  it('is no JavaScript if it has types', () => {
    expect(() => parseJavaScript('const f = (n: number) => n;')).toThrow(SyntaxError);
    expect(() => parseJavaScript('const f = (n) => n;')).not.toThrow();
  });

  it('is CommonJS only where it does not wait at its top level', () => {
    expect(toCommonJs('await a();')).toBeUndefined();
    expect(toCommonJs('const b = await a();')).toBeUndefined();
    expect(toCommonJs("import { a } from 'a';\nasync () => {\n  await a();\n};")).toContain('require("a")');
  });

  it('that is a fragment hides what stands around it in its file', () => {
    const [fragment] = parseBlocks('page.md', block('js from=examples/adapters/knex.js', 'const createHash = 1;'));
    const text = fragment && toTypedFragment(fragment);
    expect(text).toMatch(
      /^declare const createHash: .+\n+export \{\};\n+export async function fragment\(\) \{\nconst createHash = 1;/m,
    );
  });
});
