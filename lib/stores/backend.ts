import type { Request } from 'express';
import type { Awaitable } from '../types';
import type { Kind, Place, Rotation } from './rotation';

/** A code to save. Durations are in milliseconds. */
export interface NewCode {
  text: string;
  user: string | null;
  /** Milliseconds until the code expires. */
  lifetime: number;
  /** Milliseconds for which it is kept after it is spent. */
  spentLifetime: number;
}

/** A code that was found. */
export interface FoundCode {
  text: string;
  /** Milliseconds since it was spent, by the clock of the store. */
  spentFor: number | null;
  spentBy: string | null;
}

/** A refresh token to save, and the new record of its grant. */
export interface NewToken {
  grant: string;
  /** The token that it replaces, and the kind under which that was found. */
  presented: (Place & { kind: Kind }) | null;
  text: string;
  user: string | null;
  /** The idle end, in milliseconds since 1970. */
  endsAt: number;
  lifetime: number;
  leeway: number;
}

/**
 * The results of saving a token. `revoked`: the grant is revoked, so the token never works. `overtaken`: the generation
 * that it would join is spent. `unspent`: that generation has not begun. `unknown`: the grant does not exist any more.
 */
export const SAVINGS = Object.freeze([
  'saved',
  'revoked',
  'known',
  'overtaken',
  'too_often',
  'unspent',
  'unknown',
] as const);
export type Saving = (typeof SAVINGS)[number];

/** A refresh token that was found, with the state of its grant. */
export interface FoundToken {
  place: Place;
  text: string;
  endsAt: number;
  rotation: Rotation;
}

/**
 * What memory, Redis and PostgreSQL each implement. Each step is atomic. `grant`, `code`, `token` and `user` are
 * digests made by this backend.
 */
export interface Backend {
  digest(secret: string): string;
  /** Returns `false` if the code is known already. */
  saveCode(grant: string, code: NewCode, req?: Request): Awaitable<boolean>;
  findCode(grant: string, req?: Request): Awaitable<FoundCode | null>;
  consumeCode(grant: string, spentBy: string | null, spentLifetime: number, req?: Request): Awaitable<boolean>;
  saveToken(token: string, saved: NewToken, req?: Request): Awaitable<Saving>;
  /** Returns `null` for an unknown token, and if the grant is revoked. */
  findToken(token: string, req?: Request): Awaitable<FoundToken | null>;
  consumeToken(place: Place, req?: Request): Awaitable<boolean>;
  /** Sets a new idle end, if the token is live. */
  extendToken(place: Place, endsAt: number, req?: Request): Awaitable<unknown>;
  findGrant(grant: string, req?: Request): Awaitable<{ isRevoked: boolean } | null>;
  /** Revokes a grant, known or not, and remembers that for at least this long. */
  revoke(grant: string, lifetime: number, req?: Request): Awaitable<unknown>;
  revokeUser(user: string, lifetime: number, req?: Request): Awaitable<unknown>;
}
