// Mutation testing over lib, piece by piece. `npm run mutation` runs all pieces, `npm run mutation -- grants lib/errors.ts` some, and
// `npm run mutation -- --changed` the files that were changed since --base, for 15 minutes at most. It fails below the threshold.
// What did not run, because its time was over, is no failure.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listChanged } from './changed.mjs';
import { PIECES } from './pieces.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reports = join(root, 'reports/mutation');

const { values: given, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    changed: { type: 'boolean', default: false },
    base: { type: 'string' },
    spec: { type: 'string', multiple: true },
    minutes: { type: 'string' },
    threshold: { type: 'string', default: '95' },
    concurrency: { type: 'string', default: '1' },
    fresh: { type: 'boolean', default: false },
  },
});
const minutes = Number(given.minutes ?? (given.changed ? 15 : Number.POSITIVE_INFINITY));
const until = Date.now() + minutes * 60_000;
/** With --changed all is stopped so long after its time, whatever runs then. Without it a run ends what it began, and keeps its results. */
const GRACE_MS = 120_000;

const lines = (text) => text.split('\n').filter(Boolean);

/** The files of a folder, or a file that a piece names. */
function listFiles(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${path}/${name}`);
}

/** The files of each piece. One that is named belongs to that piece, and not to that of its folder. */
function divide() {
  const named = Object.values(PIECES).flatMap(({ files }) => files.filter((path) => path.endsWith('.ts')));
  const pieces = Object.entries(PIECES).map(([name, { files, specs, except = [] }]) => {
    const own = files.flatMap((path) => listFiles(path).filter((file) => file === path || !named.includes(file)));
    return { name, files: own, specs, except };
  });
  const all = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `lib/${name.replaceAll('\\', '/')}`);
  const left = all.filter((file) => !pieces.some(({ files }) => files.includes(file)));
  if (left.length > 0) throw new Error(`No piece of spec/mutation/pieces.mjs has ${left.join(', ')}`);
  return pieces;
}

/** The pieces that were asked for, each with the files that were. */
function choose() {
  const pieces = divide();
  const known = pieces.flatMap(({ name, files }) => [name, ...files]);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`Unknown: ${unknown.join(', ')}. Write files of lib, or ${Object.keys(PIECES).join(', ')}`);
  }
  const changed = given.changed && listChanged(root, given.base ?? process.env.MUTATION_BASE);
  const isAsked = (name) => (file) =>
    (names.length === 0 || names.includes(name) || names.includes(file)) && (!changed || changed.includes(file));
  return pieces
    .map((piece) => ({ ...piece, files: piece.files.filter(isAsked(piece.name)) }))
    .filter(({ files }) => files.length > 0);
}

function configure({ name, files, specs, except }) {
  const glob = (spec) => `<rootDir>/${spec.endsWith('.ts') ? spec : `${spec}/*.spec.ts`}`;
  return {
    plugins: ['@stryker-mutator/jest-runner', join(root, 'spec/mutation/runner.mjs')],
    testRunner: 'sweep',
    jest: {
      enableFindRelatedTests: false,
      projectType: 'custom',
      configFile: 'spec/mutation/jest.config.json',
      config: {
        testMatch: (given.spec ?? specs).map(glob),
        testPathIgnorePatterns: ['/node_modules/', ...except.map((spec) => `<rootDir>/${spec}`)],
      },
    },
    coverageAnalysis: 'perTest',
    mutate: files,
    tsconfigFile: 'none',
    ignorePatterns: ['/dist', '/bench', '/coverage', '/examples', '/reports', '/.stryker-tmp', '/.git', '/.ci'],
    tempDirName: `.stryker-tmp/${name}`,
    concurrency: Number(given.concurrency),
    // Each load of a spec leaves something behind: a thousand mutants of code that runs at load take gigabytes.
    testRunnerNodeArgs: ['--max-old-space-size=8192'],
    incremental: !given.changed,
    incrementalFile: join(reports, `${name}.incremental.json`),
    force: given.fresh,
    timeoutMS: 30_000,
    timeoutFactor: 4,
    // The sweep is a part of it.
    dryRunTimeoutMinutes: 24 * 60,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: join(reports, `${name}.json`) },
    clearTextReporter: { allowColor: false },
  };
}

/** Whether the piece has a report now. Without one its time was over. */
async function run(piece) {
  const config = join(reports, `${piece.name}.config.json`);
  writeFileSync(config, JSON.stringify(configure(piece), null, 2));
  for (const isLast of [false, true]) {
    const ended = await runStryker(config, given.changed || given.fresh ? '' : join(reports, `${piece.name}.json`));
    if (ended === 'stopped') {
      rmSync(join(root, '.stryker-tmp', piece.name), { recursive: true, force: true });
      return false;
    }
    if (ended === 0) break;
    // A spec fails on a busy machine sometimes; Stryker then ends before it tried a mutant.
    if (!isLast) continue;
    if (!given.changed) throw new Error(`${piece.name}: Stryker ended with ${ended}`);
    console.log(`${piece.name}: the specs failed without a mutant, see above`);
    return false;
  }
  forgetNotRun(piece.name);
  return true;
}

const isWindows = process.platform === 'win32';

/** Ends a process and all that it started. */
function killTree(pid) {
  if (isWindows) spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']);
  else process.kill(-pid, 'SIGKILL');
}

/** How Stryker ended. It and all that it started end with this process, and soon after their time is over. */
function runStryker(config, report) {
  const env = { ...process.env, MUTATION_UNTIL: String(until), MUTATION_ROOT: root, MUTATION_REPORT: report };
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const child = spawn(process.execPath, [stryker, 'run', config], {
    cwd: root,
    stdio: 'inherit',
    env,
    detached: !isWindows,
  });
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    killTree(child.pid);
  };
  const timer = given.changed ? setTimeout(stop, until + GRACE_MS - Date.now()) : undefined;
  process.on('exit', stop);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', stop);
      resolve(isStopped ? 'stopped' : code);
    }),
  );
}

/**
 * What ran out of time is no result that the next run may take over. Nor is a survivor: Stryker would take it over even if another choice of tests,
 * or a spec that it does not see, would find it now.
 */
function forgetNotRun(name) {
  const path = join(reports, `${name}.incremental.json`);
  if (!existsSync(path)) return;
  const report = JSON.parse(readFileSync(path, 'utf8'));
  for (const file of Object.values(report.files))
    file.mutants = file.mutants.filter((mutant) => !isNotRun(mutant) && mutant.status !== 'Survived');
  writeFileSync(path, JSON.stringify(report));
}

const isNotRun = ({ status, statusReason }) => status === 'RuntimeError' && /not run: out of time/.test(statusReason);

const LENGTH = 120;

/** Code on one line, and not too long for a table. */
const shorten = (code) => {
  const line = code.replace(/\s+/g, ' ').trim();
  return line.length > LENGTH ? `${line.slice(0, LENGTH)}…` : line;
};

const textOf = (source, { start, end }) => {
  const all = source.split('\n').slice(start.line - 1, end.line);
  all[all.length - 1] = all.at(-1).slice(0, end.column - 1);
  all[0] = all[0].slice(start.column - 1);
  return all.join(' ');
};

/** The row of a survivor in docs/mutation.md, all but the reason. Lines may move. */
const rowOf = ({ file, code, becomes }) =>
  [file, code, becomes].map((cell) => `\`\` ${cell} \`\``.replaceAll('|', '\\|')).join(' | ');

