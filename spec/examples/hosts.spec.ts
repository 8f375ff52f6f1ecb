import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hosts = join(__dirname, '../hosts');
const page = join(__dirname, '../../docs/guides/hosts.md');
const isCi = process.env.CI === 'true';
const isHere = existsSync(join(hosts, 'node_modules'));

interface Result {
  /** What each check that failed says. */
  failures?: Record<string, string>;
  /** Who refuses malformed JSON. */
  malformed?: string;
  error?: string;
}

interface Row {
  /** What the table calls it. */
  title: string;
  /** The package whose version the table names. */
  pack?: string;
  /** What it takes, in the words of the table. */
  advice: string;
  /** Who refuses malformed JSON, if not the router. */
  malformed?: string;
  /** The check that shows why not to do this. Without it all pass. */
  fails?: string;
}

const HTML = 'the host, with text/html';
const AS_APP = '`trust proxy` as behind any proxy';
const GATEWAY = 'nothing: the event names the client';

/** In the order of the table. */
const ROWS: Record<string, Row> = {
  'http.createServer': { title: '`app.listen`, `http.createServer(app)`', pack: 'express', advice: AS_APP },
  'express.json': {
    title: 'Express behind `express.json()` and `express.urlencoded()`',
    pack: 'express',
    advice: 'mount the router before the parsers, and it refuses malformed bodies itself',
    malformed: HTML,
  },
  '@nestjs/platform-express': {
    title: 'Nest',
    pack: '@nestjs/platform-express',
    advice: '[`nest.use(router)` before `listen`](#nest)',
  },
  '@nestjs/platform-express, in a module': {
    title: 'Nest, as a middleware of a module',
    pack: '@nestjs/platform-express',
    advice: 'the option `path` is `/`; Nest has read the body then, so prefer `nest.use`',
    malformed: 'the host, with application/json',
  },
  '@nestjs/platform-fastify': {
    title: 'Nest on Fastify',
    pack: '@nestjs/platform-fastify',
    advice: '[an Express app, and `trustProxy` of Fastify](#fastify)',
  },
  '@fastify/express': {
    title: 'Fastify with @fastify/express',
    pack: '@fastify/express',
    advice: '[`trustProxy` of Fastify](#fastify)',
  },
  '@fastify/middie': {
    title: 'Fastify with @fastify/middie',
    pack: '@fastify/middie',
    advice: '[an Express app, and `trustProxy` of Fastify](#fastify)',
  },
  koa: { title: 'Koa', pack: 'koa', advice: '[`ctx.respond = false`](#koa-hono-h3)' },
  '@hono/node-server': {
    title: 'Hono on Node',
    pack: '@hono/node-server',
    advice: '[`RESPONSE_ALREADY_SENT`](#koa-hono-h3)',
  },
  h3: { title: 'h3, the server of Nitro and Nuxt', pack: 'h3', advice: '[`fromNodeHandler(app)`](#koa-hono-h3)' },
  connect: { title: 'Connect', pack: 'connect', advice: '`connect().use(app)`: an Express app, not the router alone' },
  'next, pages/api': { title: 'Next.js, `pages/api`', pack: 'next', advice: '[`bodyParser: false`](#nextjs)' },
  'next, pages/api with a parser': {
    title: 'Next.js, `pages/api` with its body parser',
    pack: 'next',
    advice: 'switch the parser off, and the router refuses malformed bodies itself',
    malformed: 'the host, with undefined',
  },
  'next, pages/api behind a rewrite': {
    title: 'Next.js, `pages/api` behind `rewrites`',
    pack: 'next',
    advice: '[the option `path` is what clients call](#nextjs)',
  },
  'next, a route handler': {
    title: 'Next.js, a route handler of `app`',
    pack: 'next',
    advice: '[through light-my-request](#web-requests); simpler is `pages/api`, which may stand beside `app`',
  },
  'vercel, an app': { title: 'Vercel, `export default app`', advice: AS_APP },
  'vercel, a function': { title: 'Vercel, a function in `api/` (the shape of its requests)', advice: AS_APP },
  'serverless-http': { title: 'AWS Lambda by serverless-http', pack: 'serverless-http', advice: GATEWAY },
  '@vendia/serverless-express': {
    title: 'AWS Lambda by @vendia/serverless-express, which is @codegenie/serverless-express',
    pack: '@vendia/serverless-express',
    advice: GATEWAY,
  },
  '@h4ad/serverless-adapter': {
    title: 'AWS Lambda by @h4ad/serverless-adapter',
    pack: '@h4ad/serverless-adapter',
    advice: GATEWAY,
  },
  'aws-serverless-express': {
    title: 'AWS Lambda by aws-serverless-express',
    pack: 'aws-serverless-express',
    advice: '`trust proxy`; it is deprecated, so take one of the three above',
  },
  'serverless-http on Netlify': {
    title: 'Netlify by serverless-http (the shape of its events)',
    pack: 'serverless-http',
    advice: '`trust proxy` is 1',
  },
  '@google-cloud/functions-framework': {
    title: 'Google Cloud Functions',
    pack: '@google-cloud/functions-framework',
    advice: '[an Express app with a `trust proxy` of its own](#google-and-firebase)',
    malformed: HTML,
  },
  'firebase-functions': {
    title: 'Firebase, `onRequest(app)`',
    pack: 'firebase-functions',
    advice: '[the same](#google-and-firebase)',
    malformed: HTML,
  },
  'functions-framework, the router alone': {
    title: 'Google Cloud Functions and Firebase, the router without an app of its own',
    pack: '@google-cloud/functions-framework',
    advice: 'the framework trusts every proxy, so whoever guesses writes itself a new address each time',
    malformed: HTML,
    fails: 'nobody escapes the limit by an address that it writes itself',
  },
  '@azure/functions': {
    title: 'Azure Functions, `app.http` (v4)',
    pack: '@azure/functions',
    advice: '[through light-my-request](#web-requests)',
  },
  '@vendia/serverless-express on Azure': {
    title: 'Azure Functions, `function.json` (v3), by @vendia or @codegenie/serverless-express',
    pack: '@vendia/serverless-express',
    advice: '`trust proxy` is 1',
  },
  'azure-function-express': {
    title: 'Azure Functions, `function.json` (v3), by azure-function-express',
    pack: 'azure-function-express',
    advice: 'nobody maintains it: take one of the two above',
  },
  'fetch-to-node': {
    title: 'anything with a web `Request`, by fetch-to-node',
    pack: 'fetch-to-node',
    advice: 'Express replaces the prototypes it needs: [take light-my-request](#web-requests)',
    malformed: 'nobody: toFetchResponse must be called on a ServerResponse generated by toReqRes',
    fails: 'a form is served',
  },
};

