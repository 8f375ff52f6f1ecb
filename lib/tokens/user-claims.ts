import { types } from 'node:util';
import type { Request } from 'express';
import { OAuthError } from '../errors';
import { describeKind } from '../received';
import { CLAIMS_OF_SCOPE } from './claim-registry';
import type { ReportClaim } from './claim-report';
import type { IssuerConfiguration } from './options';
import { parseInstant } from './record-values';
import type { Claims, IssuerExchange } from './types';

/** Finds the user's claims for these scopes, for the ID token. */
export type FindProfile = (exchange: IssuerExchange, scopes: readonly string[], req: Request) => Promise<Claims>;

/** Calls `users`. Refuses if the user does not exist any more. */
export function createProfiles({ users }: IssuerConfiguration, reportClaim: ReportClaim): FindProfile {
  return async function findProfile(exchange, scopes, req) {
    if (!users) return {};
    const user: unknown = await users(exchange, req);
    if (user === null || user === undefined) {
      throw new OAuthError('invalid_grant', 'The user is not known any more', { reason: 'user_unknown' });
    }
    // A list or a Map is a fault: an empty one may mean that there is no such user.
    if (typeof user !== 'object' || Array.isArray(user) || types.isMap(user) || types.isSet(user)) {
      throw new TypeError(
        `users returned ${describeKind(user)}. Return an object of the user's standard claims, or null`,
      );
    }
    if (!scopes.includes('openid')) return {};
    const names = scopes.flatMap((scope) => CLAIMS_OF_SCOPE[scope] ?? []);
    return parseClaims(user as Claims, names, parseStandardClaim, (claim) =>
      reportClaim({ claim, token: 'id_token', reason: 'claim_malformed' }, req),
    );
  };
}

type ParseClaim = (name: string, value: unknown, report: (claim: string) => void) => unknown;

/**
 * Picks the claims with these names. Leaves out empty ones (OpenID Connect Core §5.3.2), and reports those of a wrong
 * type.
 */
function parseClaims(
  from: Claims,
  names: readonly string[],
  parse: ParseClaim,
  report: (claim: string) => void,
): Claims {
  const claims: Record<string, unknown> = {};
  for (const name of names) {
    const value = from[name];
    if (value === null || value === undefined || value === '') continue;
    const claim = parse(name, value, report);
    if (claim === undefined) report(name);
    else if (claim !== null) claims[name] = claim;
  }
  return claims;
}

/** Converts a claim to its type (OpenID Connect Core §5.1), if the meaning of the value is clear. */
function parseStandardClaim(name: string, value: unknown, report: (claim: string) => void): unknown {
  if (name === 'updated_at') return parseInstant(toNumber(value));
  if (name === 'email_verified' || name === 'phone_number_verified') return parseBoolean(value);
  if (name === 'address') return parseAddress(value, report);
  // Not a number, which has lost leading zeros and the plus sign.
  if (name === 'phone_number') return typeof value === 'string' ? value : undefined;
  if (name === 'birthdate') return parseBirthdate(value);
  return parseText(value);
}

function parseText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof URL) return value.href;
  return Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : undefined;
}

/** Refuses a `Date`, because its day depends on the time zone. */
function parseBirthdate(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}(?:-\d\d-\d\d)?$/.test(value) ? value : undefined;
}

const toNumber = (value: unknown) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value);

const TRUE: readonly unknown[] = [true, 1, 1n, '1', 'true'];
const FALSE: readonly unknown[] = [false, 0, 0n, '0', 'false'];

/** Accepts the booleans of databases and forms. */
function parseBoolean(value: unknown): boolean | undefined {
  const given = typeof value === 'string' ? value.toLowerCase() : value;
  if (TRUE.includes(given)) return true;
  return FALSE.includes(given) ? false : undefined;
}

const ADDRESS: readonly string[] = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country'];

/** Parses an address (OpenID Connect Core §5.1.1). A text is the formatted address. */
function parseAddress(value: unknown, report: (claim: string) => void): Claims | null | undefined {
  // A text in brackets may be JSON.
  if (typeof value === 'string') return /^\s*[[{]/.test(value) ? undefined : { formatted: value };
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const given = value as Claims;
  const address = parseClaims(
    given,
    ADDRESS,
    (_name, member) => parseText(member),
    (member) => report(`address.${member}`),
  );
  if (Object.keys(address).length > 0) return address;
  return ADDRESS.some((name) => name in given) ? null : undefined;
}
