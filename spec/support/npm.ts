import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** On Windows npm is a script, which only a shell can run. There its program is beside node. */
const program =
  process.platform === 'win32'
    ? [process.execPath, join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js')]
    : ['npm'];

/** Runs npm in a folder, and returns what it printed. */
export function npm(folder: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  const [command, ...first] = program as [string, ...string[]];
  return String(execFileSync(command, [...first, ...args], { cwd: folder, encoding: 'utf8', ...options }));
}
