import { types } from 'node:util';
import type { Request } from 'express';
import { wrongReturn } from '../received';
import { type ClaimReason, NAME_RULES, type RefusedClaim } from './claim-registry';
import type { IssuerConfiguration } from './options';
import type { Claims, IssuerExchange, TokenKind } from './types';

/** 100 KiB, for all custom claims of a token together. */
export const MAX_CUSTOM_BYTES = 100 * 1024;

/** The host's claims for the tokens of an exchange, and those that were left out. */
export interface CustomClaims {
  access_token: Claims;
  id_token: Claims;
  refused: readonly RefusedClaim[];
}

/** Asks the host for its claims for these tokens. */
export type FindCustomClaims = (
  exchange: IssuerExchange,
  tokens: readonly TokenKind[],
  req: Request,
) => Promise<CustomClaims>;

export function createCustomClaims({ claims }: IssuerConfiguration): FindCustomClaims {
  if (!claims) return async () => NONE;
  return async function findCustomClaims(exchange, tokens, req) {
    const refused: RefusedClaim[] = [];
    const found = { access_token: {}, id_token: {}, refused };
    for (const token of tokens) {
      found[token] = parseCustomClaims(await claims(exchange, token, req), token, (each) => refused.push(each));
    }
    return found;
  };
}

const NONE: CustomClaims = Object.freeze({ access_token: {}, id_token: {}, refused: [] });

/**
 * Parses the host's claims for a token (RFC 7519 §4.2, §4.3). Leaves out and reports those that may not go in.
 *
 * @throws TypeError if they are no object, no JSON, or too large.
 */
export function parseCustomClaims(custom: unknown, token: TokenKind, report: (refused: RefusedClaim) => void): Claims {
  if (custom === undefined || custom === null) return {};
  if (typeof custom !== 'object' || Array.isArray(custom) || types.isMap(custom) || types.isSet(custom)) {
    throw wrongReturn('claims', custom, 'an object of claims, or null');
  }
  const accepted = Object.entries(custom).filter(([claim, value]) => {
    const reason = reasonOf(claim, value);
    if (reason) report({ claim, token, reason });
    return !reason;
  });
  // Through JSON once, so that exactly what was measured here gets signed.
  const json = JSON.stringify(Object.fromEntries(accepted));
  if (Buffer.byteLength(json) > MAX_CUSTOM_BYTES) {
    throw new TypeError(`claims returned more than ${MAX_CUSTOM_BYTES} bytes for the ${token}`);
  }
  return JSON.parse(json);
}

function reasonOf(claim: string, value: unknown): ClaimReason | undefined {
  const broken = NAME_RULES.find(({ isBroken }) => isBroken(claim));
  if (broken) return broken.reason;
  return hasValue(value) ? undefined : 'claim_without_value';
}

/** JSON.stringify leaves out undefined, writes null for NaN, and throws at a bigint and at a circular object. */
function hasValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
