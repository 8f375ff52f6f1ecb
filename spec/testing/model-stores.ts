import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from 'express';
import type { AuthorizationCode, DpopJti, RefreshToken } from '../../lib/types';

/** One table that all connections see: what a database is to a store. */
export interface Row {
  record: AuthorizationCode;
  isSpent: boolean;
  isRevoked: boolean;
}

export const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** The turn that a real store takes between any two of its commands. */
export const turn = () => sleep(1);

/** The parts of a store of codes; a broken store has one of them different. */
export function createModelParts() {
  const table = new Map<string, Row>();
  return {
    table,
    keyOf: digest,
    copy: <T>(value: T): T => structuredClone(value),
    async insert(key: string, record: AuthorizationCode) {
      await turn();
      if (table.has(key)) throw new Error('saved before');
      table.set(key, { record, isSpent: false, isRevoked: false });
    },
    async select(key: string): Promise<AuthorizationCode | null> {
      await turn();
      return table.get(key)?.record ?? null;
    },
    async spend(key: string): Promise<boolean> {
      await turn();
      const row = table.get(key);
      if (!row || row.isSpent || row.isRevoked) return false;
      row.isSpent = true;
      return true;
    },
    async revoke(key: string): Promise<void> {
      await turn();
      const row = table.get(key);
      if (row) row.isRevoked = true;
    },
    async selectRevoked(key: string): Promise<boolean> {
      await turn();
      return table.get(key)?.isRevoked ?? true;
    },
    touch(_record: AuthorizationCode) {},
    async restart() {},
    dump: (): string => JSON.stringify([...table]),
    /** Changes the functions of a connection: the first one, or another. */
    wrap: (store: ModelCodes, _index: number): ModelCodes => store,
  };
}

/** A connection to a store of codes. */
export interface ModelCodes {
  saveCode(code: string, record: AuthorizationCode): Promise<void>;
  findCode(code: string): Promise<FoundCode | null>;
  consumeCode(code: FoundCode, req?: Request): Promise<boolean>;
  revokeTokens(code: FoundCode): Promise<void>;
  isRevoked(grantId: string): Promise<boolean>;
}

export type FoundCode = AuthorizationCode & { id: string; grantId: string };

export type ModelParts = ReturnType<typeof createModelParts>;

/** A store of codes that keeps every rule, unless a part of it is broken. */
export function createModelCodes(breakPart: (parts: ModelParts) => Partial<ModelParts> = () => ({})) {
  const sound = createModelParts();
  const { keyOf, copy, insert, select, spend, revoke, selectRevoked, touch, restart, dump, wrap } = {
    ...sound,
    ...breakPart(sound),
  };
  const connect = (index: number) => {
    const store: ModelCodes = {
      saveCode: async (code, record) => {
        await insert(keyOf(code), copy(record));
        touch(record);
      },
      findCode: async (code) => {
        const record = await select(keyOf(code));
        return record && Object.assign(copy(record), { id: keyOf(code), grantId: keyOf(code) });
      },
      consumeCode: async (code) => {
        touch(code);
        return spend(code.id);
      },
      revokeTokens: async ({ id }) => revoke(id),
      isRevoked: (grantId) => selectRevoked(grantId),
    };
    return wrap(store, index);
  };
  return {
    stores: [connect(0), connect(1)] as const,
    dump,
    restart: async () => {
      await restart();
      return [connect(0)] as const;
    },
  };
}

/** The parts of a store of `jti`s. */
export function createModelJtiParts() {
  const ends = new Map<string, number>();
  return {
    ends,
    keyOf: ({ jkt, jti }: DpopJti) => digest(JSON.stringify([jkt, jti])),
    async insert(key: string, expiresAt: Date): Promise<boolean> {
      await turn();
      if (ends.has(key)) return false;
      ends.set(key, expiresAt.getTime());
      return true;
    },
    async restart() {},
    wrap: (store: ModelJtis): ModelJtis => store,
  };
}

interface ModelJtis {
  consumeJti(jti: DpopJti): Promise<boolean>;
}

export type ModelJtiParts = ReturnType<typeof createModelJtiParts>;

/** A store of `jti`s that keeps every rule, unless a part of it is broken. */
export function createModelJtis(breakPart: (parts: ModelJtiParts) => Partial<ModelJtiParts> = () => ({})) {
  const sound = createModelJtiParts();
  const { keyOf, insert, restart, wrap } = { ...sound, ...breakPart(sound) };
  const connect = () => wrap({ consumeJti: async (jti) => insert(keyOf(jti), jti.expiresAt) });
  return {
    stores: [connect(), connect()] as const,
    restart: async () => {
      await restart();
      return [connect()] as const;
    },
  };
}

type SavedToken = RefreshToken & { grantId: string };

/** Tokens that replace the same one. */
export interface Generation {
  spentAt: Date | null;
}

export interface Grant {
  live: Generation;
  isRevoked: boolean;
}

export interface TokenRow {
  record: SavedToken;
  generation: Generation;
}

