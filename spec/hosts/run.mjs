import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tries the hosts that standard input names, or all, and prints what became of each. */

// Hosts import the package by its name, as their users do. npm ci removes the link.
const link = join(import.meta.dirname, 'node_modules/express-token-router');
if (!existsSync(link)) symlinkSync('../../..', link, 'junction');

Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });

// Standard output is for the results: some hosts log there.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const { tryOut } = await import('./checks.mjs');
const { HOSTS } = await import('./hosts.mjs');
const { createService } = await import('./service.mjs');

const input = await new Response(process.stdin).text();
const names = input === '' ? Object.keys(HOSTS) : JSON.parse(input);
const results = {};
/** A host that does not end fails alone. */
const TIME_LIMIT_MS = 60_000;

async function use({ send, stop }, { saveCode }) {
  const result = await tryOut({ send, saveCode });
  await stop();
  return result;
}

async function tryHost(name) {
  const { path, start } = HOSTS[name];
  const service = createService({ path });
  const startedAt = performance.now();
  try {
    const tooLate = sleep(TIME_LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error(`It has not ended after ${TIME_LIMIT_MS} ms`);
    });
    results[name] = await Promise.race([use(await start(service), service), tooLate]);
  } catch (error) {
    results[name] = { error: String(error.stack) };
  }
  results[name].ms = Math.round(performance.now() - startedAt);
}

async function tryInTurn(some) {
  for (const name of some) await tryHost(name);
}

// Next is built meanwhile.
const isNext = (name) => name.startsWith('next');
await Promise.all([tryInTurn(names.filter(isNext)), tryInTurn(names.filter((name) => !isNext(name)))]);
print(JSON.stringify(results), () => process.exit(0));
