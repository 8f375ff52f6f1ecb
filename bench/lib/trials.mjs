import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { proveRig } from './prove.mjs';
import { createCaller } from './rpc.mjs';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const env = { ...process.env, NODE_ENV: 'production' };

/** Starts the process that the load comes from. */
export function startLoad() {
  const child = fork(fileOf('load.mjs'), { env });
  return { call: createCaller(child, 'load'), stop: () => child.disconnect() };
}

/** Starts the process of a rig. */
export async function startServer({ name, title, root, liveCodes = 0, mode, profilePath }) {
  const parameters = [name, mode, ...(profilePath === undefined ? [] : [profilePath])];
  const child = fork(fileOf('server.mjs'), parameters, {
    execPath: process.env.BENCH_NODE ?? process.execPath,
    execArgv: ['--expose-gc'],
    env: {
      ...env,
      BENCH_REDIS_PORT: process.env.BENCH_REDIS_PORT,
      BENCH_LIVE_CODES: String(liveCodes),
      ...(root && { BENCH_DIST: root }),
    },
  });
  const server = createCaller(child, title);
  return { server, stop: () => child.disconnect(), ...(await server('start')) };
}

/** Starts the process of a rig, shows that it refuses what it must, and warms it up. */
export async function startRig({ name, title, ...settings }, { mode, load, warmUp, profilePath }) {
  const started = await startServer({ name, title, ...settings, mode, profilePath });
  const { server, stop, port, publicKey, algorithm, node } = started;
  const remarks = await proveRig({ server, port, mode, title });

  /** Redeems so many codes and tells what that took. Making the codes and the requests is no part of it. */
  const redeem = async ({ count, connections }) => {
    const codes = await server('prepare', count);
    await load('prepare', { port, mode, connections, codes, publicKey, algorithm });
    await server('begin');
    const seen = await load('go');
    const used = await server('end');
    return { ...seen, ...used, cpu: used.cpu / count, user: used.user / count, system: used.system / count };
  };

  if (warmUp > 0) await redeem({ count: warmUp, connections: 32 });
  return {
    name,
    title,
    node,
    remarks,
    redeem,
    memory: () => server('memory'),
    forget: () => server('prepare', 0),
    stop,
  };
}
