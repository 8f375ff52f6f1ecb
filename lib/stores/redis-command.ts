import { describeMistake } from '../mistakes';
import { adviseOnAdapter, isAdapter } from '../options/adapters';
import { describeKind } from '../received';
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
    const advice = adviseOnAdapter('sendCommand', sendCommand, '(...args) => client.sendCommand(args)');
    throw new TypeError(`${name}: ${describeMistake(['sendCommand'], sendCommand, advice, { isSecret: true })}`);
  }
  // Braces would choose the hash slot in a cluster, which the stores choose themselves.
  if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
    throw new TypeError(`${name}: ${describeMistake(['prefix'], prefix, 'Write a string without braces.')}`);
  }
}

/** Parses the reply 1 or 0 of a script. Anything else, such as `QUEUED`, is a fault. */
export function parseFlag(reply: unknown): boolean {
  const flag = ['number', 'bigint', 'string'].includes(typeof reply) ? String(reply) : '';
  if (flag === '1' || flag === '0') return flag === '1';
  throw wrongReply(reply, 'of the script, 1 or 0');
}

/** Parses the reply of `SET … NX`. */
export function parseSet(reply: unknown): boolean {
  if (reply === null) return false;
  if (String(reply) === 'OK') return true;
  throw wrongReply(reply, 'of SET, OK or nil');
}

/** Parses the reply of `GET`. */
export function parseText(reply: unknown): string | null {
  if (reply === null) return null;
  if (typeof reply === 'string') return reply;
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw wrongReply(reply, 'of the command, a string or nil');
}

/** Parses a reply that is a list of texts. */
export function parseTexts(reply: unknown): string[] {
  const texts = Array.isArray(reply) ? reply.map((each) => (Buffer.isBuffer(each) ? each.toString() : each)) : [null];
  if (texts.every((each) => typeof each === 'string')) return texts;
  throw wrongReply(reply, 'of the command, a list of strings');
}

/** Parses the reply of a script that returns this many texts, or nil. */
export function parseRow(reply: unknown, length: number): string[] | null {
  if (reply === null) return null;
  const texts = parseTexts(reply);
  if (texts.length === length) return texts;
  throw wrongReply(reply, `of the script, a list of ${length} strings`);
}

/** The fault of a `sendCommand` that does not return the reply. Names only the kind of what it returned. */
export function wrongReply(reply: unknown, wanted: string): TypeError {
  return new TypeError(`sendCommand returned ${describeKind(reply)}; it must return the reply ${wanted}`);
}
