import type { Backend } from '../../lib/stores/backend';
import { createMemoryBackend } from '../../lib/stores/memory-backend';
import { memoryJtis } from '../../lib/stores/memory-jtis';
import type { StoreOptions } from '../../lib/stores/options';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import * as scripts from '../../lib/stores/redis-scripts';
import { createStore } from '../../lib/stores/store';
import type { HostCode } from '../support/issuer';
import type { Gate } from './scheduler';
import type { GatedStore } from './world';

const READS = new Set<string>(['findCode', 'findToken', 'findGrant']);

/** What a broken store does instead of one step of the backend. `step` passes the gate. */
export type Break = (
  backend: Backend,
  step: <T>(name: string, isRead: boolean, operation: () => T | Promise<T>) => Promise<T>,
) => Partial<Backend>;

/** The store of this process: each call of the backend is a step. */
export function gateMemory(gate: Gate, options: StoreOptions, breakIt: Break = () => ({})): GatedStore {
  const backend = createMemoryBackend();
  const steps = Object.entries(backend).map(([name, call]) => {
    if (name === 'digest') return [name, call];
    return [
      name,
      (...given: never[]) => gate.pass(name, READS.has(name), () => (call as (...g: never[]) => unknown)(...given)),
    ];
  });
  const gated: Backend = { ...Object.fromEntries(steps), ...breakIt(backend, gate.pass) };
  const store = createStore<HostCode>('memoryStore', gated, memoryJtis().consumeJti, options);
  return { store, isRevocation: (name) => name.startsWith('revoke') };
}

const SCRIPTS = new Map(Object.entries(scripts).map(([name, text]) => [text, name]));

/** The store on Redis: each command is a step. What `breakIt` sends passes the gate. */
export function gateRedis(
  gate: Gate,
  send: SendCommand,
  options: StoreOptions,
  breakIt: (sendCommand: SendCommand) => SendCommand = (intact) => intact,
): GatedStore {
  const nameOf = (args: readonly string[]) => (args[0] === 'EVAL' ? SCRIPTS.get(String(args[1])) : args[0]) ?? 'EVAL';
  const isRead = (name: string) => /^(FIND|GET|ZRANGE|HMGET)/.test(name);
  const sendCommand = breakIt((...args) => gate.pass(nameOf(args), isRead(nameOf(args)), () => send(...args)));
  return {
    store: redisStore<HostCode>({ sendCommand, ...options }),
    isRevocation: (name) => name === 'REVOKE',
    // JOIN lets a token into its grant. SET only writes it down after that, and it is dead if the grant is.
    decides: (name) => name !== 'SET',
  };
}

/** The store on PostgreSQL: each statement is a step. What `breakIt` asks passes the gate. */
export function gatePostgres(
  gate: Gate,
  run: Query,
  options: StoreOptions,
  breakIt: (query: Query) => Query = (intact) => intact,
): GatedStore {
  const query = breakIt((text, values) => {
    const name = text.trim().replaceAll(/\s+/g, ' ').slice(0, 100);
    return gate.pass(name, name.startsWith('SELECT'), () => run(text, values));
  });
  const isRevocation = (name: string) => /revoked_at, kept_until\) VALUES|SET revoked_at/.test(name);
  return { store: postgresStore<HostCode>({ query, ...options }), isRevocation };
}
