// Sends the same requests to this package and to the others, and prints the table that the README shows. With --write it
// writes the table into README.md; with --check it fails where the README says something else.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection } from './lib/connection.mjs';
import { createProof } from './lib/proofs.mjs';
import { startServer } from './lib/trials.mjs';
import { CLIENT_ID, HOST, PATH, REDIRECT_URI } from './lib/wire.mjs';

const AT_ONCE = 8;
const GUESSES = 150;
const LOGINS = 60;
const STORE_LATENCY_MS = 25;

/** Each package with its rig; `limited` is the rig with the limit that the package has without options. */
const PACKAGES = [
  { title: 'express-token-router', name: 'express-token-router', rig: 'ours', limited: 'ours-limiter' },
  { title: 'oidc-provider', name: 'oidc-provider', rig: 'oidc-provider' },
  { title: 'MCP SDK, tokenHandler', name: '@modelcontextprotocol/sdk', rig: 'mcp', limited: 'mcp-as-it-is' },
  { title: '@node-oauth/express-oauth-server', name: '@node-oauth/express-oauth-server', rig: 'node-oauth' },
  { title: '@jmondi/oauth2-server', name: '@jmondi/oauth2-server', rig: 'jmondi' },
];

const ROWS = [
  [`Sets of tokens when ${AT_ONCE} requests send one code at once`, 'opaque', countRace],
  ['The same with one refresh token', 'refresh', countRace],
  ['After a wrong `code_verifier`, is the code still good?', 'opaque', survivesMistake],
  ['`client_id` twice in one body', 'opaque', ({ code, send }) => judge(send(code, { suffix: '&client_id=other' }))],
  [
    'The code also in the URL, where logs keep it',
    'opaque',
    ({ code, send }) => judge(send(code, { query: `?code=${code.code}` })),
  ],
  ['A JSON body, as native Auth0 SDKs send it', 'json', ({ code, send }) => judge(send(code, { isJson: true }))],
  ['Is a token bound to the key of a DPoP proof?', 'dpop', isBound],
  [`Of ${GUESSES} wrong guesses from one address, how many get an answer?`, 'limited', countVerdicts],
  [`Of ${LOGINS} users behind one address, how many can log in?`, 'limited', countLogins],
  ['Is a refusal marked `no-store`?', 'opaque', isUncacheable],
];

async function countRace({ code, send, server }) {
  await server('latency', STORE_LATENCY_MS);
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => send(code)));
  await server('latency', 0);
  return answers.filter(({ status }) => status === 200).length === 1 ? '1' : 'several';
}

async function survivesMistake({ code, send }) {
  await send({ ...code, code_verifier: 'w'.repeat(43) });
  return (await send(code)).status === 200 ? 'yes' : 'no';
}

const judge = async (answer) => ((await answer).status === 200 ? 'served' : 'refused');

async function countVerdicts({ code, send }) {
  let verdicts = 0;
  for (let sent = 0; sent < GUESSES; sent += 1) {
    const { status } = await send({ ...code, code: `guess-${sent}` });
    if (status !== 429 && status !== 503) verdicts += 1;
  }
  return String(verdicts);
}

async function countLogins({ codes, send }) {
  let served = 0;
  for (const code of codes) if ((await send(code)).status === 200) served += 1;
  return String(served);
}

async function isUncacheable({ code, send }) {
  const { head } = await send({ ...code, code: 'unknown' });
  return /\r\ncache-control:[^\r]*no-store/i.test(head) ? 'yes' : 'no';
}

async function isBound({ code, send }) {
  const { status, body } = await send(code, { proof: await createProof() });
  return status === 200 && JSON.parse(body).token_type === 'DPoP' ? 'yes' : 'no';
}

function toBytes(parameters, { isJson = false, query = '', suffix = '', proof } = {}) {
  const body = isJson ? JSON.stringify(parameters) : new URLSearchParams(parameters) + suffix;
  const head = [
    `POST ${PATH}${query} HTTP/1.1`,
    `Host: ${HOST}`,
    `Content-Type: application/${isJson ? 'json' : 'x-www-form-urlencoded'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(proof ? [`DPoP: ${proof}`] : []),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

const toParameters = ({ code, codeVerifier, refreshToken }) =>
  refreshToken
    ? { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: refreshToken }
    : {
        grant_type: 'authorization_code',
        client_id: CLIENT_ID,
        redirect_uri: REDIRECT_URI,
        code,
        code_verifier: codeVerifier,
      };

/** Asks one question of one package, in a process of its own. */
async function ask(rig, mode, question) {
  const { server, port, stop } = await startServer({ name: rig, title: rig, mode });
  const codes = (await server('prepare', LOGINS)).map(toParameters);
  const send = async (parameters, options) => {
    const connection = createConnection(port);
    const answer = await connection.send(toBytes(parameters, options));
    connection.close();
    return answer;
  };
  const found = await question({ codes, code: codes[0], send, server });
  stop();
  return found;
}

/** The packages that an app installs with this one, found as npm lays them out. */
function countInstalled(name, from, seen = new Set()) {
  let folder = from;
  while (!existsSync(join(folder, 'node_modules', name))) {
    if (folder === dirname(folder)) return seen;
    folder = dirname(folder);
  }
  const place = join(folder, 'node_modules', name);
  if (seen.has(place)) return seen;
  seen.add(place);
  const { dependencies = {} } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
  for (const each of Object.keys(dependencies)) countInstalled(each, place, seen);
  return seen;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');

function describe({ name }) {
  const isOurs = name === 'express-token-router';
  const file = isOurs ? join(root, 'package.json') : join(here, 'node_modules', name, 'package.json');
  const { version, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
  const found = new Set();
  for (const each of Object.keys(dependencies)) countInstalled(each, dirname(file), found);
  return { version, installed: String(found.size) };
}

async function createTable() {
  const described = PACKAGES.map(describe);
  const lines = [
    ['', ...PACKAGES.map(({ title }) => title)],
    ['---', ...PACKAGES.map(() => ':---:')],
    ['Version', ...described.map(({ version }) => version)],
  ];
  for (const [title, mode, question] of ROWS) {
    const cells = [];
    for (const { rig, limited = rig } of PACKAGES) {
      const [name, its] = mode === 'limited' ? [limited, 'opaque'] : [rig, mode];
      cells.push(await ask(name, its, question));
    }
    lines.push([title, ...cells]);
    process.stderr.write('.');
  }
  lines.push(['Packages that it brings', ...described.map(({ installed }) => installed)]);
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const PLACE = /(?<=<!-- comparison -->\n).*?(?=\n<!-- \/comparison -->)/s;
const table = await createTable();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [shown] = PLACE.exec(readme) ?? [];
const isSame = normalize(shown) === normalize(table);
process.stdout.write(`\n${table}\n`);
if (process.argv.includes('--write'))
  writeFileSync(
    join(root, 'README.md'),
    readme.replace(PLACE, () => table),
  );
if (process.argv.includes('--check') && !isSame) {
  process.stderr.write('\nThe README shows another table: npm --prefix bench run compare -- --write\n');
  process.exitCode = 1;
}

function normalize(text = '') {
  return text.replaceAll(/[ -]+/g, ' ');
}
