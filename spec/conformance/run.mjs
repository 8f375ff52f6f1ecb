import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../../examples/mcp/browser.js';

/**
 * The conformance suite of MCP against examples/mcp, on every revision of the protocol that it knows: `npm run conformance`. It
 * asks for a browser, which is played here.
 */
const here = dirname(fileURLToPath(import.meta.url));
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

if (Number(process.versions.node.split('.')[0]) < 22) throw new Error('The suite needs Node.js 22 or newer');

const findFreePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Starts a program, and brings its output and its end. */
function start(args, env = {}) {
  const child = spawn(process.execPath, args, { cwd: join(here, '../..'), env: { ...process.env, ...env } });
  const program = { child, text: '', ended: new Promise((resolve) => child.once('close', resolve)) };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      program.text += chunk;
    });
  }
  /** What the output matches, as soon as it does. */
  program.until = async (pattern) => {
    for (let turn = 0; turn < 600; turn += 1) {
      const found = pattern.exec(program.text);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Nothing matched ${pattern}:\n${program.text}`);
  };
  return program;
}

/** Those that the suite names when it is asked for one that there is not. */
async function findRevisions() {
  const asked = start([suite, 'authorization', '--url', 'http://localhost:1', '--spec-version', 'none']);
  await asked.ended;
  const [line = ''] = /^Valid versions:.*$/m.exec(asked.text) ?? [];
  const revisions = line.match(/\d{4}-\d{2}-\d{2}(?=,| \()/g) ?? [];
  if (revisions.length < 4) throw new Error(`The suite names no revisions:\n${asked.text}`);
  return revisions;
}

/** The user's browser, and a user who allows: it follows the answer to the suite's own server. */
const allow = async (url) => fetch(await openBrowser(url));

/** Runs every revision against an example of its own, and brings how many of them failed. */
async function runSuite(clientOf, env = {}) {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const server = start(['examples/mcp/server.js'], { ...env, PORT: String(port) });
  let failed = 0;
  try {
    const [, secret] = await server.until(/web and the secret (\S+)\.\n/);
    const client = clientOf(secret);
    for (const revision of revisions) {
      const own = ['-p', String(await findFreePort()), '--spec-version', revision];
      const run = start([suite, 'authorization', '--url', issuer, '--resource', `${issuer}/mcp`, ...client, ...own]);
      const [, url] = await run.until(/(http:\S+\/authorize\?\S+)[\s\S]*Callback server started/);
      await allow(url);
      const code = await run.ended;
      const [summary = run.text] = /=== SUMMARY ===[\s\S]*/.exec(run.text) ?? [];
      console.log(`${revision}, ${client[1]}: exit code ${code}\n${summary}`);
      if (code !== 0 || !/ 0 failed\s*$/.test(run.text)) failed += 1;
    }
  } finally {
    server.child.kill();
  }
  return failed;
}

const revisions = await findRevisions();
const failed = [
  await runSuite(() => ['--client-id', 'demo']),
  // The suite sends no secret where the metadata has `none`.
  await runSuite((secret) => ['--client-id', 'web', '--client-secret', secret], {
    METHODS: 'client_secret_basic,client_secret_post',
  }),
];
process.exitCode = failed.every((count) => count === 0) ? 0 : 1;
