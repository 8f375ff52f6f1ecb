// Mutation testing inside the SQL and Lua texts of lib/stores, which Stryker only replaces by an empty text as a whole.
// `npm run mutation:texts` tries all mutants that operators.mjs makes, `-- postgres` or `-- redis` those of one language.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transformFileSync } from '@babel/core';
import { runCLI } from 'jest';
import { mutate } from './operators.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/mutation.md'), 'utf8');

/** The spec that says whether the server takes a text at all. A mutant that it does not take is not interesting. */
const TAKEN = 'spec/mutation/texts.run.ts';
const SCHEMA = 'lib/stores/postgres-schema.ts';
const specsOf = (...names) => [TAKEN, ...names.map((name) => `spec/stores/${name}.spec.ts`)];

/** The files that have texts of a language, and the specs that hold them, the quick ones first. */
const LANGUAGES = {
  postgres: {
    language: 'sql',
    server: 'postgres',
    files: [SCHEMA, ...['statements', 'jtis', 'query'].map((name) => `lib/stores/postgres-${name}.ts`)],
    specs: specsOf('saving-errors', 'postgres-migration', 'store', 'postgres', 'rotation-servers', 'conformance'),
  },
  redis: {
    language: 'lua',
    server: 'redis-server',
    files: ['scripts', 'backend', 'jtis'].map((name) => `lib/stores/redis-${name}.ts`),
    specs: specsOf('saving-errors', 'redis', 'store', 'rotation-servers', 'conformance'),
  },
};
/** These kill PostgreSQL, and so they need a server of their own. For all others one is there all the time. Their slow tests are left out. */
const WITH_OWN_SERVER = specsOf('postgres', 'conformance').slice(1);
const SLOW_MS = 500;
const OF_SCHEMA = specsOf('postgres-migration', 'store', 'postgres');

const { values: given, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '60' }, fresh: { type: 'boolean', default: false } },
});
const until = Date.now() + Number(given.minutes) * 60_000;
const isOver = () => Date.now() > until;

/** A copy of the sources. Each mutant is a file beside the file that it was made of, and that one loads the mutant that is active. */
function fillSandbox(sandbox, files, mutants) {
  rmSync(sandbox, { recursive: true, force: true });
  mkdirSync(sandbox, { recursive: true });
  for (const name of ['lib', 'spec', 'babel.config.json']) {
    const filter = (path) => !/\/(?:node_modules|package\.json)$/.test(path);
    cpSync(join(root, name), join(sandbox, name), { recursive: true, filter });
  }
  symlinkSync(join(root, 'node_modules'), join(sandbox, 'node_modules'));
  for (const file of files) {
    const own = mutants.filter((mutant) => mutant.file === file);
    const pathOf = (id) => join(sandbox, file.replace(/\.ts$/, `.${id}.ts`));
    for (const { id, source } of own) writeFileSync(pathOf(id), source);
    cpSync(join(root, file), pathOf('original'));
    const lines = [
      'const { activeMutant } = globalThis.__stryker__;',
      `const id = ${JSON.stringify(own.map(({ id }) => id))}.includes(activeMutant) ? activeMutant : 'original';`,
      `module.exports = require(\`./${file.match(/[^/]+(?=\.ts$)/)}.\${id}.ts\`);`,
    ];
    writeFileSync(join(sandbox, file), lines.join('\n'));
  }
}

async function startPostgres(sandbox) {
  const file = join(sandbox, 'servers.cjs');
  writeFileSync(file, transformFileSync(join(root, 'spec/support/servers.ts'), { root }).code);
  return createRequire(file)(file).startPostgres();
}

/** Runs a spec, or tries mutants in it: environment.cjs loads it again for each. Returns its tests. */
async function runSpec(sandbox, spec, sweep) {
  const { order } = createRequire(join(sandbox, 'package.json'))('./spec/mutation/environment.cjs');
  order.atLoad = sweep;
  const config = JSON.parse(readFileSync(join(root, 'spec/mutation/jest.config.json'), 'utf8'));
  Object.assign(config, { rootDir: sandbox, testMatch: [`<rootDir>/${spec}`] });
  config.moduleNameMapper['support/servers$'] = '<rootDir>/spec/mutation/kept-servers.cjs';
  const argv = { $0: 'texts', _: [], config: JSON.stringify(config), runInBand: true, silent: true, reporters: [] };
  const [{ testResults: tests, failureMessage }] = (await runCLI(argv, [sandbox])).results.testResults;
  const failed = tests.find(({ status }) => status === 'failed');
  if (tests.length === 0 || failed) throw new Error(`${spec} fails without a mutant: ${failureMessage}`);
  return tests;
}

