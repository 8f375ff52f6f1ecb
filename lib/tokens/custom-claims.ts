import { types } from 'node:util';
import type { Request } from 'express';
import { type ClaimReason, NAME_RULES, type RefusedClaim } from './claim-registry';
import type { ReportClaim } from './claim-report';
import type { IssuerConfiguration } from './options';
import type { Claims, IssuerExchange, TokenKind } from './types';

/** 100 KiB, for all custom claims of a token together. */
export const MAX_CUSTOM_BYTES = 100 * 1024;

/** The host's claims for a token, those that may go in: an object of the caller's own. */
export type CustomClaims = (exchange: IssuerExchange, token: TokenKind, req: Request) => Promise<Claims>;

/** Asks the host for its claims. What is left out is reported. */
export function createCustomClaims({ claims }: IssuerConfiguration, reportClaim: ReportClaim): CustomClaims {
  return async function customClaims(exchange, token, req) {
    return parseCustomClaims(await claims?.(exchange, token, req), token, (refused) => reportClaim(refused, req));
  };
}

/**
 * The host's claims that may go into a token. What may not is left out and reported (CONTRACT I3).
 *
 * @throws TypeError where they are no object, no JSON, or too large.
 */
export function parseCustomClaims(custom: unknown, token: TokenKind, report: (refused: RefusedClaim) => void): Claims {
  if (custom === undefined || custom === null) return {};
  if (typeof custom !== 'object' || Array.isArray(custom) || types.isMap(custom)) {
    throw new TypeError('claims returns an object of claims');
  }
  const accepted = Object.entries(custom).filter(([claim, value]) => {
    const reason = reasonOf(claim, value);
    if (reason) report({ claim, token, reason });
    return !reason;
  });
  // Once to JSON and back: what is measured here is what gets signed.
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

/** JSON leaves out what is undefined, writes null for what is no number, and throws at a bigint and at a circle. */
function hasValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
