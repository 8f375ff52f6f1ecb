import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveHttp } from './service.mjs';

const require = createRequire(import.meta.url);
const dir = join(import.meta.dirname, 'next');

/** What the project finds. */
const tried = {};
globalThis[Symbol.for('tried hosts')] = tried;

let building;

/** Builds the project, once for all of its rows, and serves it. */
async function serveProject() {
  await promisify(execFile)(process.execPath, [require.resolve('next/dist/bin/next'), 'build', dir]);
  const next = require('next')({ dev: false, dir });
  await next.prepare();
  return createServer(next.getRequestHandler());
}

/** `name` is that of the app in the project. */
function inProject(name, path) {
  const start = async ({ options }) => {
    tried[name] = options;
    building ??= serveProject();
    const { send } = await serveHttp(await building, { path });
    return { send, stop: async () => {} };
  };
  return { path, start };
}

export const NEXT = {
  'next, pages/api': inProject('pages/api', '/api/oauth/token'),
  'next, pages/api with a parser': inProject('pages/api with a parser', '/api/parsed/oauth/token'),
  'next, pages/api behind a rewrite': inProject('pages/api behind a rewrite', '/oauth/token'),
  'next, a route handler': inProject('a route handler', '/auth/token'),
};
