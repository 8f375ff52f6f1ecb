import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { describeWith, findFreePort, startPostgres, startRedis, type TestServer } from '../support/servers';
import {
  type Block,
  inJavaScript,
  inTypeScript,
  isCode,
  pages,
  parseBlocks,
  read,
  splitQuote,
  titleOf,
  trimLines,
} from './blocks';
import { compile, fileOf, parseJavaScript, toCommonJs, toModule, toTypedFragment, withoutTypes } from './languages';

const root = join(__dirname, '../..');
const blocks = pages.flatMap((page) => parseBlocks(page, read(page)));
const code = blocks.filter(isCode);
const having = (flag: string) => code.filter(({ flags }) => flag in flags);
const programs = having('file');
const quotes = having('from');
const recipes = having('recipe');
const suites = having('suite');
const parts = code.filter(({ flags }) => !['file', 'from', 'recipe', 'suite'].some((flag) => flag in flags));
const named = (list: Block[]): [string, Block][] => list.map((block) => [titleOf(block), block]);

/** Inside the package, so that its own name leads to the build. */
const place = mkdtempSync(join(root, 'spec/docs/out-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function createFolder(name: string) {
  const folder = join(place, name);
  mkdirSync(folder);
  return folder;
}

describe('The code of the pages', () => {
  it.each(named(quotes))('is that of the file it is taken from: %s', (_title, block) => {
    const file = trimLines(read(String(block.flags.from)));
    const foreign = splitQuote(block.text).filter((piece) => !file.includes(piece));
    expect(foreign).toEqual([]);
  });

  it('has no block whose language says nothing', () => {
    const others = ['sh', 'json', 'text', 'mermaid', 'sql', 'nginx', 'diff', 'http', 'docker', 'ini', 'html'];
    const known = ['js', 'ts', ...others];
    expect(blocks.filter(({ language }) => !known.includes(language)).map(titleOf)).toEqual([]);
  });

  it.each(named(code))('is JavaScript: %s', (_title, block) => {
    expect(() => parseJavaScript(inJavaScript(block).text)).not.toThrow();
  });

  it.each(named(code.filter(({ pair }) => pair)))('is the same in both languages: %s', (_title, block) => {
    expect(withoutTypes(inTypeScript(block).text)).toBe(withoutTypes(inJavaScript(block).text));
  });

  const globals = join(__dirname, 'globals.d.ts');
  const toModules = (list: Block[], extension: string, toText: (block: Block) => string) =>
    new Map(list.map((block) => [fileOf(block, extension), toText(block)]));

  it('is TypeScript in strict mode where it is a program, as an ES module and as CommonJS', () => {
    const modules = toModules(programs, 'mts', inTypeScriptText);
    for (const block of programs)
      if (toCommonJs(block.text)) modules.set(fileOf(block, 'cts'), inTypeScriptText(block));
    expect(programs.length).toBeGreaterThan(0);
    // A package that is an ES module only, such as jose, may be required since Node 20.19.
    expect(compile(createFolder('programs'), modules, '', { types: ['node'], module: 'nodenext' })).toBe('');
  }, 120_000);

  it('is TypeScript in strict mode where it is a part', () => {
    const modules = toModules(parts, 'mts', (block) => toModule(inTypeScript(block)));
    expect(compile(createFolder('parts'), modules, globals)).toBe('');
  }, 120_000);

  it('is TypeScript in strict mode where it is taken from a file, or is a recipe', () => {
    const folder = createFolder('fragments');
    // What a reader copies into the project.
    const copies = ['from-mcp/from-provider.d.ts', 'from-express-oauth-server/from-model.d.ts', 'adapters/sqlite.js'];
    for (const file of copies) cpSync(join(root, 'examples', file), join(folder, basename(file)));
    const modules = toModules([...quotes, ...recipes], 'mts', toTypedFragment);
    expect(compile(folder, modules, join(__dirname, 'node-sqlite.d.ts'), { allowJs: true })).toBe('');
  }, 120_000);
});

const inTypeScriptText = (block: Block) => inTypeScript(block).text;

describeWith(['redis-server', 'postgres'], 'The parts of the pages', () => {
  const servers: TestServer[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('run as JavaScript, as ES modules and as CommonJS', async () => {
    const folder = createFolder('run');
    const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    servers.push(redis, postgres);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    cpSync(join(__dirname, 'stage.mjs'), join(folder, 'stage.mjs'));

    const files = parts.flatMap((block) => {
      // Nothing leaves this machine.
      const module = toModule(inJavaScript(block)).replaceAll('10.0.0.1', '127.0.0.1');
      const commonJs = toCommonJs(module);
      const texts = { [fileOf(block, 'mjs')]: module, ...(commonJs && { [fileOf(block, 'cjs')]: commonJs }) };
      return Object.entries(texts).map(([name, text]) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      });
    });
    const env = {
      ...process.env,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
      DPOP_NONCE_SECRET: Buffer.alloc(32, 'a secret').toString('base64'),
    };
    const options = {
      cwd: folder,
      env,
      encoding: 'utf8' as const,
      timeout: 100_000,
    };
    const printed = execFileSync(process.execPath, ['stage.mjs', ...files], options);
    expect(JSON.parse(printed.split('\n').at(-1) ?? '')).toEqual({});
  }, 120_000);
});

describe.each(Array.from(new Set(suites.map(({ page }) => page))))('The tests of %s', (page) => {
  const [first, ...others] = suites.filter((block) => block.page === page);
  const textOf = (toBlock: (block: Block) => Block) =>
    [first, ...others].map((block) => toBlock(block as Block).text).join('\n');

  /** The app of examples/testing, where the page says that the reader's app is. */
  function createProject(name: string) {
    const folder = createFolder(name);
    mkdirSync(join(folder, 'test'));
    cpSync(join(root, 'examples/testing/app.js'), join(folder, 'app.js'));
    return folder;
  }

  it('are TypeScript in strict mode', () => {
    const folder = createProject(`typed-${page.replace(/\W+/g, '-')}`);
    const modules = new Map([['test/page.test.mts', textOf(inTypeScript)]]);
    expect(compile(folder, modules, '', { allowJs: true })).toBe('');
  }, 120_000);

  it('pass', () => {
    const folder = createProject(page.replace(/\W+/g, '-'));
    writeFileSync(join(folder, 'test/page.test.js'), String(toCommonJs(textOf(inJavaScript))));
    const config = JSON.stringify({
      rootDir: folder,
      testMatch: ['**/page.test.js'],
      transform: {},
      testTimeout: 60_000,
    });
    const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config', config, '--forceExit'];
    const { status, stderr } = spawnSync(process.execPath, jest, { cwd: folder, encoding: 'utf8' });
    expect(status === 0 ? '' : stderr).toBe('');
  }, 120_000);
});

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A language, and what is written into a folder and started for a program of a page. */
type Language = readonly [name: string, write: (folder: string, block: Block, text: string) => string];

const LANGUAGES: readonly Language[] = [
  ['JavaScript', (folder, { flags }, text) => write(folder, String(flags.file), text)],
  ['TypeScript', writeTypeScript],
  ['CommonJS', (folder, _block, text) => write(folder, 'server.cjs', toCommonJs(text) ?? '')],
];

function write(folder: string, name: string, text: string) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** As it is, where Node runs TypeScript (22.18 and newer); elsewhere what the compiler makes of it. */
function writeTypeScript(folder: string, block: Block, text: string) {
  const file = write(folder, 'server.mts', text);
  if ((process.features as { typescript?: unknown }).typescript) return file;
  const modules = new Map([['server.mts', text]]);
  const problems = compile(folder, modules, '', { types: ['node'], noEmit: false });
  if (problems) throw new Error(`${titleOf(block)}: ${problems}`);
  return join(folder, 'server.mjs');
}

const runs = programs.flatMap((block) =>
  LANGUAGES.filter(([name]) => name !== 'CommonJS' || toCommonJs(block.text)).map(
    ([name, writeProgram]) => [block.page, name, writeProgram] as const,
  ),
);

describe.each(runs)('The steps of %s, in %s', (page, language, writeProgram) => {
  it('do what the page says', async () => {
    const folder = createFolder(`${page.replace(/\W+/g, '-')}-${language}`);
    const port = await findFreePort();
    const toOwn = (text: string) => text.replaceAll('3000', String(port));
    let last = '';
    let printed = '';
    let outputs = 0;
    /** What a page tells its reader to paste: the lines `export NAME=…` that the program has printed. */
    let exported: Record<string, string | undefined> = {};

    const execute = (script: string) => {
      last = script;
      const env = { ...process.env, ...exported };
      printed = execFileSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
    };

    for (const block of blocks.filter((each) => each.page === page)) {
      const { flags, text } = block;
      if (flags.serve) exported = findExports(await serve(writeProgram(folder, block, toOwn(text)), port));
      if (flags.run) execute(toOwn(text).replaceAll('curl ', 'curl -sS '));
      if (flags.again) execute(last);
      if (flags.output) {
        outputs += 1;
        expect(printed.replace(/\s+/g, '')).toMatch(toPattern(toOwn(text).replace(/\s+/g, '')));
      }
    }
    expect(outputs).toBeGreaterThan(0);
  }, 120_000);
});

/** A page leaves out with `…` what differs each time. */
function toPattern(text: string): RegExp {
  const pieces = text.split('…');
  return new RegExp(`^${pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+?')}$`, 's');
}

const findExports = (printed: string) =>
  Object.fromEntries([...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

/** Starts a program, waits until its port is open, and returns what it has printed by then. */
async function serve(file: string, port: number): Promise<string> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  // Each program ends its start with this line.
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', () => printed.includes('Serving on') && resolve());
  });
  await Promise.race([ended, Promise.all([waitForPort(port, child), ready])]);
  return printed;
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const isOpen = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: 'localhost' }, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.unref();
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  if (isOpen || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await waitForPort(port, child);
}
