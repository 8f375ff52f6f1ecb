import type { Backend } from '../../lib/stores/backend';
import { createMemoryBackend } from '../../lib/stores/memory-backend';
import { memoryJtis } from '../../lib/stores/memory-jtis';
import type { StoreOptions } from '../../lib/stores/options';
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
