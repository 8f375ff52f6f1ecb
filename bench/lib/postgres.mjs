import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { findPort } from './redis.mjs';

/** Starts a server of our own on an empty folder; `undefined` where there is none on this machine. */
export async function startPostgres() {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'token-router-bench-'));
  const owner = findOwner();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const own = { ...owner, cwd: folder, stdio: 'ignore' };
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], own);
  const port = await findPort();
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
    own,
  );
  const kill = () => server.kill('SIGQUIT');
  process.on('exit', kill);

  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', max: 10 });
  pool.on('error', () => {});
  await waitFor(pool);
  return {
    pool,
    async stop() {
      await pool.end();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps them out of the PATH. */
function findPrograms() {
  const root = '/usr/lib/postgresql';
  const debian = existsSync(root) ? readdirSync(root).sort((a, b) => b - a) : [];
  const folders = [...debian.map((version) => join(root, version, 'bin')), ...process.env.PATH.split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root. */
function findOwner() {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
  return { uid, gid };
}

async function waitFor(pool) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('postgres did not start');
}
