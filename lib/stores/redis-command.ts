import { isAdapter } from '../options/adapters';
import type { Awaitable } from '../types';

/**
 * Sends one command and returns its reply: `(...args) => client.sendCommand(args)` with `redis`, `(...args) =>
 * client.call(...args)` with ioredis. Send each command only once: after a lost reply, a code counts as spent.
 *
 * On a cluster, ioredis finds the node by itself. Set `retryDelayOnFailover: 0`, or it repeats commands that may have
 * been executed. `redis` needs the key, which is the fourth argument of a script: `(...args) =>
 * cluster.sendCommand(args[0] === 'EVAL' ? args[3] : args[1], false, args)`.
 */
export type SendCommand = (...args: string[]) => Awaitable<unknown>;

/** The options of every store on Redis. */
export interface RedisStoreOptions {
  sendCommand: SendCommand;
  /** The beginning of all keys, without braces. @default 'oauth:' */
  prefix?: string | undefined;
}

export function checkRedisOptions(name: string, options: RedisStoreOptions): void {
  const { sendCommand, prefix = '' } = Object(options) as RedisStoreOptions;
  if (!isAdapter(sendCommand)) {
    throw new TypeError(`${name}: sendCommand must be a function: (...args) => client.sendCommand(args)`);
  }
  // Braces would choose the hash slot in a cluster, which the stores choose themselves.
  if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
    throw new TypeError(`${name}: prefix must be a string without braces`);
  }
}

/** Parses the reply 1 or 0 of a script. Anything else, such as `QUEUED`, is a fault. */
export function parseFlag(reply: unknown): boolean {
  const flag = ['number', 'bigint', 'string'].includes(typeof reply) ? String(reply) : '';
  if (flag === '1' || flag === '0') return flag === '1';
  throw new TypeError('Redis did not answer a script with 1 or 0: sendCommand must bring the reply of each command');
}

/** Parses the reply of `SET … NX`. */
export function parseSet(reply: unknown): boolean {
  if (reply === null) return false;
  if (String(reply) === 'OK') return true;
  throw new TypeError('Redis did not answer SET with OK or nil: sendCommand must bring the reply of each command');
}

/** Parses the reply of `GET`. */
export function parseText(reply: unknown): string | null {
  if (reply === null) return null;
  if (typeof reply === 'string') return reply;
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw new TypeError(
    'Redis did not answer GET with a string or nil: sendCommand must bring the reply of each command',
  );
}

/** Parses a reply that is a list of texts. */
export function parseTexts(reply: unknown): string[] {
  const texts = Array.isArray(reply) ? reply.map((each) => (Buffer.isBuffer(each) ? each.toString() : each)) : [null];
  if (texts.every((each) => typeof each === 'string')) return texts;
  throw new TypeError('Redis did not answer with a list of strings: sendCommand must bring the reply of each command');
}

/** Parses the reply of a script that returns this many texts, or nil. */
export function parseRow(reply: unknown, length: number): string[] | null {
  if (reply === null) return null;
  const texts = parseTexts(reply);
  if (texts.length === length) return texts;
  throw new TypeError('Redis did not answer with a list of strings: sendCommand must bring the reply of each command');
}
