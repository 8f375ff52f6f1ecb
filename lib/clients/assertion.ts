import { type Algorithm, type AlgorithmName, algorithmOf } from '../jws/algorithms';
import { checkExtensions, isType, type JsonObject, parseJws, parseObject } from '../jws/compact';
import { JwsError } from '../jws/error';
import { invalidClient } from '../refusals';

/** A parsed assertion (RFC 7523 §2.2) that has not expired. Its signature is not verified yet. */
export interface Assertion {
  /** The client: its `iss` and `sub`. */
  clientId: string;
  jti: string;
  /** Milliseconds. */
  expiresAt: number;
  kid: string | undefined;
  algorithm: Algorithm;
  /** The bytes that were signed. */
  signed: Buffer;
  signature: Buffer;
}

/** Milliseconds by which two clocks may differ. */
const CLOCK_LEEWAY_MS = 10_000;
const MAX_LIFETIME_MS = 3_600_000;
/** Printable ASCII, which every store can hold. A UUID has 36 characters. */
const JTI = /^[\x20-\x7E]{1,256}$/;

/** Parses an assertion. Refuses JWTs of another type, such as ID tokens, access tokens and DPoP proofs. */
export function parseAssertion(text: string, algorithms: readonly AlgorithmName[]): Assertion & { audience: unknown } {
  const { header: encoded, payload, signed, signature } = parseJws(text);
  const header = parseObject(encoded);
  const { kid, algorithm } = parseHeader(header, algorithms);
  const claims = parseClaims(payload);
  return { ...claims, audience: payload.aud, kid, algorithm, signed, signature };
}

function parseHeader(header: JsonObject, algorithms: readonly AlgorithmName[]) {
  const { typ, alg, kid } = header;
  if (typ !== undefined && !isType(typ, 'jwt') && !isType(typ, 'client-authentication+jwt')) {
    throw invalidClient('client_assertion_type_wrong');
  }
  checkExtensions(header);
  const algorithm = algorithmOf(algorithms.find((name) => name === alg));
  if (!algorithm) throw new JwsError('algorithm_unsupported');
  if (kid !== undefined && typeof kid !== 'string') throw new JwsError('malformed');
  return { kid, algorithm };
}

function parseClaims({ iss, sub, jti, exp, iat, nbf }: JsonObject) {
  const issuer = parseText('iss', iss);
  const clientId = parseText('sub', sub);
  if (issuer !== clientId) throw invalidClient('client_assertion_issuer_wrong');
  if (typeof jti !== 'string' || !JTI.test(jti)) throw malformed('jti', 'a string of 1 to 256 printable characters');
  const expiresAt = parseInstant('exp', exp);
  const now = Date.now();
  if (expiresAt + CLOCK_LEEWAY_MS <= now) throw invalidClient('client_assertion_expired');
  if (expiresAt - CLOCK_LEEWAY_MS > now + MAX_LIFETIME_MS) throw invalidClient('client_assertion_lives_too_long');
  for (const [name, claim] of Object.entries({ iat, nbf })) {
    if (claim !== undefined && parseInstant(name, claim) - CLOCK_LEEWAY_MS > now) {
      throw invalidClient('client_assertion_too_new');
    }
  }
  // Another server may have a slower clock, and accept the assertion a little longer.
  return { clientId, jti, expiresAt: Math.floor(expiresAt) + 1 + 2 * CLOCK_LEEWAY_MS };
}

const malformed = (name: string, expected: string) =>
  invalidClient('client_assertion_claim_malformed', { cause: new TypeError(`The claim ${name} must be ${expected}`) });

function parseText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(name, 'a string that is not empty');
}

/** Parses seconds, also with a fraction. Returns milliseconds. */
function parseInstant(name: string, value: unknown): number {
  if (Number.isFinite(value)) return Number(value) * 1000;
  throw malformed(name, 'a finite number');
}

/**
 * Checks that the assertion names this server (RFC 7523 §3, point 3). Refuses a list, unless that is allowed for older
 * clients: each server in a list could use the assertion at the others.
 */
export function checkAudience(audience: unknown, accepted: readonly unknown[], allowsList: boolean): void {
  const named = Array.isArray(audience) && allowsList ? audience : [audience];
  if (named.some((name) => accepted.includes(name))) return;
  throw invalidClient('client_assertion_audience_wrong', {
    cause: new Error(`The assertion must name ${accepted.join(' or ')} as its aud`),
  });
}
