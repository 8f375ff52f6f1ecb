import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import jsonwebtoken from 'jsonwebtoken';
import { createConnection } from '../lib/connection.mjs';
import { createCaller } from '../lib/rpc.mjs';
import { createRequest } from '../lib/wire.mjs';

/**
 * Signs on the main thread, as the issuer signs, and not at all, in turns, in one run: how many redemptions a second, each
 * with an access token and an ID token, and how long the event loop was blocked. Each on the server of `app.listen` and on
 * that of examples/fast.
 *
 *   node signing/run.mjs [rounds] [requests] [connections]
 */
const [rounds = 5, requests = 2000, connections = 8] = process.argv.slice(2).map(Number);
/** Redemptions before the clock starts: until then V8 is still compiling. */
const WARM_UP = 3000;
const SERVERS = { listen: '`app.listen`', fast: 'examples/fast' };
const CASES = [
  ['RS256', 'main', 'RS256, main thread'],
  ['RS256', 'issuer', 'RS256, the issuer'],
  ['ES256', 'main', 'ES256, main thread'],
  ['ES256', 'issuer', 'ES256, the issuer'],
  ['none', 'none', 'nothing'],
].flatMap(([algorithm, mode, title]) => Object.keys(SERVERS).map((server) => ({ algorithm, mode, server, title })));

async function measure({ algorithm, mode, server }) {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [algorithm, mode, server], {
    execArgv: ['--expose-gc'],
  });
  const call = createCaller(child, `${algorithm} ${mode} ${server}`);
  try {
    const port = await call('start');
    await drive(port, await call('prepare', WARM_UP), mode);
    const codes = await call('prepare', requests);
    await call('begin');
    const throughput = await drive(port, codes, mode);
    return { throughput, ...(await call('end')) };
  } finally {
    child.disconnect();
  }
}

async function drive(port, codes, mode) {
  const waiting = codes.map(createRequest);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = createConnection(port);
      for (let request = waiting.pop(); request; request = waiting.pop()) check(await connection.send(request), mode);
      connection.close();
    }),
  );
  return codes.length / ((performance.now() - startedAt) / 1000);
}

/** Looks at every answer; whether the signatures are good is what the specs verify. */
function check({ status, head, body }, mode) {
  const tokens = status === 200 ? JSON.parse(body) : {};
  const isToken = (token) => (mode === 'none' ? token?.length > 800 : jsonwebtoken.decode(token));
  if (isToken(tokens.access_token) && isToken(tokens.id_token)) return;
  throw new Error(`no tokens: ${head}\n${body}`);
}

const trials = new Map(CASES.map((each) => [each, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const each of round % 2 === 0 ? CASES : [...CASES].reverse()) trials.get(each).push(await measure(each));
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const lines = CASES.map((each) => {
  const of = (name) => trials.get(each).map((trial) => trial[name]);
  return [
    `| ${each.title}`,
    SERVERS[each.server],
    median(of('throughput')).toFixed(0),
    median(of('cpuMs').map((ms) => ms / requests)).toFixed(2),
    median(of('p50')).toFixed(2),
    median(of('p99')).toFixed(2),
    `${median(of('max')).toFixed(1)} (${Math.min(...of('max')).toFixed(1)} to ${Math.max(...of('max')).toFixed(1)})`,
    median(of('collected')).toFixed(1),
    `${median(of('late')).toFixed(1)} |`,
  ].join(' | ');
});
const report = `# Signing on the main thread and by the issuer

\`node signing/run.mjs ${rounds} ${requests} ${connections}\`: ${rounds} rounds in turns, ${requests} redemptions each over ${connections} connections, the load in
a process of its own. Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0].model}, load average at the end ${loadavg()[0].toFixed(1)}.
Medians of the rounds; for the longest block also the range. Every redemption brings an access token and an ID token.

The loop is blocked for as long as a timer of a millisecond is late, less the time in which the thread waited for a core: on a
machine that others use as well, that wait is theirs. \`latest timer\` is the plain maximum of monitorEventLoopDelay, wait included.
\`GC\` is the longest pause of the garbage collector: it blocks the loop whoever signs. The last rows sign nothing: what blocks there
is not the signatures. examples/fast is the server of that example, which leaves the collector a fraction of the work.

| signed by | server | redemptions/s | CPU ms each | blocked p50 ms | p99 ms | longest ms | longest GC ms | latest timer ms |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`;
console.log(report);
if (process.env.KEEP) writeFileSync(new URL('results.md', import.meta.url), report);
