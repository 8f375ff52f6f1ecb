import { type Backend, type FoundCode, type FoundToken, SAVINGS, type Saving } from './backend';
import { digestOf, lengthen, shorten } from './digest';
import {
  parseFlag,
  parseRow,
  parseSet,
  parseText,
  parseTexts,
  type RedisStoreOptions,
  wrongReply,
} from './redis-command';
import * as scripts from './redis-scripts';
import type { Place } from './rotation';

/** Grants in Redis, for any number of nodes. Each step is one command on one key, and no command is sent twice. */
export function createRedisBackend({ sendCommand, prefix = 'oauth:' }: RedisStoreOptions): Backend {
  // Braces choose the hash slot of a cluster.
  const grantKeyOf = (grant: string) => `${prefix}grant:{${shorten(grant)}}`;
  const tokenKeyOf = (token: string) => `${prefix}token:${shorten(token)}`;
  const userKeyOf = (user: string) => `${prefix}user:${shorten(user)}`;
  const run = (script: string, key: string, ...values: (string | number)[]) =>
    sendCommand('EVAL', script, '1', key, ...values.map(String));
  const onGrant = (script: string, grant: string, ...values: (string | number)[]) =>
    run(script, grantKeyOf(grant), ...values);

  /** Saves the user first, then the grant, so that `revokeUser` finds every grant. */
  const keepUser = async (user: string | null, grant: string, lifetime: number) => {
    if (user !== null) parseFlag(await run(scripts.KEEP_USER, userKeyOf(user), shorten(grant), lifetime));
  };

  const revoke = async (grantKey: string, lifetime: number) => {
    parseFlag(await run(scripts.REVOKE, grantKey, lifetime));
  };

  return {
    digest: digestOf,

    async saveCode(grant, { text, user, lifetime, spentLifetime }) {
      await keepUser(user, grant, lifetime + spentLifetime);
      return parseFlag(await onGrant(scripts.SAVE_CODE, grant, text, lifetime));
    },

    async findCode(grant): Promise<FoundCode | null> {
      const found = parseRow(await onGrant(scripts.FIND_CODE, grant), 3);
      if (!found) return null;
      const [text, spentFor, spentBy] = found as [string, string, string];
      return { text, spentFor: parseAge(spentFor), spentBy: spentBy === '' ? null : spentBy };
    },

    async consumeCode(grant, spentBy, spentLifetime) {
      return parseFlag(await onGrant(scripts.CONSUME_CODE, grant, spentBy ?? '', spentLifetime));
    },

    async saveToken(token, { grant, presented, text, user, endsAt, lifetime, leeway }): Promise<Saving> {
      if (!presented) await keepUser(user, grant, lifetime);
      const { generation, number, kind } = presented ?? { generation: -1, number: 0, kind: 'live' };
      const values = [generation, number, kind, text, endsAt, lifetime, leeway];
      const reply = parseText(await onGrant(scripts.JOIN, grant, ...values));
      const refused = SAVINGS.find((saving) => saving === reply);
      if (refused) return refused;
      const isLonger = reply?.endsWith('+');
      const value = `${shorten(grant)}.${generation + 1}.${parseWhole(isLonger ? reply?.slice(0, -1) : reply)}`;
      // Later tokens end with the first one, unless the host prolongs the login.
      if (presented && isLonger) await keepUser(user, grant, lifetime);
      const set = ['SET', tokenKeyOf(token), value, 'NX', 'PX', String(lifetime)];
      return parseSet(await sendCommand(...set)) ? 'saved' : 'known';
    },

    async findToken(token): Promise<FoundToken | null> {
      const value = parseText(await sendCommand('GET', tokenKeyOf(token)));
      if (value === null) return null;
      const place = parsePlace(value);
      const found = parseRow(await onGrant(scripts.FIND_FAMILY, place.grant), 10);
      if (!found) return null;
      const [text, endsAt, generation, floor, late, spentFor, spender, spentFloor, sibling, run] = found as string[];
      const counted = { generation, floor, late, spender, spentFloor, sibling, run };
      const numbers = Object.entries(counted).map(([name, each]) => [name, parseWhole(each)]);
      const rotation = { ...Object.fromEntries(numbers), spentFor: parseAge(String(spentFor)) };
      return { place, text: String(text), endsAt: parseWhole(endsAt), rotation };
    },

    async consumeToken({ grant, generation, number }) {
      return parseFlag(await onGrant(scripts.CONSUME, grant, generation, number));
    },

    async extendToken({ grant, generation, number }, endsAt) {
      return parseFlag(await onGrant(scripts.EXTEND, grant, generation, number, endsAt));
    },

    async findGrant(grant) {
      const state = parseText(await onGrant(scripts.FIND_GRANT, grant));
      if (state === 'unknown') return null;
      if (state === 'live' || state === 'revoked') return { isRevoked: state === 'revoked' };
      throw wrongReply(state, 'of the script, a state');
    },

    revoke: (grant, lifetime) => revoke(grantKeyOf(grant), lifetime),

    async revokeUser(user, lifetime) {
      const grants = parseTexts(await sendCommand('ZRANGE', userKeyOf(user), '0', '-1'));
      // Revokes all, also if one of them fails.
      const done = await Promise.allSettled(grants.map((grant) => revoke(grantKeyOf(lengthen(grant)), lifetime)));
      const failed = done.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
      if (failed) throw failed.reason;
    },
  };
}

function parsePlace(value: string): Place {
  const [grant, generation, number] = value.split('.') as [string, string?, string?];
  return { grant: lengthen(grant), generation: parseWhole(generation), number: parseWhole(number) };
}

function parseAge(text: string): number | null {
  return text === '' ? null : parseWhole(text);
}

function parseWhole(text: string | null | undefined): number {
  if (/^-?\d+$/.test(text ?? '')) return Number(text);
  throw wrongReply(text, 'of the script, with whole numbers');
}
