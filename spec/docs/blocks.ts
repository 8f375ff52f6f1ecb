import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * A code block of a page. Its info string says how it is checked: `file=NAME` writes it into a folder, `serve` starts it
 * there, `run` executes it, `output` is what the last one printed, `from=FILE` stands in that file word for word, and
 * `in=FUNCTION` are options of that function, `typed` is TypeScript as well. A `recipe`
 * needs what the repository does not have, and is parsed only. Any other block of JavaScript or TypeScript is a module of its own.
 */
export interface Block {
  page: string;
  /** The line of the fence. */
  line: number;
  language: string;
  flags: Readonly<Record<string, string>>;
  text: string;
}

/** The pages whose code a reader copies. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => /^docs\/(?:guides\/)?[^/]+\.md$/.test(file))
    .sort(),
];

export const read = (file: string) => readFileSync(join(root, file), 'utf8');

export function parseBlocks(page: string, text: string): Block[] {
  const found = text.matchAll(/^(`{3,})(\w*)([^\n]*)\n(.*?)^\1$/gms);
  return Array.from(found, ({ index, 2: language = '', 3: info = '', 4: body = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    flags: parseFlags(info),
    text: body,
  }));
}

function parseFlags(info: string): Record<string, string> {
  const words = info.trim().split(/\s+/).filter(Boolean);
  return Object.fromEntries(words.map((word) => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]));
}

export const isCode = ({ language }: Block) => ['js', 'mjs', 'ts', 'mts'].includes(language);

/** The lines without their indentation, cut where the page leaves something out. */
export function splitQuote(text: string): string[] {
  const trimmed = trimLines(text);
  return trimmed
    .split(/^(?:\/\/ …|\/\* … \*\/)$/m)
    .map((piece) => piece.trim())
    .filter(Boolean);
}

export const trimLines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
