import type { Request } from 'express';
import type { Awaitable } from '../types';
import type { Kind, Place, Rotation } from './rotation';

/** A code to save. Durations are in milliseconds. */
export interface NewCode {
  text: string;
  user: string | null;
  /** Until its end. */
  lifetime: number;
  /** For how long it is kept once it is spent. */
  spentLifetime: number;
}

/** A code that was found. */
export interface FoundCode {
  text: string;
  /** Milliseconds since it was spent, by the clock of the store. */
  spentFor: number | null;
  spentBy: string | null;
}

/** A refresh token to save, and what its grant's record is to be from now on. */
export interface NewToken {
  grant: string;
  /** The token that it is issued for, and as what that was found. */
  presented: (Place & { kind: Kind }) | null;
  text: string;
  user: string | null;
  /** The idle end, in milliseconds since 1970. */
  endsAt: number;
  lifetime: number;
  leeway: number;
}

/**
 * How saving a token ended. `revoked`: the grant is revoked, and the token dead on arrival. `overtaken`: the generation that
 * it would join is spent. `unspent`: that generation has not begun. `unknown`: there is no such grant any more.
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

/** A refresh token that was found, with what its grant knows. */
export interface FoundToken {
  place: Place;
  text: string;
  endsAt: number;
  rotation: Rotation;
}

/**
 * What memory, Redis and PostgreSQL each do in their own way; each step is atomic. `grant`, `code`, `token` and `user` are
 * digests of this backend's own.
 */
export interface Backend {
  digest(secret: string): string;
  /** `false` where the code is known. */
  saveCode(grant: string, code: NewCode, req?: Request): Awaitable<boolean>;
  findCode(grant: string, req?: Request): Awaitable<FoundCode | null>;
  consumeCode(grant: string, spentBy: string | null, spentLifetime: number, req?: Request): Awaitable<boolean>;
  saveToken(token: string, saved: NewToken, req?: Request): Awaitable<Saving>;
  /** `null` where the grant is revoked, too. */
  findToken(token: string, req?: Request): Awaitable<FoundToken | null>;
  consumeToken(place: Place, req?: Request): Awaitable<boolean>;
  /** Moves the idle end, where the token lives. */
  extendToken(place: Place, endsAt: number, req?: Request): Awaitable<unknown>;
  findGrant(grant: string, req?: Request): Awaitable<{ isRevoked: boolean } | null>;
  /** Revokes a grant, known or not, and remembers it for so long at least. */
  revoke(grant: string, lifetime: number, req?: Request): Awaitable<unknown>;
  revokeUser(user: string, lifetime: number, req?: Request): Awaitable<unknown>;
}
