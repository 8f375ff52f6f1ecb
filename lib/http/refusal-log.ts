import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { debuglog } from 'node:util';
import type { Outcome } from '../types';

/** What `util.debuglog` returns: it prints if `NODE_DEBUG` names it. */
export interface DebugLog {
  (format: string, ...values: unknown[]): void;
  enabled: boolean;
}

const CATALOGUE = join(__dirname, '../../docs/errors.md');

/** One row of the catalogue: reason, what the client sees, what it means, what to do. */
const ROW = /^\| (?:<a id="\w+"><\/a>)?`(\w+)` *\|[^|]+\| ([^|]+?) *\| ([^|]+?) *\|$/gm;

/** Prints each refusal with `NODE_DEBUG=express-token-router`: why, for which client, and what to do. */
export function createRefusalLog(
  debug: DebugLog = debuglog('express-token-router'),
  catalogue: string = CATALOGUE,
): (outcome: Outcome) => void {
  if (!debug.enabled) return () => {};
  const advice = readAdvice(catalogue);

  return function logRefusal({ outcome, reason, status, error, clientId }) {
    if (outcome === 'issued' || outcome === 'served') return;
    const client = clientId === undefined ? 'no client' : `client ${JSON.stringify(clientId.slice(0, 200))}`;
    debug('%d %s, %s, %s. %s', status, error, reason, client, advice.get(reason) ?? 'An adapter refused it.');
  };
}

/** Reads the advice for each reason. Without the file, as in a bundle, only the reasons are printed. */
function readAdvice(catalogue: string): Map<string, string> {
  try {
    const rows = readFileSync(catalogue, 'utf8').matchAll(ROW);
    return new Map(Array.from(rows, ([, reason, meaning, advice]) => [String(reason), `${meaning} ${advice}`]));
  } catch {
    return new Map();
  }
}
