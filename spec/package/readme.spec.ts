import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
);
const files: string[] = packed.files.map(({ path }: { path: string }) => path);
const pages = files.filter((file) => file.endsWith('.md'));

/** The name that GitHub and npm give to a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string) =>
  Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading]) => anchorOf(String(heading)));

/** The links of a page to other files, as paths from the root. */
function linksOf(page: string): { file: string; anchor: string | undefined }[] {
  const targets = Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => String(target));
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { file: path === '' ? page : posix.join(posix.dirname(page), path), anchor };
    });
}

describe('The first snippet of the README', () => {
  const blocks = Array.from(read('README.md').matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, text]) => [
    language,
    text,
  ]);
  const [[language, install], [, snippet]] = blocks as [[string, string], [string, string]];

  it('comes after the line that installs what it requires', () => {
    expect([language, install]).toEqual(['sh', 'npm install express-token-router express\n']);
    const required = Array.from(snippet.matchAll(/require\('([^']+)'\)/g), ([, name]) => String(name));
    expect(required.filter((name) => !/^(?:node:|express$|express-token-router)/.test(name))).toEqual([]);
  });

  it('runs as it is pasted, and redeems a code once', () => {
    const program = `${snippet.replace('app.listen(3000)', "const server = app.listen(0, '127.0.0.1')")}
      const record = {
        clientId: 'spa', redirectUri: null, codeChallengeMethod: 'S256', scope: 'openid', userId: 'the user',
        codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', expiresAt: new Date(Date.now() + 60000),
      };
      const form = { grant_type: 'authorization_code', client_id: 'spa', code: 'a-code' };
      const body = () => new URLSearchParams({ ...form, code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' });
      server.on('listening', async () => {
        await store.saveCode('a-code', record);
        const url = 'http://127.0.0.1:' + server.address().port + '/oauth/token';
        for (const _ of [1, 2]) {
          const answer = await fetch(url, { method: 'POST', body: body() });
          console.log(JSON.stringify([answer.status, Object.keys(await answer.json())]));
        }
        server.close();
      });`;
    const printed = execFileSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
    expect(
      printed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      [200, ['access_token', 'token_type', 'expires_in', 'scope']],
      [400, ['error', 'error_description']],
    ]);
  });
});

describe('The packed files', () => {
  it('are the build, the guides, the examples, and nothing of the workshop', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'docs/errors.md', 'docs/guides/tokens.md']));
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'examples/quickstart/server.js']));
    expect(files.filter((file) => !/^(?:dist|docs|examples)\/|^[A-Z]+(?:\.md)?$|^package\.json$/.test(file))).toEqual(
      [],
    );
  });

  it.each(pages)('have no link that leads nowhere: %s', (page) => {
    const broken = linksOf(page).filter(({ file, anchor }) => {
      const isFolder = files.some((each) => each.startsWith(`${file.replace(/\/$/, '')}/`));
      if (!files.includes(file) && !isFolder) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('The first sample of the guide on refresh tokens', () => {
  it('is compiled among the type tests, word for word', () => {
    const [, sample] = /^createTokenRouter\(\{$(.*?)^\}\);$/ms.exec(read('docs/guides/refresh.md')) ?? [];
    expect(sample?.length).toBeGreaterThan(500);
    expect(read('spec/types/refresh-guide.ts')).toContain(sample);
  });
});