/** The survivors whose reason docs/mutation.md tells. */
const KNOWN = lines(readFileSync(join(root, 'docs/mutation.md'), 'utf8'))
  .filter((line) => line.startsWith('| `` lib/'))
  .map((line) =>
    line
      .slice(2)
      .split(/ (?<!\\)\| /)
      .slice(0, 3)
      .join(' | '),
  );

/** The report of a piece: how many mutants were found, and those that were not. */
function read({ name, files }) {
  const report = JSON.parse(readFileSync(join(reports, `${name}.json`), 'utf8'));
  const counts = { found: 0, known: 0, notRun: 0, broken: 0 };
  const survivors = [];
  const seen = new Set();
  for (const file of files) {
    const { source, mutants = [] } = report.files[file] ?? {};
    for (const { status, location, replacement, ...mutant } of mutants) {
      if (status === 'Killed' || status === 'Timeout') counts.found += 1;
      if (isNotRun({ status, ...mutant })) counts.notRun += 1;
      else if (status === 'RuntimeError') counts.broken += 1;
      if (status !== 'Survived' && status !== 'NoCoverage') continue;
      const row = rowOf({ file, code: shorten(textOf(source, location)), becomes: shorten(replacement) });
      if (KNOWN.includes(row)) counts.known += 1;
      else survivors.push({ where: `${file}:${location.start.line}`, status, row });
      seen.add(row);
    }
  }
  const stale = KNOWN.filter((row) => files.some((file) => row.includes(` ${file} `)) && !seen.has(row));
  return { name, ...counts, survivors, stale: counts.notRun > 0 ? [] : stale };
}

const percent = (part, all) => (all === 0 ? 100 : (100 * part) / all);

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
mkdirSync(reports, { recursive: true });
const pieces = choose();
if (pieces.length === 0) console.log('No file of lib was changed: there is nothing to mutate.');
const results = [];
const notBegun = [];
for (const piece of pieces) {
  if (Date.now() > until) {
    notBegun.push(...piece.files);
    continue;
  }
  console.log(`\n== ${piece.name}: ${piece.files.length} files`);
  if (await run(piece)) results.push(read(piece));
  else notBegun.push(...piece.files);
}

let isBelow = false;
for (const { name, found, known, notRun, broken, survivors, stale } of results) {
  const score = percent(found, found + survivors.length);
  isBelow ||= score < Number(given.threshold);
  console.log(
    `\n${name}: ${found} mutants found, ${survivors.length} not, ${known} listed in docs/mutation.md: ${score.toFixed(1)} %`,
  );
  if (notRun > 0) console.log(`${notRun} mutants did not run: ${minutes} minutes were over`);
  if (broken > 0) console.log(`${broken} mutants kept a spec from loading: they count neither way`);
  for (const { where, status, row } of survivors) console.log(`${where} ${status}\n| ${row} | why |`);
  for (const row of stale) console.log(`Found now, take it out of docs/mutation.md:\n| ${row} |`);
}
if (notBegun.length > 0) console.log(`\nNot run in ${minutes} minutes: ${notBegun.join(', ')}`);
if (isBelow) console.log(`\nBelow the threshold of ${given.threshold} %.`);
process.exitCode = isBelow ? 1 : 0;
