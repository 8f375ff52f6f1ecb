import { tellInProcess } from '../facts';
import { createMemoryBackend } from './memory-backend';
import { memoryJtis } from './memory-jtis';
import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/**
 * A store for codes, refresh tokens, grants and `jti`s in the memory of this process: for development, for tests, and
 * for apps with one process. Keeps only the SHA-256 of codes and tokens. Later calls remove what has expired.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function memoryStore<Record extends AnyLoginRecord = LoginRecord>(options: StoreOptions = {}) {
  checkNames('memoryStore', options, STORE_OPTIONS);
  const { consumeJti } = memoryJtis();
  return tellInProcess('memoryStore', createStore<Record>('memoryStore', createMemoryBackend(), consumeJti, options));
}
