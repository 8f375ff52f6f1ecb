import { readFileSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MemoryStore } from 'express-rate-limit';
import { serveCalls } from '../lib/rpc.mjs';
import { createIssue, createKey } from '../lib/tokens.mjs';
import { createAdapters } from './adapters.mjs';

/** The process of one rig in one scenario, which is a JSON object of the host's properties. */
const [rigName, described] = process.argv.slice(2);
const host = JSON.parse(described);
const adapters = createAdapters(host);
const key = host.signing && createKey(host.signing, host.modulusLength);
const { issue } = createIssue(host.signing ?? 'opaque', key ?? {});
const limiterStore = host.countsLimiter || host.limiterStoreMs ? createLimiterStore(host) : undefined;

const { createRig } = await import(`./rigs/${rigName}.mjs`);
const { app, reasons = new Map() } = createRig({
  ...host,
  adapters,
  key,
  limiterStore,
  issue: host.savesTokens ? issueAndSave : issue,
});
const server = http.createServer(app);
await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 8192 }, resolve));

const delay = monitorEventLoopDelay({ resolution: 1 });
let before;

serveCalls({
  start: () => ({ port: server.address().port, node: process.versions.node }),
  codes: ({ count, isConfidential }) => adapters.saveCodes(count, isConfidential),
  refreshTokens: ({ count }) => adapters.saveRefreshTokens(count),
  begin() {
    globalThis.gc();
    // The next look at the peak tells that from here on.
    resetPeak();
    before = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), startedAt: performance.now() };
    delay.reset();
    delay.enable();
  },
  /** What was measured since `begin`, while the scenario goes on. */
  look: () => ({ ...measure(), calls: adapters.calls, limiter: limiterStore?.counted }),
  end: () => ({
    ...measure(),
    calls: adapters.calls,
    limiter: limiterStore?.counted,
    reasons: Object.fromEntries(reasons),
    spent: adapters.listSpent(),
  }),
});

function measure() {
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    cpuMs: (user + system) / 1000,
    seconds: (performance.now() - before.startedAt) / 1000,
    rssBefore: before.rss / 2 ** 20,
    rssPeak: readPeak() / 2 ** 20,
    // The histogram counts its own interval of a millisecond along.
    blockMs: Math.max(delay.max / 1e6 - 1, 0),
  };
}

/** Linux forgets the peak on demand; elsewhere it is that of the process's whole life. */
function resetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {}
}

function readPeak() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

async function issueAndSave(record) {
  return { ...(await issue(record)), refresh_token: await adapters.saveRefreshToken() };
}

/** A store that the nodes of a host share: as slow as the scenario says, and each operation counted. */
function createLimiterStore({ limiterStoreMs, limiterHasGet = true }) {
  const memory = new MemoryStore();
  const counted = { get: 0, increment: 0, decrement: 0 };
  const ask = (name) => async (clientKey) => {
    counted[name] += 1;
    if (limiterStoreMs) await adapters.ask();
    return memory[name](clientKey);
  };
  return {
    counted,
    localKeys: false,
    init: (options) => memory.init(options),
    ...(limiterHasGet && { get: ask('get') }),
    increment: ask('increment'),
    decrement: ask('decrement'),
    resetKey: (clientKey) => memory.resetKey(clientKey),
    shutdown: () => memory.shutdown(),
  };
}
