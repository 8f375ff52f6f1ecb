import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { has } from '../lib/ours.mjs';
import { hasAddresses } from './client.mjs';
import { canPin, pinGenerator, startServer } from './processes.mjs';
import { toMarkdown } from './report.mjs';
import { bodies } from './scenarios/bodies.mjs';
import { budgets } from './scenarios/budgets.mjs';
import { clients } from './scenarios/clients.mjs';
import { limiter } from './scenarios/limiter.mjs';
import { overload } from './scenarios/overload.mjs';
import { createTraffic, nobodyAt } from './traffic.mjs';

/**
 * What the endpoint does under load and attack, beside what people mount today. Exits with 1 where a limit is broken: in a
 * quick run a wide one, for a machine that others use as well.
 *
 *   npm --prefix bench run load
 *   npm --prefix bench run load -- --quick
 *   npm --prefix bench run load -- --scenarios burst,crumbs --rigs ours
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    scenarios: { type: 'string' },
    rigs: { type: 'string' },
    results: { type: 'string' },
  },
});

const SCENARIOS = [...limiter, ...bodies, ...budgets, ...clients, ...overload];
/** No scenario takes longer than this, whatever the server does. */
const TIME_LIMIT_MS = 90_000;
const isQuick = options.quick;
const tell = (line) => process.stderr.write(line);

if (!has('index.js')) throw new Error('the package is not built: npm run build');
const chosen = options.scenarios?.split(',');
const unknown = (chosen ?? []).filter((name) => SCENARIOS.every((scenario) => scenario.name !== name));
if (unknown.length > 0) throw new Error(`no scenario ${unknown}: ${SCENARIOS.map(({ name }) => name).join(', ')}`);
const rigs = (options.rigs ?? (isQuick ? 'ours' : 'ours,today')).split(',');

pinGenerator();
const loadBefore = loadavg()[0];
const results = [];
let node = '';
for (const scenario of SCENARIOS.filter(({ name }) => !chosen || chosen.includes(name))) {
  tell(`${scenario.name}:`);
  const startedAt = performance.now();
  const measured = [];
  for (const rig of rigs) {
    const result = await measure(scenario, rig);
    measured.push(result);
    const missed = result.checks.filter(({ isMet }) => !isMet).map(({ what, is }) => `${what} ${is}`);
    tell(
      ` ${rig} ${result.failure ?? (rig === 'ours' && missed.length > 0 ? `missed (${missed.join(', ')})` : 'done')}`,
    );
  }
  tell(`, ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  const { name, row, title } = scenario;
  results.push({ name, row, title, rigs: measured });
}

const report = {
  machine: {
    node,
    cpu: cpus()[0].model,
    cores: cpus().length,
    isPinned: canPin,
    hasAddresses,
    isQuick,
    load: [loadBefore, loadavg()[0]],
  },
  results,
};
const markdown = toMarkdown(report);
process.stdout.write(markdown);
if (options.results ?? process.env.KEEP) {
  const folder = options.results ? `${options.results}/` : fileURLToPath(new URL('./', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}results.md`, markdown);
}
const ours = results
  .flatMap((result) => result.rigs.map((rig) => ({ ...rig, name: result.name })))
  .filter(({ rig }) => rig === 'ours');
const broken = ours.flatMap(({ name, failure, checks }) => [
  ...(failure ? [`${name}: ${failure}`] : []),
  ...checks.filter(({ isWidelyMet }) => !isWidelyMet).map(({ what, is }) => `${name}: ${what} is ${is}`),
]);
for (const line of broken) tell(`broken: ${line}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;

async function measure({ host, quickHost, drive, check, keptWidely }, rig) {
  const server = startServer(rig, { trustProxy: !hasAddresses, ...host, ...(isQuick && quickHost) });
  const { call } = server;
  let traffic;
  const notes = {};
  try {
    const { port, node: version } = await call('start');
    node = version;
    traffic = createTraffic(port);
    await warmUp(traffic, call);
    await call('begin');
    const driving = drive({
      traffic,
      isQuick,
      codes: (count, isConfidential) => call('codes', { count, isConfidential }),
      refreshTokens: (count) => call('refreshTokens', { count }),
      look: () => call('look'),
      begin: () => call('begin'),
      note: (what, value) => {
        notes[what] = value;
      },
    });
    const died = server.over.then((code) => {
      throw new Error(`the server died (${code})${server.complaints().slice(-300)}`);
    });
    const late = sleep(TIME_LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error(`not over after ${TIME_LIMIT_MS / 1000} s`);
    });
    died.catch(() => {});
    await Promise.race([driving, died, late]);
    // What was spent for a client that hung up may be written only now.
    await sleep(300);
    const ended = await call('end');
    return summarize({ rig, traffic, notes, check, keptWidely, ended });
  } catch (thrown) {
    return { rig, failure: thrown.message.split('\n')[0], checks: [] };
  } finally {
    traffic?.close();
    await server.end();
  }
}

/** Code that V8 has not compiled yet is no finding. From addresses that no scenario uses. */
async function warmUp(traffic, call) {
  const given = await call('codes', { count: 40 });
  await Promise.all(given.map((one, index) => traffic.warmUp(one, nobodyAt(index))));
}

function summarize({ rig, traffic, notes, check, keptWidely, ended }) {
  const { honest, attack, answered, abandoned } = traffic;
  const unanswered = ended.spent.filter((key) => !answered.has(key));
  const ofAbandoned = unanswered.filter((key) => abandoned.has(key)).length;
  const figures = {
    ...ended,
    spent: unanswered.length - ofAbandoned,
    ofAbandoned,
    rssGrowth: ended.rssPeak - ended.rssBefore,
  };
  const checks =
    rig === 'ours' ? [...check({ honest, attack, figures, notes, isQuick }), kept(figures, keptWidely)].map(judge) : [];
  const describe = (tally) => ({
    sent: tally.sent(),
    success: tally.success(),
    p50: tally.quantile(200, 50),
    p99: tally.quantile(200, 99),
    verdicts: tally.verdicts(),
    limited: tally.count(429),
    unavailable: tally.count(503),
    statuses: tally.statuses(),
  });
  return { rig, honest: describe(honest), attack: describe(attack), figures, notes, checks };
}

function kept({ spent }, widelyAtMost = 5) {
  return { what: 'codes and refresh tokens spent without an answer', is: spent, atMost: 0, widelyAtMost };
}

function judge(given) {
  const { is, atLeast, atMost, widelyAtLeast = atLeast, widelyAtMost = atMost } = given;
  const holds = (least, most) => (least === undefined || is >= least) && (most === undefined || is <= most);
  return { ...given, isMet: holds(atLeast, atMost), isWidelyMet: holds(widelyAtLeast, widelyAtMost) };
}
