import { readFileSync } from 'node:fs';

/**
 * Where the time of a `.cpuprofile` went: by package and, for the files of ours, by function. Self time, so that the sum is
 * all of it.
 *
 *   node run.mjs --quick --modes opaque --rigs bare-express,ours --cpu-prof ours
 *   node profile.mjs results/ours-opaque.cpuprofile
 */
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(process.argv[2]));
const nodeOf = new Map(nodes.map((node) => [node.id, node]));
const byPlace = new Map();
const byFunction = new Map();
let busy = 0;

samples.forEach((id, index) => {
  const { functionName, url } = nodeOf.get(id).callFrame;
  if (functionName === '(idle)') return;
  busy += timeDeltas[index];
  add(byPlace, placeOf(url, functionName), timeDeltas[index]);
  add(byFunction, `${functionName || '(anonymous)'} ${shorten(url)}`, timeDeltas[index]);
});

print('by package', byPlace, 25);
print('by function', byFunction, 45);

function add(map, name, time) {
  map.set(name, (map.get(name) ?? 0) + time);
}

function placeOf(url, functionName) {
  if (functionName === '(garbage collector)') return functionName;
  if (url === '') return `native: ${functionName}`;
  if (url.startsWith('node:')) return url.replace(/^node:internal\/([^/]+).*/, 'node:internal/$1');
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage) return inPackage[1];
  return url.includes('/dist/') ? `ours: ${shorten(url)}` : `bench: ${shorten(url)}`;
}

function shorten(url) {
  return url.replace(/^.*node_modules\//, '').replace(/^.*\/(dist|bench)\//, '$1/');
}

function print(title, map, count) {
  console.log(`\n${title}`);
  const rows = [...map].sort(([, a], [, b]) => b - a).slice(0, count);
  for (const [name, time] of rows) console.log(`${((time / busy) * 100).toFixed(1).padStart(6)} %  ${name}`);
}
