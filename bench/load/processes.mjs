import { execFileSync, fork, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createCaller } from '../lib/rpc.mjs';

const SERVER_CORE = '0';
const GENERATOR_CORE = '1';
const file = fileURLToPath(new URL('server.mjs', import.meta.url));

/** Whether processes can be kept on a core each. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Keeps this process, where the load comes from, off the core of the server. */
export function pinGenerator() {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', GENERATOR_CORE, String(process.pid)], { stdio: 'ignore' });
}

/** Starts the server of a rig in a process of its own; `end` resolves once that process is gone. */
export function startServer(rig, host) {
  const node = process.env.BENCH_NODE ?? process.execPath;
  const options = [
    '--expose-gc',
    ...(process.env.BENCH_CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_CPU_PROF}`] : []),
  ];
  const child = fork(file, [rig, JSON.stringify(host)], {
    execPath: canPin ? 'taskset' : node,
    execArgv: canPin ? ['-c', SERVER_CORE, node, ...options] : options,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints = `${complaints}${text}`.slice(-2000);
  });
  let isOver = false;
  const over = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      isOver = true;
      resolve(signal ?? code);
    });
  });
  return {
    call: createCaller(child, rig),
    over,
    isOver: () => isOver,
    complaints: () => complaints,
    async end() {
      if (!isOver) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await over;
      clearTimeout(late);
    },
  };
}
