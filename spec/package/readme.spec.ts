import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { npm } from '../support/npm';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const [packed] = JSON.parse(npm(root, ['pack', '--json', '--dry-run', '--ignore-scripts']));
const files: string[] = packed.files.map(({ path }: { path: string }) => path);
const pages = files.filter((file) => file.endsWith('.md'));
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n');

/** The name that GitHub and npm give to a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

/** The second heading of a name gets a number. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  const headings = Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading]) => anchorOf(String(heading)));
  const numbered = headings.map((anchor) => {
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
  return [...numbered, ...Array.from(read(page).matchAll(/<a id="([^"]+)">/g), ([, id]) => String(id))];
}

const isFolder = (list: readonly string[], file: string) =>
  list.some((each) => each.startsWith(`${file.replace(/\/$/, '')}/`));

const leads = (list: readonly string[], file: string, anchor: string | undefined) =>
  list.includes(file) ? anchor === undefined || anchorsOf(file).includes(anchor) : isFolder(list, file);

/** The links of a page to other files, as paths from the root. In code on a line nothing is a link. */
function linksOf(page: string): { file: string; anchor: string | undefined }[] {
  const text = read(page).replaceAll(/`` .+? ``/g, '');
  const targets = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => String(target));
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { file: path === '' ? page : posix.join(posix.dirname(page), path), anchor };
    });
}

describe('The pages of the repository', () => {
  it.each(tracked.filter((file) => file.endsWith('.md')))('have no link that leads nowhere: %s', (page) => {
    const own = read(page).matchAll(/express-token-router\/express-token-router\/(?:blob|tree)\/main\/([^)#\s]+)/g);
    const named = Array.from(own, ([, file]) => ({ file: String(file), anchor: undefined }));
    const broken = [...linksOf(page), ...named].filter(({ file, anchor }) => !leads(tracked, file, anchor));
    expect(broken).toEqual([]);
  });
});

describe('The packed files', () => {
  it('are the build, the guides, the examples, and nothing of the workshop', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'docs/errors.md', 'docs/guides/tokens.md']));
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'examples/quickstart/server.js']));
    expect(
      files.filter((file) => !/^(?:dist|docs|examples)\/|^[A-Z]+(?:\.md)?$|^llms\.txt$|^package\.json$/.test(file)),
    ).toEqual([]);
  });

  it.each(pages)('have no link that leads nowhere: %s', (page) => {
    expect(linksOf(page).filter(({ file, anchor }) => !leads(files, file, anchor))).toEqual([]);
  });
});
