import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { summarize } from './lib/figures.mjs';
import { has } from './lib/ours.mjs';
import { startRedis } from './lib/redis.mjs';
import { toMarkdown, toSvg } from './lib/report.mjs';
import { baselineOf, MODES, rigsOf } from './lib/rigs.mjs';
import { startLoad, startRig } from './lib/trials.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    guard: { type: 'boolean', default: false },
    modes: { type: 'string' },
    rigs: { type: 'string' },
    rounds: { type: 'string' },
    count: { type: 'string' },
    connections: { type: 'string', default: '32' },
    'cpu-prof': { type: 'string' },
    beside: { type: 'string', multiple: true, default: [] },
    results: { type: 'string', default: 'results' },
  },
});

/** Codes a trial, by what one costs: a trial takes a second, in a quick run a quarter of it. */
const COUNTS = {
  opaque: 4000,
  json: 4000,
  refresh: 4000,
  refusal: 4000,
  es256: 3000,
  rs256: 900,
  dpop: 1500,
  redis: 3000,
};
const QUICK = { rounds: 3, share: 1 / 4, modes: 'opaque,es256,rs256,dpop' };
// The limit was 1.05 before the bounds of what is in flight, the budgets and the body reader: they cost a tenth of a redemption.
const GUARD = { rounds: 9, count: 3000, limit: 1.2 };

const connections = Number(options.connections);
const resultsOf = (file) => new URL(`${options.results}/${file}`, import.meta.url);
/** The Node of the servers. */
let node = process.versions.node;
const tell = (text) => process.stderr.write(text);

if (!has('index.js')) throw new Error('the package is not built: npm run build');
const load = startLoad();
process.exitCode = options.guard ? await guard() : await compare();
load.stop();

/** Measures the rigs of a mode in turns: A B C A B C …, each in its own process. */
async function measure(mode, rigs, { rounds, count, warmUp }) {
  const running = [];
  for (const rig of rigs) {
    const profilePath =
      options['cpu-prof'] === rig.name ? resultsOf(`${rig.name}-${mode}.cpuprofile`).pathname : undefined;
    const started = await startRig(rig, { mode, load: load.call, warmUp, profilePath });
    running.push({ ...started, trials: [] });
    node = started.node;
    tell('.');
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { trials, redeem } of running) trials.push(await redeem({ count, connections }));
    tell('+');
  }
  for (const { stop } of running) stop();
  const baseline = running.find(({ name }) => name === baselineOf(mode)) ?? running[0];
  return running.map(({ name, title, remarks, trials }) => ({
    name,
    title,
    remarks,
    figures: summarize(trials, baseline.trials),
    trials,
  }));
}

/** Beside each rig of ours the same one with the builds that `--beside` names: what a change to the package brings. */
function withOtherBuilds(rig) {
  if (!rig.name.startsWith('ours') || (options.rigs && !options.rigs.split(',').includes(rig.name))) return [rig];
  const others = options.beside.map((root) => ({ ...rig, title: `${rig.title} in ${root}`, root }));
  return [rig, ...others];
}

async function compare() {
  mkdirSync(resultsOf(''), { recursive: true });
  const loadBefore = loadavg()[0].toFixed(1);
  const rounds = Number(options.rounds ?? (options.quick ? QUICK.rounds : 9));
  const chosen = options.rigs?.split(',');
  const results = [];

  const modes = options.modes ?? (options.quick ? QUICK.modes : Object.keys(MODES).join(','));
  for (const mode of modes.split(',')) {
    const redis = mode === 'redis' ? await startRedis() : undefined;
    if (mode === 'redis' && !redis) {
      tell('redis: left out, there is no redis-server on this machine\n');
      continue;
    }
    const rigs = rigsOf(mode)
      .flatMap(withOtherBuilds)
      .filter(({ name }) => !chosen || chosen.includes(name));
    const count = Number(options.count ?? (options.quick ? Math.ceil(COUNTS[mode] * QUICK.share) : COUNTS[mode]));
    tell(`${mode}: `);
    if (rigs.length > 0) results.push({ mode, rigs: await measure(mode, rigs, { rounds, count, warmUp: count }) });
    tell('\n');
    redis?.stop();
  }

  const machine = { ...describeMachine(), load: [loadBefore, loadavg()[0].toFixed(1)], rounds, connections };
  const report = { machine: { ...machine, isQuick: options.quick }, results };
  writeFileSync(resultsOf('results.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(resultsOf('results.md'), toMarkdown(report));
  for (const result of results) writeFileSync(resultsOf(`${result.mode}.svg`), toSvg(result));
  process.stdout.write(toMarkdown(report));
  return 0;
}

/** Fails where the package costs more than bare Express; a run that fails is repeated once. */
async function guard() {
  const rigs = rigsOf('opaque').filter(({ name }) => ['bare-express', 'ours'].includes(name));
  for (const attempt of [1, 2]) {
    const measured = await measure('opaque', rigs, { ...GUARD, warmUp: GUARD.count });
    const { figures } = measured.find(({ name }) => name === 'ours');
    const bare = measured.find(({ name }) => name === 'bare-express').figures;
    const isWithin = figures.ratio <= GUARD.limit;
    process.stdout.write(
      `\nattempt ${attempt}: ${figures.cpu.toFixed(0)} µs of CPU a redemption against ${bare.cpu.toFixed(0)} µs of ` +
        `bare Express, ${figures.ratio.toFixed(3)}× over ${GUARD.rounds} rounds (limit ${GUARD.limit}): ` +
        `${isWithin ? 'passed' : 'failed'}\n`,
    );
    if (isWithin) return 0;
  }
  return 1;
}

function describeMachine() {
  const require = createRequire(import.meta.url);
  const ours = createRequire(new URL('../package.json', import.meta.url));
  const versionOf = (from) => JSON.parse(readFileSync(from.resolve('express/package.json'))).version;
  const express = [...new Set([versionOf(require), versionOf(ours)])].join(' and ');
  return { node, cpu: cpus()[0].model, cores: cpus().length, express };
}