/** What environment.cjs asks for, and tells. A test must fail twice with a mutant, and then pass without it. */
function createSweep(sandbox, spec, mutants, tests) {
  const byId = new Map(mutants.map((mutant) => [mutant.id, mutant]));
  const times = new Map(tests.map(({ fullName, duration }) => [fullName, duration ?? 0]));
  const isHeld = ({ file }) => file !== SCHEMA || OF_SCHEMA.includes(spec);
  const isDue = (mutant) => !mutant.foundBy && !mutant.passed.includes(spec) && isHeld(mutant);
  return {
    isOver,
    mutantsOf: () => mutants.filter(isDue).map(({ id }) => id),
    fileOf: (id) => join(sandbox, byId.get(id).file),
    msOf: (_spec, test) => times.get(test),
    isLeftOut: (test) => WITH_OWN_SERVER.includes(spec) && times.get(test) > SLOW_MS,
    hitLimit: () => Number.POSITIVE_INFINITY,
    found: (id) => Object.assign(byId.get(id), { foundBy: spec }),
    giveUp: (ids) => ids.map((id) => byId.get(id).notTriedIn.push(spec)),
  };
}

/** What a spec said of a mutant before counts as long as the spec is the same. It is kept with what it said. */
const reportOf = (name) => join(root, `reports/mutation/texts-${name}.json`);
const sourceOf = (folder, spec) => readFileSync(join(folder, spec), 'utf8');

function recall(name, mutants) {
  if (given.fresh || !existsSync(reportOf(name))) return;
  const { sources, said } = JSON.parse(readFileSync(reportOf(name), 'utf8'));
  const isSame = (spec) => sources[spec] === sourceOf(root, spec);
  for (const mutant of mutants) {
    const { foundBy, passed = [] } = said[rowOf(mutant)] ?? {};
    Object.assign(mutant, { foundBy: foundBy && isSame(foundBy) ? foundBy : undefined, passed: passed.filter(isSame) });
  }
}

function keep(sandbox, name, mutants, specs) {
  const sources = Object.fromEntries(specs.map((spec) => [spec, sourceOf(sandbox, spec)]));
  const said = Object.fromEntries(
    mutants.map(({ foundBy, passed, ...mutant }) => [rowOf(mutant), { foundBy, passed }]),
  );
  mkdirSync(join(root, 'reports/mutation'), { recursive: true });
  writeFileSync(reportOf(name), JSON.stringify({ sources, said }));
}

async function tryAll(name) {
  const { language, server, files, specs } = LANGUAGES[name];
  const made = files.flatMap((file) =>
    mutate(readFileSync(join(root, file), 'utf8'), language).map((mutant) => ({ ...mutant, file })),
  );
  const mutants = made.map((mutant, index) => ({ ...mutant, id: String(index), passed: [], notTriedIn: [] }));
  const sandbox = join(root, '.stryker-tmp', `texts-${name}`);
  fillSandbox(sandbox, files, mutants);
  recall(name, mutants);
  const kept = server === 'postgres' ? await startPostgres(sandbox) : undefined;
  for (const spec of specs) {
    process.env.MUTATION_SERVER = server;
    process.env.MUTATION_POSTGRES = kept && !WITH_OWN_SERVER.includes(spec) ? String(kept.port) : '';
    const tests = await runSpec(sandbox, spec);
    await runSpec(sandbox, spec, createSweep(sandbox, spec, mutants, tests));
    const left = mutants.filter(({ foundBy }) => !foundBy);
    for (const { notTriedIn, passed } of left) if (![...notTriedIn, ...passed].includes(spec)) passed.push(spec);
    console.log(`${name}: ${left.length} of ${mutants.length} left after ${spec}`);
    keep(sandbox, name, mutants, specs);
  }
  await kept?.stop();
  rmSync(sandbox, { recursive: true, force: true });
  return mutants;
}

/** The row of a mutant in the second table of docs/mutation.md, all but the reason. */
function rowOf({ file, name, code, becomes }) {
  const cells = [`${file.replace('lib/stores/', '')} ${name}`, code, becomes];
  return `| ${cells.map((cell) => `\`\` ${cell.replaceAll('|', '\\|')} \`\``).join(' | ')} |`;
}

function tell(name, mutants) {
  const isListed = (mutant) => page.includes(rowOf(mutant));
  const broken = mutants.filter(({ foundBy }) => foundBy === TAKEN);
  const found = mutants.filter(({ foundBy }) => foundBy && foundBy !== TAKEN);
  const left = mutants.filter(({ foundBy }) => !foundBy);
  const notRun = left.filter(({ notTriedIn }) => notTriedIn.length > 0);
  const open = left.filter((mutant) => !isListed(mutant) && !notRun.includes(mutant));
  const listed = left.length - open.length - notRun.length;
  const score = (100 * found.length) / (found.length + open.length);
  console.log(
    `\n${name}: ${found.length} mutants found, ${open.length} not, ${listed} listed in docs/mutation.md, ${notRun.length} not run: ` +
      `${score.toFixed(1)} %\n${broken.length} more make a text that the server does not take: they count neither way`,
  );
  for (const mutant of open) console.log(`${mutant.file}:${mutant.line} Survived\n${rowOf(mutant)} why |`);
  for (const { file, line, notTriedIn } of notRun) console.log(`${file}:${line} Not tried in ${notTriedIn.join(', ')}`);
  for (const mutant of found.filter(isListed))
    console.log(`Found now, take it out of docs/mutation.md:\n${rowOf(mutant)}`);
  if (open.length > 0) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
for (const name of names.length > 0 ? names : Object.keys(LANGUAGES)) tell(name, await tryAll(name));
// Connections of the specs may still be open.
process.exit();
