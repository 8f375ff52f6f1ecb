import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * A code block of a page. Its info string says how it is run: `file=NAME` writes it into a folder, `serve` starts it there,
 * `run` executes it, `output` is what the last one printed, `from=FILE` stands in that file word for word, `in=FUNCTION`
 * are options of that function, `suite` is a part of a test file, which jest runs. A `recipe` needs what the repository does
 * not have, and is compiled only. Any other block of code is a module of its own.
 *
 * Each block is JavaScript and TypeScript in strict mode at the same time. Where that cannot be, the same code in the other
 * language stands right below it, and its info string says `pair`.
 */
export interface Block {
  page: string;
  /** The line of the fence. */
  line: number;
  language: string;
  flags: Readonly<Record<string, string>>;
  text: string;
  /** The same code in the other language. */
  pair?: Block;
}

/** The pages whose code a reader copies. */
export const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'SKILL.md', 'examples/README.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md') && !file.startsWith('docs/reference/'))
    .sort(),
];

export const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The blocks of a page. A pair is a member of the block above it. */
export function parseBlocks(page: string, text: string): Block[] {
  const found = text.matchAll(/^(`{3,})(\w*)([^\n]*)\n(.*?)^\1$/gms);
  const blocks: Block[] = [];
  let end = 0;
  for (const { 0: whole, index, 2: language = '', 3: info = '', 4: body = '' } of found) {
    const block = {
      page,
      line: text.slice(0, index).split('\n').length,
      language,
      flags: parseFlags(info),
      text: body,
    };
    if (!('pair' in block.flags)) blocks.push(block);
    else joinPair(blocks.at(-1), block, text.slice(end, index));
    end = index + whole.length;
  }
  return blocks;
}

/** Nothing but the fold of a long block may stand between the two. */
function joinPair(above: Block | undefined, block: Block, between: string) {
  const isBeside = /^\s*(?:<details><summary>[^<]+<\/summary>)?\s*$/.test(between);
  const areBoth = above && isCode(above) && isCode(block) && isTypeScript(above) !== isTypeScript(block);
  if (!areBoth || !isBeside || above.pair)
    throw new Error(`${titleOf(block)}: no block of the other language stands above it`);
  above.pair = block;
}

function parseFlags(info: string): Record<string, string> {
  const words = info.trim().split(/\s+/).filter(Boolean);
  return Object.fromEntries(words.map((word) => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]));
}

export const titleOf = ({ page, line }: Block) => `${page}:${line}`;

export const isCode = ({ language }: Block) => ['js', 'ts'].includes(language);
const isTypeScript = ({ language }: Block) => language === 'ts';

/** The block in TypeScript and in JavaScript: the same one, if it has no pair. */
export const inTypeScript = (block: Block) => (isTypeScript(block) || !block.pair ? block : block.pair);
export const inJavaScript = (block: Block) => (isTypeScript(block) && block.pair ? block.pair : block);

/** Members of an object, such as `saveCode(code, record) {`, are no program by themselves. */
export const areMembers = (text: string) =>
  /^(?:async )?(?:\w+\([^)]*\)(?:: .+)? \{$|\w+: )/.test(text.split('\n').find((line) => !/^\s*\/\//.test(line)) ?? '');

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