/** The parts of a store of refresh tokens. */
export function createModelRefreshTokenParts() {
  const table = new Map<string, TokenRow>();
  const grants = new Map<string, Grant>();
  const grantOf = (grantId: string): Grant => {
    const known = grants.get(grantId) ?? { live: { spentAt: null }, isRevoked: false };
    grants.set(grantId, known);
    return known;
  };
  return {
    table,
    grants,
    grantOf,
    keyOf: digest,
    grantKeyOf: (grantId: string) => grantId,
    copy: <T>(value: T): T => structuredClone(value),
    async insert(key: string, record: SavedToken, grantKey: string) {
      await turn();
      if (table.has(key)) throw new Error('saved before');
      table.set(key, { record, generation: grantOf(grantKey).live });
    },
    async select(key: string, grantKeyOf: (grantId: string) => string): Promise<SavedToken | null> {
      await turn();
      const row = table.get(key);
      if (!row || grantOf(grantKeyOf(row.record.grantId)).isRevoked) return null;
      return { ...row.record, spentAt: row.generation.spentAt };
    },
    async spend(key: string, grantKey: string): Promise<boolean> {
      await turn();
      const row = table.get(key);
      const grant = grantOf(grantKey);
      if (!row || row.generation.spentAt || grant.isRevoked) return false;
      row.generation.spentAt = new Date();
      grant.live = { spentAt: null };
      return true;
    },
    async revoke(grantKey: string): Promise<void> {
      await turn();
      grantOf(grantKey).isRevoked = true;
    },
    touch(_record: RefreshToken) {},
    async restart() {},
    dump: (): string => JSON.stringify([...table]),
    /** Changes the functions of a connection: the first one, or another. */
    wrap: (store: ModelRefreshTokens, _index: number): ModelRefreshTokens => store,
  };
}

/** A connection to a store of refresh tokens. */
export interface ModelRefreshTokens {
  saveRefreshToken(refreshToken: string, record: SavedToken): Promise<void>;
  findRefreshToken(refreshToken: string): Promise<FoundToken | null>;
  consumeRefreshToken(refreshToken: FoundToken): Promise<boolean>;
  revokeTokens(refreshToken: SavedToken): Promise<void>;
}

export type FoundToken = SavedToken & { tokenId: string };

export type ModelRefreshTokenParts = ReturnType<typeof createModelRefreshTokenParts>;

/** A store of refresh tokens that keeps every rule, unless a part of it is broken. */
export function createModelRefreshTokens(
  breakPart: (parts: ModelRefreshTokenParts) => Partial<ModelRefreshTokenParts> = () => ({}),
) {
  const sound = createModelRefreshTokenParts();
  const parts = { ...sound, ...breakPart(sound) };
  const { keyOf, grantKeyOf, copy, insert, select, spend, revoke, touch, restart, dump, wrap } = parts;
  const connect = (index: number) => {
    const store: ModelRefreshTokens = {
      saveRefreshToken: async (refreshToken, record) => {
        await insert(keyOf(refreshToken), copy(record), grantKeyOf(record.grantId));
        touch(record);
      },
      findRefreshToken: async (refreshToken) => {
        const record = await select(keyOf(refreshToken), grantKeyOf);
        return record && Object.assign(copy(record), { tokenId: keyOf(refreshToken) });
      },
      consumeRefreshToken: async (found) => {
        touch(found);
        return spend(found.tokenId, grantKeyOf(found.grantId));
      },
      revokeTokens: async ({ grantId }) => revoke(grantKeyOf(grantId)),
    };
    return wrap(store, index);
  };
  return {
    stores: [connect(0), connect(1)] as const,
    dump,
    restart: async () => {
      await restart();
      return [connect(0)] as const;
    },
  };
}

type Body = () => Promise<void>;
type Test = (name: string, body: Body) => void;
export type SuiteTest = Test & { skip: Test };

/** Runs a suite in a runner that tells which rules were broken, with what message, and which were skipped. */
export async function runSuite(suite: (test: SuiteTest) => void) {
  const bodies = new Map<string, Body>();
  const skipped: string[] = [];
  const test = Object.assign((name: string, body: Body) => void bodies.set(name, body), {
    skip: (name: string) => void skipped.push(name),
  });
  suite(test);
  const results = await Promise.all(
    [...bodies].map(async ([name, body]): Promise<[string, Error][]> => {
      try {
        await body();
        return [];
      } catch (thrown) {
        return [[name, thrown as Error]];
      }
    }),
  );
  return { passed: bodies.size - results.flat().length, broken: new Map(results.flat()), skipped };
}

/** What a failure says is wrong, before it says what to do. Instants of these minutes are named `soon`. */
function problemOf(rule: string, { message }: Error): string {
  const soon = (date: string, at: string) =>
    Math.abs(Date.parse(at) - Date.now()) > 600_000 ? date : `soon${/millisecond/.test(rule) ? at.slice(-5) : ''}`;
  return String(message.split('\n\nWhat to do:')[0])
    .replace(/the Date ([\d:.TZ-]+)/g, soon)
    .replace(/\b(?:[\da-f]{31,32}|[\dA-F]{32})\b/g, 'ID')
    .replace(/(codeChallenge: saved) '[\w-]{43}'/, '$1 a random one');
}

/** Runs one rule of a suite. What is wrong, or `passed`. */
export async function runRule(suite: (test: SuiteTest) => void, rule: string): Promise<string> {
  let body: Body = () => Promise.reject(new Error('There is no such rule'));
  const test = Object.assign(
    (name: string, run: Body) => {
      if (name === rule) body = run;
    },
    { skip: () => undefined },
  );
  suite(test);
  return body().then(
    () => 'passed',
    (thrown) => problemOf(rule, thrown),
  );
}

/** What is wrong, for each rule that a store breaks. */
export async function listProblems(suite: (test: SuiteTest) => void): Promise<Record<string, string>> {
  const { broken } = await runSuite(suite);
  return Object.fromEntries([...broken].map(([rule, failure]) => [rule, problemOf(rule, failure)]));
}

/** The names of the rules that a store breaks. */
export async function listBroken(suite: (test: SuiteTest) => void) {
  const { broken } = await runSuite(suite);
  return [...broken.keys()];
}