const NAMES = Object.keys(ROWS);

function run(): Promise<Record<string, Result>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(hosts, 'run.mjs')], { stdio: ['pipe', 'pipe', 'pipe'] });
    let printed = '';
    let wrong = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.stderr.on('data', (chunk) => {
      wrong += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed));
      else reject(new Error(`run.mjs ended with ${code}: ${wrong}`));
    });
    child.stdin.end(JSON.stringify(NAMES));
  });
}

function versionOf(pack: string | undefined): string {
  if (pack === undefined) return '–';
  return JSON.parse(readFileSync(join(hosts, 'node_modules', pack, 'package.json'), 'utf8')).version;
}

const whoRefuses = (malformed: string) => malformed.replace(/^nobody.*/s, '–').replace(/, with (\S+)$/, toKind);
const toKind = (_all: string, type: string) => (type === 'text/html' ? ', in HTML' : ', in its own words');

/** Padded, as the formatter of the repository has it. */
function tableOf(results: Record<string, Result>): string {
  const head = ['Host', 'Version', 'Works', 'Malformed JSON is refused by', 'Do this'];
  const rows = NAMES.map((name) => {
    const { title, pack, advice } = ROWS[name] as Row;
    const { failures = {}, malformed = '' } = results[name] ?? {};
    const works = Object.keys(failures).length === 0;
    return [title, versionOf(pack), works ? 'yes' : '**no**', whoRefuses(malformed), advice];
  });
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const line = (cells: string[], fill = ' ') =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(' | ')} |`;
  const rule = line(
    head.map(() => ''),
    '-',
  );
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}

const START = '<!-- This table is written by spec/examples/hosts.spec.ts -->\n\n';
const END = '\n\n<!-- The end of the table -->';
const TABLE = new RegExp(`${START}.*${END}`, 's');

describe('A host of others', () => {
  let results: Record<string, Result> = {};

  beforeAll(async () => {
    if (isHere) results = await run();
  }, 300_000);

  if (!isHere && !isCi) {
    test.todo('NOT RUN: the other hosts are missing (npm --prefix spec/hosts ci --ignore-scripts)');
    return;
  }

  it.each(NAMES)('%s does what the table says', (name) => {
    const { malformed = 'the router', fails } = ROWS[name] as Row;
    const { error, failures = {}, malformed: found } = results[name] ?? {};
    expect(error).toBeUndefined();
    if (fails === undefined) expect(failures).toEqual({});
    else expect(Object.keys(failures)).toContain(fails);
    expect(found).toBe(malformed);
  });

  it('stands in the table of docs/guides/hosts.md, which this spec writes', () => {
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(TABLE);
    const written = text.replace(TABLE, () => `${START}${tableOf(results)}${END}`);
    const areAllWell = NAMES.every((name) => results[name]?.error === undefined);
    if (!isCi && areAllWell) writeFileSync(page, written);
    expect(readFileSync(page, 'utf8')).toBe(written);
  });
});
