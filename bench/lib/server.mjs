import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCodes, setLatency } from './codes.mjs';
import { createHandWrittenCheck } from './proofs.mjs';
import { createRefreshTokens } from './refresh-tokens.mjs';
import { serveCalls } from './rpc.mjs';
import { createIssue, createKey, toPublicPem } from './tokens.mjs';

/** The process of one rig in one mode. What it does for the measurement is done before and after, never during it. */
const [rigName, mode, profilePath] = process.argv.slice(2);

const key = createKey(mode);
// Where no rig makes an ID token, the package's issuer is not asked for one either.
const codes = createCodes(mode === 'rs256' ? 'openid read' : 'read');
const { createRig, createServer = http.createServer } = await import(`../rigs/${rigName}.mjs`);
const refreshTokens = createRefreshTokens();
const parts = { mode, key, codes, refreshTokens, checkProof: createHandWrittenCheck(), ...createIssue(mode, key) };
const rig = await createRig(parts);
const prepare = rig.prepare ?? (mode === 'refresh' ? refreshTokens.prepare : codes.save);

const server = createServer(rig);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/** After a collection its threads go on to sweep. A heap of a gigabyte takes them most of a second, and that is no redemption's. */
const SWEEPING_MS = Number(process.env.BENCH_LIVE_CODES) > 0 ? 1000 : 0;

const delay = monitorEventLoopDelay({ resolution: 1 });
let before;
let session;

serveCalls({
  start: () => ({
    port: server.address().port,
    publicKey: toPublicPem(key),
    algorithm: key.algorithm,
    node: process.versions.node,
  }),
  latency: setLatency,
  prepare,
  /** What is held once nothing that is over is held any more. */
  memory() {
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed / 2 ** 20, external: external / 2 ** 20, rss: rss / 2 ** 20 };
  },
  async begin() {
    globalThis.gc();
    await sleep(SWEEPING_MS);
    if (profilePath !== undefined) session = await startProfile();
    delay.reset();
    delay.enable();
    before = process.cpuUsage();
  },
  async end() {
    const { user, system } = process.cpuUsage(before);
    delay.disable();
    if (session) await saveProfile(session);
    return {
      cpu: user + system,
      user,
      system,
      // The histogram counts its own interval of a millisecond along.
      delayP99: Math.max(delay.percentile(99) / 1e6 - 1, 0),
      delayMax: Math.max(delay.max / 1e6 - 1, 0),
      rss: process.memoryUsage.rss() / 2 ** 20,
    };
  },
});

async function startProfile() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return session;
}

async function saveProfile(session) {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(profilePath, JSON.stringify(profile));
  session.disconnect();
}
