import { parseArgs } from 'node:util';
import { median, summarize } from './lib/figures.mjs';
import { startLoad, startRig } from './lib/trials.mjs';

/**
 * Whether a redemption costs the same however many codes wait in `memoryCodes`, and whether memory stays where it is over
 * many redemptions. Exits with 1 where either does not hold.
 */
const { values: options } = parseArgs({
  options: {
    live: { type: 'string', default: '1000,100000,1000000' },
    rounds: { type: 'string', default: '9' },
    count: { type: 'string', default: '2000' },
    redemptions: { type: 'string', default: '1000000' },
  },
});

const COST_LIMIT = 1.1;
const STEPS = 20;
/** What counts as growth from the middle to the end of the run, in MiB: a byte for each redemption would be one. */
const GROWTH_LIMIT = 2;

const load = startLoad();
const isFlat = await compareCosts();
const isBounded = await watchMemory();
load.stop();
process.exitCode = isFlat && isBounded ? 0 : 1;

async function compareCosts() {
  const running = [];
  for (const live of options.live.split(',').map(Number)) {
    const rig = { name: 'ours-memory', title: `${live.toLocaleString('en')} live codes`, liveCodes: live };
    const started = await startRig(rig, { mode: 'opaque', load: load.call, warmUp: 4000 });
    running.push({ ...started, trials: [] });
  }
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const { trials, redeem } of running) {
      trials.push(await redeem({ count: Number(options.count), connections: 32 }));
    }
  }
  for (const { stop } of running) stop();

  console.log('| | CPU per redemption | ratio | RSS |\n| --- | ---: | ---: | ---: |');
  const ratios = running.map(({ title, trials }) => {
    const { cpu, ratio, rss } = summarize(trials, running[0].trials);
    console.log(`| ${title} | ${cpu.toFixed(0)} µs | ${ratio.toFixed(2)}× | ${rss.toFixed(0)} MiB |`);
    return ratio;
  });
  return Math.max(...ratios) <= COST_LIMIT;
}

/** The endpoint with its limiter, over a store that forgets: what grows is the endpoint's own. */
async function watchMemory() {
  const count = Math.ceil(Number(options.redemptions) / STEPS);
  const title = 'limiter on';
  const rig = await startRig({ name: 'ours-limiter', title }, { mode: 'opaque', load: load.call, warmUp: 4000 });
  const heaps = [];
  console.log('\n| redemptions | heap after collection | RSS |\n| ---: | ---: | ---: |');
  for (let step = 1; step <= STEPS; step += 1) {
    await rig.redeem({ count, connections: 32 });
    await rig.forget();
    const { heap, rss } = await rig.memory();
    heaps.push(heap);
    console.log(`| ${(step * count).toLocaleString('en')} | ${heap.toFixed(1)} MiB | ${rss.toFixed(0)} MiB |`);
  }
  rig.stop();
  const half = STEPS / 2;
  return median(heaps.slice(half)) - median(heaps.slice(0, half)) <= GROWTH_LIMIT;
}
