import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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
  };
}

export type ModelParts = ReturnType<typeof createModelParts>;

/** A store of codes that keeps every rule, unless a part of it is broken. */
export function createModelCodes(breakPart: (parts: ModelParts) => Partial<ModelParts> = () => ({})) {
  const sound = createModelParts();
  const { table, keyOf, copy, insert, select, spend, revoke, selectRevoked, touch, restart } = {
    ...sound,
    ...breakPart(sound),
  };
  const connect = () => ({
    saveCode: async (code: string, record: AuthorizationCode) => {
      await insert(keyOf(code), copy(record));
      touch(record);
    },
    findCode: async (code: string) => {
      const record = await select(keyOf(code));
      return record && Object.assign(copy(record), { id: keyOf(code), grantId: keyOf(code) });
    },
    consumeCode: async (code: AuthorizationCode & { id: string }) => {
      touch(code);
      return spend(code.id);
    },
    revokeTokens: async ({ id }: AuthorizationCode & { id: string }) => revoke(id),
    isRevoked: (grantId: string) => selectRevoked(grantId),
  });
  return {
    stores: [connect(), connect()] as const,
    dump: () => JSON.stringify([...table]),
    restart: async () => {
      await restart();
      return [connect()] as const;
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
  };
}

export type ModelJtiParts = ReturnType<typeof createModelJtiParts>;

/** A store of `jti`s that keeps every rule, unless a part of it is broken. */
export function createModelJtis(breakPart: (parts: ModelJtiParts) => Partial<ModelJtiParts> = () => ({})) {
  const sound = createModelJtiParts();
  const { keyOf, insert, restart } = { ...sound, ...breakPart(sound) };
  const connect = () => ({ consumeJti: async (jti: DpopJti) => insert(keyOf(jti), jti.expiresAt) });
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
  };
}

export type ModelRefreshTokenParts = ReturnType<typeof createModelRefreshTokenParts>;

/** A store of refresh tokens that keeps every rule, unless a part of it is broken. */
export function createModelRefreshTokens(
  breakPart: (parts: ModelRefreshTokenParts) => Partial<ModelRefreshTokenParts> = () => ({}),
) {
  const sound = createModelRefreshTokenParts();
  const parts = { ...sound, ...breakPart(sound) };
  const { table, keyOf, grantKeyOf, copy, insert, select, spend, revoke, touch, restart } = parts;
  const connect = () => ({
    saveRefreshToken: async (refreshToken: string, record: SavedToken) => {
      await insert(keyOf(refreshToken), copy(record), grantKeyOf(record.grantId));
      touch(record);
    },
    findRefreshToken: async (refreshToken: string) => {
      const record = await select(keyOf(refreshToken), grantKeyOf);
      return record && Object.assign(copy(record), { tokenId: keyOf(refreshToken) });
    },
    consumeRefreshToken: async (found: SavedToken & { tokenId: string }) => {
      touch(found);
      return spend(found.tokenId, grantKeyOf(found.grantId));
    },
    revokeTokens: async ({ grantId }: SavedToken) => revoke(grantKeyOf(grantId)),
  });
  return {
    stores: [connect(), connect()] as const,
    dump: () => JSON.stringify([...table]),
    restart: async () => {
      await restart();
      return [connect()] as const;
    },
  };
}

type Body = () => Promise<void>;
type Test = (name: string, body: Body) => void;

/** Runs a suite in a runner that tells which rules were broken, with what message, and which were skipped. */
export async function runSuite(suite: (test: Test & { skip: Test }) => void) {
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

/** The names of the rules that a store breaks. */
export async function listBroken(suite: (test: Test & { skip: Test }) => void) {
  const { broken } = await runSuite(suite);
  return [...broken.keys()];
}
