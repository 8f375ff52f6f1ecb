import { tellInProcess } from '../facts';
import { createMemoryBackend } from './memory-backend';
import { memoryJtis } from './memory-jtis';
import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/**
 * Everything that a token endpoint has to remember, in this process: for development, for specs, and for hosts of one
 * process. Codes and tokens are filed under their SHA-256; records go in and out as copies. What has ended leaves by
 * itself, with the calls that come later.
 *
 * @throws TypeError where the options are wrong.
 */
export function memoryStore<Record extends AnyLoginRecord = LoginRecord>(options: StoreOptions = {}) {
  checkNames('memoryStore', options, STORE_OPTIONS);
  const { consumeJti } = memoryJtis();
  return tellInProcess('memoryStore', createStore<Record>('memoryStore', createMemoryBackend(), consumeJti, options));
}
